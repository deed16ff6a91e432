import ast

import pytest
from code_rewards import REACH, function
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.signature import signature_of
from vls_core.rewards.code.syntax import parse


def refused(source):
    with pytest.raises(RewardCodeError) as caught:
        signature_of(parse(source))
    return caught.value


def test_a_plain_function_is_parsed_as_python_does():
    assert ast.dump(parse(REACH)) == ast.dump(ast.parse(REACH))


def test_line_ends_of_windows_and_tabs_are_as_good_as_others():
    assert ast.dump(parse(REACH.replace('\n', '\r\n'))) == ast.dump(ast.parse(REACH))
    assert signature_of(parse(REACH.replace('    ', '\t'))).keypoints == 'keypoints'


@pytest.mark.parametrize('comment', ['distance \u2264 5 cm', '\u201cabove\u201d \u2014 3 \u00b5m',
                                     '\u2192 done \U0001f600', '\u00fcber'])
def test_comments_and_docstrings_may_hold_what_is_visible(comment):
    parse(REACH.replace('"""goal: red cube', f'"""{comment}') + f'# {comment}\n')


def test_characters_outside_ascii_mean_nothing_in_code():
    for code in ('x = \uff11', 'f\u00fcr = 1', 'x = 1 \u2212 2', '\uff54orch = 1'):
        assert 'ASCII' in refused(function(code)).reason


@given(st.characters(categories=('Cc', 'Cf', 'Cs', 'Co', 'Cn', 'Zl', 'Zp', 'Mn', 'Me')))
def test_no_invisible_character_is_let_in_even_in_a_comment(character):
    if character not in '\n\t':
        refused(f'{REACH}# {character}.')


def test_the_line_of_a_mistake_is_told():
    assert refused(function('x = 1\ny = 2\nimport os')).line == 4
    assert refused('def f(k, t):\n    x = (\n').line == 2
    assert str(refused(function('x = [y for y in z]'))).startswith('line 2: comprehensions')


@pytest.mark.parametrize(('source', 'within'), [
    (REACH.ljust(limits.MAXIMUM_CHARACTERS), True),
    (REACH.ljust(limits.MAXIMUM_CHARACTERS + 1), False),
    (function(f'x = {"(" * 20}1{")" * 20}'), True),
    (function(f'x = {"(" * 21}1{")" * 21}'), False),
    (function(f'x = {"-" * limits.MAXIMUM_PREFIXES}1'), True),
    (function(f'x = {"-" * (limits.MAXIMUM_PREFIXES + 1)}1'), False),
    (function(f'x = {"+".join("1" * 40)}'), True),
    (function(f'x = {"+".join("1" * 80)}'), False),
    (function(f'x = {"9" * 9}'), True),
    (function('x = 1000000001'), False),
    (function('x = 0.30000000000000004'), True),
    (function(f'x = 0.{"3" * 30}'), False),
    (function(f'{"a" * limits.MAXIMUM_NAME} = 1'), True),
    (function(f'{"a" * (limits.MAXIMUM_NAME + 1)} = 1'), False),
])
def test_bounds_are_exact(source, within):
    if within:
        parse(source)
    else:
        refused(source)


def test_many_lines_are_counted_as_nodes():
    source = function('\n'.join(['x=y+y+y+y'] * 250))
    assert len(source) < limits.MAXIMUM_CHARACTERS
    assert 'too long' in refused(source).reason


@pytest.mark.parametrize('value', [b'x = 1', None, 3, ['x'], type('Text', (str,), {})('x')])
def test_only_text_is_a_reward(value):
    assert 'text' in refused(value).reason


def test_names_of_parameters_are_free():
    signature = signature_of(parse('def go(points, path, opening):\n    return path[:, 0, 0]\n'))
    assert signature.parameters == {'points', 'path', 'opening'}
    assert signature.gripper == 'opening'
    assert signature_of(parse(REACH)).gripper is None


def test_plain_annotations_are_accepted_and_others_are_not():
    header = 'def go(k: {}, t: torch.Tensor) -> torch.Tensor:\n    return t[:, 0, 0]\n'
    for good in ('dict', 'dict[str, torch.Tensor]', 'Mapping[str, Tensor]', 'Dict'):
        signature_of(parse(header.format(good)))
    for bad in ('"dict"', 'os', 'torch.ops', 'dict[str, [1]]', 'dict[dict[str, str], str]',
                'print(1)', 'dict[0]', '(1, 2)'):
        assert 'annotation' in refused(header.format(bad)).reason


def test_the_docstring_of_the_function_comes_before_that_of_the_file():
    body = '    return t[:, 0, 0]\n'
    assert signature_of(parse(REACH)).docstring == 'goal: red cube'
    assert signature_of(parse(f'"""file"""\ndef f(k, t):\n{body}')).docstring == 'file'
    both = f'"""file"""\ndef f(k, t):\n    """function"""\n{body}'
    assert signature_of(parse(both)).docstring == 'function'
    assert signature_of(parse(f'def f(k, t):\n{body}')).docstring == ''


@settings(max_examples=300)
@given(st.text(max_size=200) | st.text('()[]{}:=.,\n\t \'"#\\-+*@~ndef torhkyp0123', max_size=200))
def test_any_text_is_parsed_or_refused(text):
    try:
        signature_of(parse(text))
    except RewardCodeError as error:
        assert error.reason
