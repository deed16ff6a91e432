import hashlib

import pytest
import torch
from code_rewards import POINTS, REACH, function, inputs

from vls_core.rewards.code import limits
from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.errors import BudgetExceededError, RewardCodeError
from vls_core.rewards.code.frame import Budget


def evaluate(lines, value='trajectory[:, 0, 0]'):
    return compile_reward(function(lines, value))(POINTS, *inputs())


def refused(lines, value='trajectory[:, 0, 0]'):
    with pytest.raises(RewardCodeError) as caught:
        compile_reward(function(lines, value))
    return caught.value


def fails(lines, value='trajectory[:, 0, 0]'):
    """Compiles, and fails when it is evaluated."""
    reward = compile_reward(function(lines, value))
    with pytest.raises(RewardCodeError) as caught:
        reward(POINTS, *inputs())
    return caught.value


def test_a_reward_is_what_the_same_text_is_in_torch():
    trajectory, gripper = inputs()
    distance = (trajectory[:, 1:] - POINTS['red cube']).norm(dim=-1)
    weights = torch.linspace(0.1, 1.0, 5)
    expected = -(distance * weights).sum(1) / weights.sum()
    torch.testing.assert_close(compile_reward(REACH)(POINTS, trajectory, gripper), expected)


def test_it_says_what_it_is():
    reward = compile_reward(REACH)
    assert reward.keypoints == ('red cube',)
    assert reward.docstring == 'goal: red cube'
    assert reward.source_hash == hashlib.sha256(REACH.encode()).hexdigest()
    assert not reward.uses_gripper
    assert compile_reward(function('')).uses_gripper


def test_the_bound_on_operations_holds():
    for line in ('x = x + trajectory * i', 'x += trajectory * i', "x += keypoints['red cube']"):
        reward = compile_reward(function(f'x = 0.0\nfor i in range(10):\n    {line}'))
        trajectory, gripper = inputs()
        budget = Budget(trajectory.numel())
        reward.evaluate(POINTS, trajectory, gripper, budget)
        assert 20 <= budget.operations <= reward.operations < 100


def test_loops_and_augmented_assignments_do_what_python_does():
    result = evaluate(
        'total = 0.0\nfor i in range(3, 0, -1):\n    for j in range(2):\n'
        '        total += i * 10 + j\n    total *= 2', 'trajectory * 0.0 + total'
    )
    total = 0.0
    for i in range(3, 0, -1):
        for j in range(2):
            total += i * 10 + j
        total *= 2
    assert result.eq(total).all()


@pytest.mark.parametrize('lines', [
    'x = trajectory\nx += 1.0', 'x = trajectory[:, 0]\nx *= 2.0',
    "x = keypoints['red cube']\nx -= 1.0",
    'x = trajectory * 2.0\ny = x.unsqueeze(0)\nx += 1.0',
    'x = torch.squeeze(trajectory, 0)\nx += 1.0',
    'x = trajectory * 2.0\nfor i in range(2):\n    x += 1.0\n    y = x[:, 0]',
    'x = trajectory.reshape(-1)\nx += 1.0', 'x = trajectory.max(dim=1).values\ny = x\nx += 1.0',
])
def test_what_would_write_into_another_tensor_is_refused(lines):
    assert 'shares its memory' in refused(lines).reason


def test_what_writes_into_nothing_else_is_not():
    trajectory, gripper = inputs()
    before = trajectory.detach().clone()
    evaluate('x = trajectory * 1.0\nx += 1.0\nx -= 2.0\ny = trajectory.clone()\ny *= 3.0\n'
             'n = trajectory.shape[1]\nn -= 1\nx = x + n')
    assert torch.equal(trajectory, before)


def test_a_name_has_a_value_before_it_is_used():
    assert 'not known' in refused('x = y\ny = 1.0').reason
    assert 'not known' in refused('x += 1.0').reason
    assert 'not known' in refused('x = torch').reason
    evaluate('for i in range(2):\n    x = i\ny = x + i')


def test_a_mistake_tells_its_line():
    assert refused('x = 1.0\ny = torch.load("x")').line == 3
    assert fails('x = 1.0\ny = 1.0 / 0.0').line == 3
    assert fails('for i in range(2):\n    x = trajectory[:, 99]').line == 3
    assert fails('', '(trajectory @ trajectory)').line == 2


def test_several_names_get_values_at_the_same_time():
    trajectory, gripper = inputs()
    result = evaluate('x, y = trajectory[:, -1, 0], trajectory[:, -1, 1]\nx, y = y, x',
                      'x - 2.0 * y')
    assert torch.equal(result, trajectory[:, -1, 1] - 2.0 * trajectory[:, -1, 0])
    evaluate('(x, y) = (1.0, 2.0)\nx += y\nx, = y,\nB, n = trajectory.shape, 2.0')


def test_a_shape_is_taken_apart():
    result = evaluate("B, T, D = trajectory.shape\nP, = keypoints['red cube'].shape\n"
                      'b, _, _ = (trajectory * 2.0).shape\nT -= 1',
                      'torch.zeros(B, T, D).sum(dim=(1, 2)) + T + 10 * P + 100 * b')
    assert torch.equal(result, torch.full((4,), 5.0 + 30.0 + 400.0))


@pytest.mark.parametrize('lines', [
    'B, T = trajectory.shape', 'B, T, D, E = trajectory.shape', 'B, T, D = gripper.shape',
    '_, _ = trajectory.shape', 'B, = trajectory.mean().shape', 'n = 1\na, b = n.shape',
])
def test_a_shape_of_another_length_is_refused(lines):
    """By the dry run as well as with numbers."""
    assert 'shape' in fails(lines).reason
    with pytest.raises(RewardCodeError, match='shape'):
        dry_run(compile_reward(function(lines)), POINTS)


@pytest.mark.parametrize('lines', [
    'x, y = 1.0, 2.0, 3.0', 'x, y, z = 1.0, 2.0', 'x, y = trajectory', 'x, y = [1.0, 2.0]',
    '[x, y] = 1.0, 2.0', '() = ()', 'x, () = 1.0, ()', 'x, y = keypoints', '*x, y = 1.0, 2.0',
    'x, *y = trajectory.shape', 'x, (y, z) = 1.0, (2.0, 3.0)', 'x, y[0] = 1.0, 2.0',
    'x, y.shape = 1.0, 2.0', 'x, x = 1.0, 2.0', 'x, trajectory = 1.0, 2.0',
    'gripper, x = 1.0, 2.0', 'x, keypoints = 1.0, 2.0', 'torch, x = 1.0, 2.0',
    'x, len = 1.0, 2.0', 'x, eval = 1.0, 2.0', 'x, y = torch, 1.0', 'x, y = keypoints, 1.0',
    'x, y = torch.norm, 1.0', 'x, y = 1.0, None', 'x, y = 1.0, "red cube"',
    'x, y = 1.0, (2.0, 3.0)', 'x, y = torch.shape', 'x, y = x, 1.0', 'x, y = 1.0, x',
    'x, y = keypoints.shape', 'x, y = trajectory.dtype', 'a = x, y = 1.0, 2.0',
    'x, y += 1.0, 2.0', 'for x, y in range(3):\n    z = x', 'x, __y = 1.0, 2.0',
    'x, _y = 1.0, 2.0', 'x, y = torch.min(trajectory, dim=1)', 'x, y = range(2)',
    'x, y = trajectory.max(dim=1)', 'x, y = (i for i in range(2))', 'x = 1.0, 2.0',
    'x, y = trajectory[:, 0], *trajectory', 'x: float = 1.0', 'x, y = (z := 1.0), 2.0',
])
def test_nothing_else_is_taken_apart(lines):
    refused(lines)


@pytest.mark.parametrize('lines', [
    'x = _', 'B, _, D = trajectory.shape\nx = _', 'B, _, D = trajectory.shape\n_ += 1',
    '_ = 1.0', '_ += 1.0', '_, x = 1.0, _', 'for _ in range(2):\n    x = _',
    'x, __ = 1.0, 2.0', '_, x = trajectory, 1.0\ny = _.abs()', 'x = torch.abs(_)',
    '_, x = 1.0, 2.0\ny = trajectory[_]', '_[0] = 1.0', '_.x = 1.0',
    '_, x = 1.0, 2.0\ny = torch.zeros(3, dtype=_.dtype)', 'for i in range(_):\n    x = i',
])
def test_the_name_of_what_is_not_needed_cannot_be_read(lines):
    assert "the name '_" in refused(lines).reason


def test_the_name_of_what_is_not_needed_can_be_assigned_to():
    result = evaluate('_, T, _ = trajectory.shape\nx = 0.0\nfor _ in range(3):\n    x += T\n'
                      '_, _ = 1.0, 2.0', 'trajectory[:, 0, 0] * 0.0 + x')
    assert result.eq(18.0).all()
    for header in ('_, trajectory', 'keypoints, _'):
        with pytest.raises(RewardCodeError):
            compile_reward(f'def f({header}):\n    return trajectory[:, 0, 0]\n')
    with pytest.raises(RewardCodeError):
        compile_reward(REACH.replace('reach', '_'))


@pytest.mark.parametrize('value', ['1.0', '1', 'trajectory.shape', 'trajectory.min(dim=1)',
                                   'len(trajectory)', 'trajectory.shape[0]'])
def test_a_reward_is_a_tensor(value):
    assert 'tensor' in fails('', value).reason


@pytest.mark.parametrize('lines', [
    'x = 10**5 * 10**5', 'x = 10**10', 'x = 2.0\nfor i in range(60):\n    x = x * x',
    'x = 3\nfor i in range(60):\n    x = x * x', 'x = (-8.0) ** 0.5', 'x = 0.0 ** -1', 'x = 1 % 0',
    'x = 1 // 0', 'x = 5\nfor i in range(9):\n    x = x ** 9', 'x = 10 ** 17', 'x = 2 & 3',
    'x = ~2', 'x = trajectory // 2', 'x = trajectory % 2', 'x = 1 < 2', 'x = 1 @ 2',
    'x = trajectory.shape * 3', 'x = trajectory.min(dim=1) + 1.0', 'x = trajectory ** 20',
    'x = -trajectory.shape', 'x = 1.0[0]', 'x = trajectory.shape[0:1]',
])
def test_numbers_stay_small_real_and_finite(lines):
    assert fails(lines).line


@pytest.mark.parametrize('lines', [
    'x = torch.zeros(2000, 2000)', 'x = torch.linspace(0.0, 1.0, 2000)',
    'x = torch.ones(1000)\ny = x[:, None] * x[:, None, None]\nz = y * x',
    'x = torch.ones(2)\nfor i in range(30):\n    x = torch.cat([x, x])',
    'x = torch.zeros(1).expand(2000, 2000)', 'x = trajectory.repeat(1000, 100, 1)',
    'x = torch.ones(1000, 1000)\ny = x @ x', 'x = torch.zeros(1)[None, None, None, None, None]'
    '\ny = x[None, None]',
    'x = torch.ones(700, 700)\nfor i in range(9):\n    x = x * 1.0',
])
def test_no_memory_is_taken_for_what_is_too_large(lines, monkeypatch):
    """Refused in the dry run as well as with numbers, and nothing large is made before that."""
    largest = []
    charge = Budget.charge
    monkeypatch.setattr(Budget, 'charge', lambda budget, read=0, written=0: (
        charge(budget, read, written), largest.append(written)))
    reward = compile_reward(function(lines))
    with pytest.raises(RewardCodeError):
        dry_run(reward, POINTS)
    with pytest.raises(RewardCodeError):
        reward(POINTS, *inputs())
    assert max(largest, default=0) <= limits.MAXIMUM_ELEMENTS


def test_the_budget_grows_with_the_trajectory():
    lines = 'x = trajectory\nfor i in range(60):\n    x = torch.exp(x) * 0.1'
    for particles in (4, 64, 512):
        dry_run(compile_reward(function(lines)), POINTS, particles, 16)


def test_a_dry_run_tells_shape_and_effort():
    effort = dry_run(compile_reward(REACH), POINTS, particles=8, steps=4)
    assert effort.shape == (8,)
    assert 5 < effort.operations < 40
    assert 8 * 5 * 3 < effort.elements < 20 * 8 * 5 * 3


def test_a_dry_run_knows_the_names():
    with pytest.raises(RewardCodeError, match='there is no keypoint "red cube"; known: mug'):
        dry_run(compile_reward(REACH), ['mug'])


def test_conditions_on_numbers_that_a_dry_run_could_not_see_do_not_exist():
    """Were there any, one dry run would not go through all of a reward."""
    for lines in ('if 1:\n    x = 1', 'x = 1 if 2 else 3', 'while 0:\n    x = 1', 'x = 1 and 2',
                  'x = not 1', 'assert 1', 'x = [1 for i in range(2)]'):
        assert refused(lines)


def test_keypoints_take_the_precision_of_the_trajectory():
    trajectory, gripper = inputs()
    points = {'red cube': POINTS['red cube'].double()}
    assert compile_reward(REACH)(points, trajectory, gripper).dtype is torch.float32


def test_compiling_runs_nothing(monkeypatch):
    monkeypatch.setattr(Budget, 'charge', lambda *_: pytest.fail('something was run'))
    compile_reward(REACH)
    compile_reward(function('for i in range(60):\n    x = torch.zeros(1000, 1000)'))


def test_evaluations_do_not_know_of_each_other():
    reward = compile_reward(REACH)
    trajectory, gripper = inputs()
    first = reward(POINTS, trajectory, gripper)
    with pytest.raises(RewardCodeError):
        reward({}, trajectory, gripper)
    assert torch.equal(reward(POINTS, trajectory, gripper), first)


def test_too_much_is_told_from_what_is_not_allowed():
    too_long = ['for i in range(17):', '    for j in range(17):', '        x = i']
    assert isinstance(refused('\n'.join(too_long)), BudgetExceededError)
    assert not isinstance(refused('import os'), BudgetExceededError)
    many = fails('\n'.join(
        ['x = trajectory', *['x = torch.cat((x, x), dim=1)'] * 16]), 'x[:, 0, 0]')
    assert isinstance(many, BudgetExceededError)
    assert many.line is not None
