import math

import pytest
import torch
from code_rewards import POINTS, function, inputs
from torch.nn import functional

from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.operations import OPERATIONS, TABLE
from vls_core.rewards.code.parameters import REQUIRED, Kind

CASES = {
    # What a reward may say, and what torch makes of it: t is the trajectory, k a keypoint.
    'torch.abs(t)': lambda t, k: t.abs(),
    '-t + 1.0': lambda t, k: 1 - t,
    '(t - k).square().sum(dim=-1)': lambda t, k: ((t - k) ** 2).sum(-1),
    't ** 3': lambda t, k: t**3,
    '2.0 ** t': lambda t, k: 2.0**t,
    '0.9 ** torch.arange(6)': lambda t, k: 0.9 ** torch.arange(6.0),
    '1.0 / (1.0 + t)': lambda t, k: 1 / (1 + t),
    'torch.norm(t - k, dim=-1)': lambda t, k: (t - k).norm(dim=-1),
    'torch.norm(t - k, 1, -1, True)': lambda t, k: (t - k).norm(1, -1, True),
    'torch.linalg.norm(t - k, axis=2)': lambda t, k: torch.linalg.norm(t - k, dim=2),
    '(t - k).norm(p=2, dim=-1, keepdim=True)': lambda t, k: (t - k).norm(dim=-1, keepdim=True),
    'torch.sqrt(t)': lambda t, k: t.sqrt(),
    't ** 0.5': lambda t, k: t.sqrt(),
    'torch.exp(-t / 0.1)': lambda t, k: (-t / 0.1).exp(),
    'torch.log(t + 1.0)': lambda t, k: t.log1p(),
    'torch.sigmoid(t)': lambda t, k: t.sigmoid(),
    'torch.nn.functional.softplus(t, beta=5.0)': lambda t, k: functional.softplus(t, 5.0),
    'torch.relu(0.5 - t)': lambda t, k: (0.5 - t).relu(),
    't.clamp(min=0.2, max=0.6)': lambda t, k: t.clamp(0.2, 0.6),
    'torch.clamp(t, k, max=0.9)': lambda t, k: torch.maximum(t, k).clamp(max=0.9),
    'torch.minimum(t, 0.5)': lambda t, k: t.clamp(max=0.5),
    'torch.maximum(t, k)': lambda t, k: torch.maximum(t, k),
    'torch.min(t, dim=1).values': lambda t, k: t.amin(1),
    'torch.min(t, dim=1)[0]': lambda t, k: t.amin(1),
    't.max(dim=1, keepdim=True).values': lambda t, k: t.amax(1, keepdim=True),
    't.max()': lambda t, k: t.max(),
    'torch.max(t, t * 0.5 + 0.2)': lambda t, k: torch.maximum(t, t * 0.5 + 0.2),
    't.amin(dim=(1, 2))': lambda t, k: t.amin((1, 2)),
    't.mean(1)': lambda t, k: t.mean(1),
    't.sum(dim=(1, 2), keepdim=True)': lambda t, k: t.sum((1, 2), True),
    't.std(dim=1)': lambda t, k: t.std(1),
    't.var(1)': lambda t, k: t.var(1),
    't.prod(dim=-1)': lambda t, k: t.prod(-1),
    '-torch.logsumexp(-10.0 * t, dim=1) / 10.0': lambda t, k: -(-10 * t).logsumexp(1) / 10,
    'torch.softmax(t, dim=1)': lambda t, k: t.softmax(1),
    'torch.nn.functional.softmin(t, dim=1)': lambda t, k: (-t).softmax(1),
    'torch.cumsum(t, dim=1)': lambda t, k: t.cumsum(1),
    't.cummax(dim=1).values': lambda t, k: t.cummax(1).values,
    'torch.diff(t, dim=1)': lambda t, k: t[:, 1:] - t[:, :-1],
    'torch.diff(t, n=2, dim=1)': lambda t, k: t.diff(2, 1),
    'torch.where(t > k, t, 0.0)': lambda t, k: torch.where(t > k, t, 0.0),
    '(t > 0.2) & ~(t >= 0.8) | (t < 0.1)': lambda t, k: (t > 0.2) & ~(t >= 0.8) | (t < 0.1),
    '(t > 0.5).float() * t': lambda t, k: (t > 0.5).float() * t,
    '(t > 0.5).sum(dim=1)': lambda t, k: (t > 0.5).sum(1).float(),
    't @ k': lambda t, k: t @ k,
    'torch.dot(k, k)': lambda t, k: k @ k,
    'torch.cross(t, t * k)': lambda t, k: torch.linalg.cross(t, t * k),
    'torch.linalg.vecdot(t, t)': lambda t, k: (t * t).sum(-1),
    'torch.atan2(t[..., 1], t[..., 0])': lambda t, k: torch.atan2(t[..., 1], t[..., 0]),
    'torch.hypot(t[..., 1], t[..., 0])': lambda t, k: t[..., :2].norm(dim=-1),
    'torch.cosine_similarity(t, t + k, dim=-1)':
        lambda t, k: functional.cosine_similarity(t, t + k, -1),
    'torch.nn.functional.normalize(t, dim=-1)': lambda t, k: functional.normalize(t, dim=-1),
    'torch.stack([t[:, 0], t[:, 1]], dim=1)': lambda t, k: t[:, :2],
    'torch.cat((t, t[:, 0:1]), dim=1)': lambda t, k: torch.cat([t, t[:, :1]], 1),
    'k[None, None, :].expand(4, 6, 3)': lambda t, k: k.expand(4, 6, 3),
    'k.view(1, 1, 3).repeat(4, 6, 1)': lambda t, k: k.repeat(4, 6, 1),
    'k.unsqueeze(0).expand_as(t[:, 0])': lambda t, k: k.expand(4, 3),
    't.reshape(t.shape[0], -1)': lambda t, k: t.flatten(1),
    't.permute(0, 2, 1)': lambda t, k: t.transpose(1, 2),
    't.flip(1)': lambda t, k: t.flip(1),
    't[:, 1:-1, :2]': lambda t, k: t[:, 1:-1, :2],
    't[:, ::2, None]': lambda t, k: t[:, ::2, None],
    't[:, -max(1, t.shape[1] // 3):]': lambda t, k: t[:, -2:],
    't[:, int(0.5 * t.size(1))]': lambda t, k: t[:, 3],
    'torch.tensor([[0.1, 0.2], [0.3, 2]])': lambda t, k: torch.tensor([[0.1, 0.2], [0.3, 2]]),
    't.new_tensor([0.0, 0.0, 0.1])': lambda t, k: torch.tensor([0.0, 0.0, 0.1]),
    'torch.linspace(0.0, 1.0, 6)': lambda t, k: torch.linspace(0, 1, 6),
    'torch.arange(1, 7, 2)': lambda t, k: torch.tensor([1.0, 3.0, 5.0]),
    'torch.zeros(t.shape)': lambda t, k: torch.zeros(4, 6, 3),
    'torch.ones(t.shape[0], 3)': lambda t, k: torch.ones(4, 3),
    'torch.full((2, 3), 0.5)': lambda t, k: torch.full((2, 3), 0.5),
    'torch.full_like(t, 0.5)': lambda t, k: torch.full_like(t, 0.5),
    'torch.lerp(t, t * 0.0, 0.25)': lambda t, k: 0.75 * t,
    'abs(t - 0.5) * abs(-2)': lambda t, k: 2 * (t - 0.5).abs(),
    't * min(2, 3) * float(len(t)) * torch.pi': lambda t, k: t * 8 * math.pi,
    't * (7 % 4) * (2 ** -1) * (-1)': lambda t, k: t * -1.5,
}
ARGUMENTS = {
    Kind.TENSOR: 't', Kind.OPERAND: 't', Kind.NUMBER: '2.0', Kind.INTEGER: '1',
    Kind.FLAG: 'True', Kind.DIMENSIONS: '1', Kind.DIMENSION_OR_TENSOR: '1', Kind.SIZES: '(3,)',
    Kind.TENSORS: '[t, t]', Kind.NUMBERS: '[0.1, 0.2]',
}


def compiled(expression):
    return compile_reward(function("t = trajectory\nk = keypoints['red cube']", expression))


@pytest.mark.parametrize('expression', CASES)
def test_what_is_allowed_means_what_it_means_in_torch(expression):
    trajectory, gripper = inputs()
    result = compiled(expression)(POINTS, trajectory, gripper)
    expected = CASES[expression](trajectory, POINTS['red cube'])
    torch.testing.assert_close(result, expected, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize('expression', CASES)
def test_results_have_the_precision_of_the_trajectory(expression):
    trajectory, gripper = inputs(dtype=torch.float64)
    result = compiled(expression)(POINTS, trajectory, gripper)
    assert result.dtype in (torch.float64, torch.bool)


@pytest.mark.parametrize('expression', CASES)
def test_the_dry_run_finds_the_shape(expression):
    trajectory, gripper = inputs()
    reward = compiled(expression)
    assert dry_run(reward, POINTS, 4, 5).shape == reward(POINTS, trajectory, gripper).shape


@pytest.mark.parametrize('expression', [
    'torch.norm(t - t, dim=-1)', 'torch.sqrt(t - t)', '(t - t) ** 0.5',
    'torch.hypot(t - t, t - t)',
    'torch.atan2(t - t, t - t)', 'torch.acos(t - t + 1.0)', 'torch.asin(t - t - 1.0)',
    'torch.nn.functional.normalize(t - t, dim=-1)', 'torch.std(t - t, dim=1)',
    'torch.cosine_similarity(t - t, t, dim=-1)', 'torch.linalg.norm(t - t)',
    'torch.norm(t - t, p=1, dim=-1)',
])
@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_gradients_are_finite_at_the_goal(expression, dtype):
    trajectory, gripper = inputs(dtype=dtype)
    result = compiled(expression)(POINTS, trajectory, gripper)
    assert result.isfinite().all()
    assert torch.autograd.grad(result.sum(), trajectory)[0].isfinite().all()


@pytest.mark.parametrize('spelling', sorted(OPERATIONS))
def test_no_operation_takes_keywords_that_reach_further(spelling):
    operation = OPERATIONS[spelling]
    needed = [ARGUMENTS[item.kind] for item in operation.parameters if item.default is REQUIRED]
    for keyword in ('out', 'dtype', 'device', 'requires_grad', 'inplace', 'generator'):
        arguments = ', '.join([*(needed[1:] if spelling[0] == '.' else needed), f'{keyword}=t'])
        with pytest.raises(RewardCodeError, match='is not allowed'):
            compiled(f'{"t" if spelling[0] == "." else ""}{spelling}({arguments})')


@pytest.mark.parametrize('spelling', sorted(
    spelling for spelling, operation in OPERATIONS.items()
    if [item.kind for item in operation.parameters] == [Kind.TENSOR]
    and operation.spellings[0] not in ('len', 'torch.logical_not')
))
def test_operations_on_one_tensor_are_those_of_torch(spelling):
    trajectory, gripper = inputs()
    trajectory = 0.1 + 0.8 * trajectory
    call = f't{spelling}()' if spelling[0] == '.' else f'{spelling}(t)'
    found = getattr(torch.Tensor, spelling[1:], None)
    if found is None:
        found = torch
        for part in spelling.split('.')[1:]:
            found = getattr(found, part)
    torch.testing.assert_close(
        compiled(call)(POINTS, trajectory, gripper), found(trajectory), atol=1e-6, rtol=1e-5
    )


TYPED = {
    'torch.tensor([0.0, 0.1, 0.2], {})': 3, 'torch.as_tensor([0.0, 0.1, 0.2], {})': 3,
    't.new_tensor([0.5], {})': 1, 'torch.zeros(3, {})': 3, 'torch.zeros(2, 3, {})': 6,
    'torch.ones((3,), {})': 3, 'torch.full((3,), 0.5, {})': 3, 'torch.linspace(0, 1, 5, {})': 5,
    'torch.arange(4, {})': 4, 'torch.zeros_like(k, {})': 3, 'torch.ones_like(k, {})': 3,
    'torch.full_like(k, 0.5, {})': 3,
}


@pytest.mark.parametrize('expression', TYPED)
@pytest.mark.parametrize('types', [
    'dtype=t.dtype', 'device=trajectory.device', 'device=gripper.device, dtype=k.dtype',
    "dtype=keypoints['red cube'].dtype, device=t.device",
])
@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_what_is_made_may_be_said_to_have_the_type_it_has_anyway(expression, types, dtype):
    trajectory, gripper = inputs(dtype=dtype)
    result = compiled(expression.format(types))(POINTS, trajectory, gripper)
    assert torch.equal(result, compiled(expression.format(''))(POINTS, trajectory, gripper))
    assert result.dtype is dtype
    assert result.numel() == TYPED[expression]


@pytest.mark.parametrize('expression', TYPED)
@pytest.mark.parametrize('types', [
    'dtype=torch.float32', 'dtype=torch.float', 'dtype=float', 'dtype=None', 'dtype=t',
    'dtype="float32"', 'dtype=t.device', 'device=t.dtype', 'device="cpu"', 'device="cuda"',
    'device=torch.device("cpu")', 'device=None', 'device=0', 'dtype=(t * 2.0).dtype',
    'dtype=t[0].dtype', 'dtype=t.abs().dtype', 'dtype=t.dtype.dtype', 'dtype=torch.dtype',
    'device=torch.device', 'device=torch.cuda.device', 'dtype=keypoints.dtype', 'dtype=y.dtype',
    'dtype=t.dtype, dtype=t.dtype', 'dtype=t.dtype.type', 'dtype=t.data.dtype', 'dtype=_.dtype',
    'dtype=t.__class__', 'dtype=keypoints[k].dtype', 'dtype=keypoints["__x"].dtype',
    'dtype=keypoints["red " + "cube"].dtype', 'device=t.device.type', 'dtype=[t.dtype]',
    'dtype=torch.get_default_dtype()', 'dtype=t.dtype, requires_grad=True', 'layout=t.layout',
    'dtype=t.dtype, out=t', 'Dtype=t.dtype', 'dtype=t.type', 'dtype=(t, k)[0].dtype',
])
def test_no_other_type_can_be_asked_for(expression, types):
    with pytest.raises(RewardCodeError):
        compiled(expression.format(types))


@pytest.mark.parametrize('lines', ['n = 3', 'n = t > 0.5', 'n = t.shape', 'n = t.min(dim=1)'])
@pytest.mark.parametrize('keyword', ['dtype', 'device'])
def test_only_a_tensor_of_numbers_has_the_type_of_the_trajectory(lines, keyword):
    reward = compile_reward(function(
        f't = trajectory\n{lines}', f'torch.zeros(3, {keyword}=n.{keyword})'
    ))
    with pytest.raises(RewardCodeError, match='a tensor of numbers'):
        dry_run(reward, POINTS)
    with pytest.raises(RewardCodeError, match='a tensor of numbers'):
        reward(POINTS, *inputs())


@pytest.mark.parametrize('expression', [
    't.dtype', 't.device', 'torch.sum(t, dtype=t.dtype)', 't.cumsum(dim=1, dtype=t.dtype)',
    't.float(dtype=t.dtype)', 't.to(t.dtype)', 't.to(dtype=t.dtype)', 't.mean(dtype=t.dtype)',
    'torch.softmax(t, dim=1, dtype=t.dtype)', 'torch.stack([t, t], dtype=t.dtype)',
    'torch.rand(3, dtype=t.dtype)', 'torch.empty(3, dtype=t.dtype)', 'float(3, dtype=t.dtype)',
    'torch.zeros(3, t.dtype)', 'torch.norm(t, dtype=t.dtype)', 't.view(dtype=t.dtype)',
])
def test_types_are_no_values_and_nothing_else_takes_them(expression):
    with pytest.raises(RewardCodeError, match='is not allowed'):
        compiled(expression)


@pytest.mark.parametrize('name', ['floor', 'ceil', 'round', 'trunc'])
def test_what_has_no_gradient_is_refused_for_that(name):
    for expression in (f'torch.{name}(t)', f't.{name}()'):
        with pytest.raises(RewardCodeError, match='is not allowed: it has no gradient'):
            compiled(expression)
    with pytest.raises(RewardCodeError) as caught:
        compiled('torch.load("x")')
    assert 'gradient' not in caught.value.reason


def test_every_spelling_belongs_to_one_operation():
    assert len(OPERATIONS) == sum(len(operation.spellings) for operation in TABLE)


def test_every_function_of_torch_that_is_allowed_is_one():
    for spelling in OPERATIONS:
        if spelling.startswith('torch.'):
            found = torch
            for part in spelling.split('.')[1:]:
                found = getattr(found, part)
            assert callable(found)
        elif spelling.startswith('.'):
            assert callable(getattr(torch.Tensor, spelling[1:]))


def test_no_operation_writes_into_its_arguments():
    trajectory, gripper = inputs()
    before = trajectory.detach().clone()
    for expression in CASES:
        compiled(expression)(POINTS, trajectory, gripper)
    assert torch.equal(trajectory, before)
    assert torch.equal(POINTS['red cube'], torch.tensor([0.5, 0.1, 0.02]))
    assert trajectory._version == 0
