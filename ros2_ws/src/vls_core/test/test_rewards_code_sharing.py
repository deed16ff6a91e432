"""What is accepted means what it means in torch, where `+=` writes into memory."""

import pytest
import torch
from code_rewards import POINTS, function, inputs
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.errors import RewardCodeError

NAMES = st.sampled_from(['a', 'b', 'c'])
VIEWS = st.sampled_from([
    '{}', '{}[:]', '{}[..., :]', '+{}', '{}.view(4)', '{}.reshape(-1)', 'torch.squeeze({}, 0)',
    'torch.squeeze(input={}, dim=0)', '{}[None][0]', '{}.float()', '(({}))',
])
VALUES = st.builds(lambda form, name: form.format(name), VIEWS | st.just('{} * 2.0'), NAMES)
ASSIGNMENTS = st.one_of(
    st.builds('{} = {}'.format, NAMES, VALUES),
    st.builds('{}, {} = {}, {}'.format, NAMES, NAMES, VALUES, VALUES),
    st.builds('{}, _, {} = {}, {}, {}'.format, NAMES, NAMES, VALUES, VALUES, VALUES),
    st.builds('{} += 1.0'.format, NAMES), st.builds('{} *= 3.0'.format, NAMES),
)
STATEMENTS = ASSIGNMENTS | st.builds(
    'for _ in range(2):\n    {}\n    {}'.format, ASSIGNMENTS, ASSIGNMENTS
)
START = 'a, b = trajectory[:, 0, 0] * 1.0, trajectory[:, 0, 1] * 2.0\nc = trajectory[:, 0, 2]'
VALUE = 'a + 10.0 * b + 100.0 * c + 1000.0 * trajectory[:, 0, 2]'


def in_torch(source):
    """What Python makes of it."""
    trajectory, gripper = inputs()
    scope = {'torch': torch}
    exec(source, scope)
    return scope['reward'](POINTS, trajectory.detach().clone(), gripper.detach())


def tried(statements):
    """The value, which has to be that of torch; None if it is refused."""
    source = function('\n'.join([START, *statements]), VALUE)
    try:
        result = compile_reward(source)(POINTS, *inputs())
    except RewardCodeError:
        return None
    torch.testing.assert_close(result.detach(), in_torch(source), msg=lambda text: source + text)
    return result


@settings(max_examples=1500)
@given(st.lists(STATEMENTS, min_size=1, max_size=6))
def test_what_is_accepted_is_what_python_makes_of_it(statements):
    tried(statements)


def test_it_is_not_all_refused():
    found = []

    @settings(max_examples=200, database=None, derandomize=True)
    @given(st.lists(STATEMENTS, min_size=1, max_size=6))
    def collect(statements):
        found.append(tried(statements) is not None)

    collect()
    assert sum(found) > len(found) / 5


@pytest.mark.parametrize('lines', [
    'x, y = trajectory, 1.0\nx += 1.0', 'x, y = 1.0, trajectory[:, 0]\ny += 1.0',
    'x = trajectory * 2.0\ny, z = x, 1.0\nx += 1.0', 'x, y = gripper, gripper\ny *= 2.0',
    'x, y = trajectory * 2.0, 1.0\nx, y = y, x\nz = y[0]\ny += 1.0',
    'x = trajectory * 2.0\nx, y = x * 2.0, x.unsqueeze(0)\ny += 1.0',
    'x = trajectory * 2.0\ny = x[0]\nx, z = 1.0, x\nz += 1.0',
    'x = trajectory * 2.0\nfor i in range(2):\n    x += 1.0\n    y, z = x[:, 0], 1.0',
    'x = trajectory * 2.0\nfor _ in range(2):\n    x += 1.0\n    z, _ = 1.0, 2.0\n    y, z = z, x',
    'x = trajectory * 2.0\ny = torch.squeeze(input=x, dim=0)\nx += 1.0',
    'x = trajectory * 2.0\ny = +x\nx += 1.0',
])
def test_what_would_write_into_another_tensor_is_refused(lines):
    with pytest.raises(RewardCodeError, match='shares its memory'):
        compile_reward(function(lines))


@pytest.mark.parametrize('lines', [
    'x, y = trajectory * 2.0, gripper + 1.0\nx += 1.0\ny *= 2.0',
    'B, T, D = trajectory.shape\nT -= 1',
    'x = trajectory\nx, y = x * 1.0, 2.0\nx += 1.0\ny += 1.0',
])
def test_new_values_can_be_added_to(lines):
    compile_reward(function(lines))(POINTS, *inputs())
