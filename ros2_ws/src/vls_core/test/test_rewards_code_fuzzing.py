"""Random programs: from a grammar of what is allowed and what is not, and damaged good ones.

Whatever the text is, compiling it gives a reward or a RewardCodeError; whatever compiles calls
nothing but the operations of the table, within its budget, and changes nothing.
"""

import ast
import re
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
from vls_core.rewards.code.parameters import REQUIRED, Kind

MANY = settings(max_examples=300, suppress_health_check=list(HealthCheck))
NAMES = st.sampled_from(['x', 'y', 'goal', 'trajectory', 'gripper'])
TARGETS = st.sampled_from(['x', 'y', 'goal'])
ODD_TARGETS = st.sampled_from(['x', 'z', 'i', 'trajectory', 'torch', 'x[0]', '_x', '_',
                               '(x, y)', '*x', 'x, y'])
NUMBERS = st.one_of(
    st.integers(-3, 20).map(str), st.floats(-2.0, 2.0).map(lambda value: f'{value:.3f}'),
    st.floats(-2.0, 2.0).map(lambda value: f'{value:.3f}'),
)
ODD_NUMBERS = st.sampled_from(['1e-6', '1e9', '0', '64', '1e308', '10**9', '9**9**9', 'True',
                               'None', '1j'])
FITTING = {
    Kind.NUMBER: NUMBERS, Kind.INTEGER: st.sampled_from(['0', '1', '-1', '2']),
    Kind.FLAG: st.just('True'), Kind.DIMENSIONS: st.sampled_from(['0', '-1', '(0, 1)']),
    Kind.DIMENSION_OR_TENSOR: st.sampled_from(['0', '-1']),
    Kind.SIZES: st.sampled_from(['(4, 3)', '-1', '3', '(1, 0)', 'x.shape']),
    Kind.TENSORS: st.sampled_from(['[x, x]', '(x, x * 2.0)']),
    Kind.NUMBERS: st.sampled_from(['[0.0, 0.0, 0.1]', '0.5']),
}
INDICES = st.sampled_from(['0', '-1', ':', '1:', ':-1', '..., 0', 'None', '...', '::2'])
ODD_INDICES = st.sampled_from([':, 0', ':, -1, :2', '0, 0, 0', '99', '::0', '::-1', 'x', '[0]'])
FORBIDDEN = st.sampled_from([
    'torch', 'keypoints', 'torch.load', 'trajectory.data', 'trajectory.__class__', 'os',
    'lambda: 1', '[x for x in y]', '(z := 1)', 'f"{x}"', '"text"', 'x if y else i', 'not x',
    'x and y', 'await x', 'trajectory.item()', 'torch.rand(3)', 'print(x)', 'x < y < i', '*x',
    '{}', '[]', 'x.add_(1)', 'torch.sum(x, out=y)', 'torch.sum(x, dtype=y)', 'torch.ops.aten',
    '().__class__', 'reward(x, y)', '_', 'trajectory.dtype', 'torch.zeros(3, dtype=torch.half)',
    'torch.zeros(3, device="cuda")', 'torch.zeros(3, dtype=x.data.dtype)',
])


def _grammar(leaves, wild):
    """Expressions of pieces that fit together; the wild ones are put together anyhow."""
    return st.recursive(leaves, lambda parts: _nested(parts, wild), max_leaves=8 if wild else 5)


def _nested(expressions, wild):
    operators = st.sampled_from(['+', '-', '*', '/'])
    pieces = [
        st.builds('({} {} {})'.format, expressions, operators, expressions),
        st.builds('(-{})'.format, expressions),
        st.builds('({})[{}]'.format, st.sampled_from(['trajectory', 'x * 1.0']), INDICES),
        _calls(expressions), _calls(expressions),
    ]
    if wild:
        operators = st.sampled_from(['**', '@', '//', '%', '&', '|', '<', '>=', '==', '<<'])
        pieces += [
            st.builds('({} {} {})'.format, expressions, operators, expressions),
            st.builds('({})[{}]'.format, expressions, INDICES | ODD_INDICES),
            st.builds('(~{})'.format, expressions),
            st.builds('({}).{}'.format, expressions, st.sampled_from(['shape', 'values', 'T'])),
            st.sampled_from(sorted(OPERATIONS)).flatmap(
                lambda spelling: _any_arguments(spelling, expressions)),
        ]
    return st.one_of(pieces)


def _calls(expressions):
    return st.sampled_from(sorted(OPERATIONS)).flatmap(
        lambda spelling: _fitting(spelling, expressions)
    )


def _fitting(spelling, expressions):
    needed = [item for item in OPERATIONS[spelling].parameters if item.default is REQUIRED]
    arguments = st.tuples(*(FITTING.get(item.kind, expressions) for item in needed))
    return st.builds(_call, st.just(spelling), arguments, st.just(''))


def _any_arguments(spelling, expressions):
    arguments = st.lists(expressions | st.just('(1, 2)') | st.just('[x, y]'), max_size=3)
    keywords = st.sampled_from(['', '', '', 'dim=1', 'dim=-1', 'keepdim=True', 'out=x', 'dtype=x',
                                'dtype=x.dtype', 'device=goal.device', 'min=0.0', 'other=y',
                                'p=2', 'size=(3,)', 'steps=5'])
    return st.builds(_call, st.just(spelling), arguments, keywords)


def _call(spelling, arguments, keyword):
    receiver = ''
    if spelling.startswith('.'):
        receiver, arguments = f'({arguments[0]})' if arguments else 'trajectory', arguments[1:]
    return f'{receiver}{spelling}({", ".join([*arguments, *filter(None, [keyword])])})'


LEAVES = st.one_of(
    NAMES, NAMES, NAMES, NUMBERS, st.just("keypoints['red cube']"), st.just('torch.pi')
)
ALLOWED = _grammar(LEAVES, wild=False)
MIXED = _grammar(LEAVES | ODD_NUMBERS | FORBIDDEN, wild=True)


def _programs(expressions, targets=TARGETS, ranges=('3', '1, 4', '2', '5, 0, -1')):
    simple = st.one_of(
        st.builds('{} = {}'.format, targets, expressions),
        st.builds('{} {} {}'.format, targets, st.sampled_from(['+=', '*=', '-=']), expressions),
        st.builds('{}, {} = {}, {}'.format, targets, targets | st.just('_'), expressions, NAMES),
        st.builds('{} = {}.shape'.format, st.sampled_from(['n, _', 'n, _', '_, n, _']),
                  st.sampled_from(['gripper', 'gripper', 'trajectory', 'x'])),
    )
    loop = st.builds(
        'for i in range({}):\n        {}'.format, st.sampled_from(ranges), simple
    )
    return st.builds(_program, st.lists(simple | loop, max_size=3), expressions)


def _program(lines, value):
    first = ['x = trajectory[:, 0] * 1.0', 'y = 0.5', "goal = keypoints['red cube'] + 0.1"]
    body = '\n    '.join([*first, *lines, f'return {value}'])
    return f'def reward(keypoints, trajectory, gripper):\n    {body}\n'


WILD = _programs(MIXED, TARGETS | ODD_TARGETS, ('3', '64', '9999', 'x', '0', '2.0', '', '10**9'))


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
        elif re.fullmatch(r'torch(\.\w+)+', ast.unparse(node)):
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
@given(WILD)
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

    @settings(max_examples=200, database=None, derandomize=True)
    @given(_programs(ALLOWED))
    def collect(source):
        found.append(tried(source) is not None)

    collect()
    assert sum(found) > len(found) / 5


@pytest.mark.parametrize('name', ['torch.load', 'x.item', 'print', 'torch.rand', 'x.__class__'])
def test_the_test_knows_what_is_not_allowed(name):
    assert not is_allowed(name)
