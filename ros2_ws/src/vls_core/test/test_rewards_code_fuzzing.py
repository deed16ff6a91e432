"""Random programs: from a grammar of what is allowed and what is not, and damaged good ones.

Whatever the text is, compiling it gives a reward or a RewardCodeError; whatever compiles calls
nothing but the operations of the table, within its budget, and changes nothing.
"""

import ast
import warnings

import pytest
import torch
from code_rewards import POINTS, REACH, inputs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vls_core.rewards.code import limits
from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.frame import Budget
from vls_core.rewards.code.operations import CONSTANTS, OPERATIONS

MANY = settings(max_examples=300, deadline=2000, suppress_health_check=list(HealthCheck))
NAMES = st.sampled_from(['x', 'y', 'goal', 'i', 'trajectory', 'gripper'])
NUMBERS = st.one_of(
    st.integers(-3, 20).map(str), st.floats(-2.0, 2.0).map(lambda value: f'{value:.3f}'),
    st.sampled_from(['1e-6', '1e9', '0', '64', '1e308', '10**9', '9**9**9', 'True', 'None', '1j']),
)
INDICES = st.sampled_from(['0', '-1', ':', '1:', ':-1', '..., 0', ':, 0', ':, -1, :2', ':, None',
                           ':, 1:', '::2', '0, 0, 0', ':, :, 0', '99', '::0', 'x', '...'])
FORBIDDEN = st.sampled_from([
    'torch', 'keypoints', 'torch.load', 'trajectory.data', 'trajectory.__class__', 'os',
    'lambda: 1', '[x for x in y]', '(z := 1)', 'f"{x}"', '"text"', 'x if y else i', 'not x',
    'x and y', 'await x', 'trajectory.item()', 'torch.rand(3)', 'print(x)', 'x < y < i', '*x',
    '{}', '[]', 'x.add_(1)', 'torch.sum(x, out=y)', 'torch.sum(x, dtype=y)', 'torch.ops.aten',
    '().__class__', 'reward(x, y)',
])


def _calls(expressions):
    spellings = st.sampled_from(sorted(OPERATIONS))
    arguments = st.lists(expressions | st.just('(1, 2)') | st.just('[x, y]'), max_size=3)
    keywords = st.sampled_from(['', '', '', 'dim=1', 'dim=-1', 'keepdim=True', 'out=x', 'dtype=x',
                                'min=0.0', 'other=y', 'p=2', 'size=(3,)', 'steps=5'])
    return st.builds(_call, spellings, arguments, keywords)


def _call(spelling, arguments, keyword):
    if spelling.startswith('.'):
        receiver = f'({arguments[0]})' if arguments else 'trajectory'
        return f'{receiver}{spelling}({", ".join([*arguments[1:], keyword])})'.replace(', )', ')')
    return f'{spelling}({", ".join([*arguments, keyword])})'.replace(', )', ')')


def _nested(expressions):
    operators = st.sampled_from(['+', '-', '*', '/', '**', '@', '//', '%', '&', '|', '<', '>='])
    return st.one_of(
        st.builds('({} {} {})'.format, expressions, operators, expressions),
        st.builds('(-{})'.format, expressions), st.builds('(~{})'.format, expressions),
        st.builds('({})[{}]'.format, expressions, INDICES), _calls(expressions),
        st.builds('({}).{}'.format, expressions, st.sampled_from(['shape', 'values', 'T'])),
    )


LEAVES = st.one_of(NAMES, NAMES, NUMBERS, st.just("keypoints['red cube']"), st.just('torch.pi'))
ALLOWED = st.recursive(LEAVES, _nested, max_leaves=8)
MIXED = st.recursive(LEAVES | FORBIDDEN, _nested, max_leaves=8)


def _programs(expressions):
    simple = st.one_of(
        st.builds('{} = {}'.format, NAMES, expressions),
        st.builds('{} {} {}'.format, NAMES, st.sampled_from(['+=', '*=', '-=']), expressions),
    )
    loop = st.builds('for {} in range({}):\n        {}'.format, NAMES,
                     st.sampled_from(['3', '1, 4', '64', '9999', 'x', '0', '5, 0, -1']), simple)
    lines = st.lists(simple | loop, max_size=5)
    return st.builds(_program, lines, expressions)


def _program(lines, value):
    first = ['x = trajectory[:, 0]', 'y = 0.5', "goal = keypoints['red cube']", 'i = 1']
    body = '\n    '.join([*first, *lines, f'return {value}'])
    return f'def reward(keypoints, trajectory, gripper):\n    {body}\n'


def tried(source):
    """The compiled reward, evaluated with and without numbers; None if it is refused."""
    trajectory, gripper = inputs()
    before = trajectory.detach().clone()
    budget = Budget(trajectory.numel())
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            reward = compile_reward(source)
            shape = dry_run(reward, POINTS, 4, 5).shape
            result = reward.evaluate(POINTS, trajectory, gripper, budget)
        except RewardCodeError as error:
            assert error.reason
            return None
        finally:
            assert torch.equal(trajectory, before)
            assert trajectory._version == 0
    assert result.shape == shape
    assert budget.operations <= reward.operations <= limits.MAXIMUM_OPERATIONS
    return reward


def called(source):
    """Everything a source calls or takes from torch."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
        elif isinstance(node, ast.Attribute) and ast.unparse(node).startswith('torch.'):
            found.add(ast.unparse(node))
    return found


def is_allowed(name):
    return (
        name in OPERATIONS or name in CONSTANTS or name == 'range'
        or f'.{name.rpartition(".")[2]}' in OPERATIONS
        or any(spelling.startswith(f'{name}.') for spelling in OPERATIONS)
    )


@MANY
@given(_programs(ALLOWED))
def test_programs_of_allowed_pieces_are_evaluated_or_refused(source):
    tried(source)


@MANY
@given(_programs(MIXED))
def test_what_compiles_calls_only_what_is_in_the_table(source):
    if tried(source) is not None:
        assert all(map(is_allowed, called(source))), source


@MANY
@given(_programs(ALLOWED), FORBIDDEN, st.data())
def test_one_forbidden_piece_is_enough(source, piece, data):
    """Put in place of any expression that is assigned or returned."""
    lines = source.split('\n')
    index = data.draw(st.sampled_from(range(1, len(lines) - 1)))
    head, separator, _ = lines[index].partition('= ')
    lines[index] = f'{head}{separator}{piece}' if separator else f'    return {piece}'
    if 'for ' not in lines[index]:
        assert tried('\n'.join(lines)) is None


@MANY
@given(st.data())
def test_damaged_programs_are_evaluated_or_refused(data):
    source = data.draw(st.sampled_from([REACH, REACH.replace('-(', '-torch.relu(')]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(source)))
        end = min(len(source), start + data.draw(st.integers(0, 12)))
        piece = data.draw(st.one_of(
            st.sampled_from([source[end:end + 9], '(', ')', '[', ':', '\n', '    ', ' = ', '.',
                             ',', '__', 'torch.', '*', '**', '=', '"', "'", '#', '\\', '\t',
                             '-', '0']),
            st.text(max_size=5),
        ))
        source = source[:start] + piece + source[end:]
    tried(source)


@MANY
@given(st.text(max_size=300))
def test_text_is_refused(text):
    assert tried(text) is None


@MANY
@given(st.binary(max_size=300))
def test_bytes_read_as_text_are_refused(content):
    assert tried(content.decode('latin-1')) is None
    assert tried(content.decode('utf-8', 'surrogateescape')) is None


def test_programs_of_allowed_pieces_are_not_all_refused():
    """Else the tests above would say nothing about evaluation."""
    found = []

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(_programs(ALLOWED))
    def collect(source):
        found.append(tried(source) is not None)

    collect()
    assert sum(found) > len(found) / 20


@pytest.mark.parametrize('name', ['torch.load', 'x.item', 'print', 'torch.rand', 'x.__class__'])
def test_the_test_knows_what_is_not_allowed(name):
    assert not is_allowed(name)
