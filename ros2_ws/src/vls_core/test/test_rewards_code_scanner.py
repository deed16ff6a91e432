"""What the scanner calls a comment or a string is what Python's own tokenizer calls one."""

import ast
import contextlib
import io
import itertools
import time
import tokenize

import pytest
from code_rewards import REACH, function
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.scanner import code_of
from vls_core.rewards.code.syntax import parse

MANY_BRACKETS = '(' * (limits.MAXIMUM_BRACKETS + 1) + '1' + ')' * (limits.MAXIMUM_BRACKETS + 1)
MANY_SIGNS = '-' * (limits.MAXIMUM_PREFIXES + 1) + '1'
MANY_DIGITS = '0.' + '3' * (limits.MAXIMUM_DIGITS + 1)
TOO_MUCH = [MANY_BRACKETS, MANY_SIGNS, MANY_DIGITS, '(' * 300, 'not ' * 20, '~' * 100]


def refused(source):
    with pytest.raises(RewardCodeError) as caught:
        parse(source)
    return caught.value


def code_as_python_sees_it(text):
    """The tokens that are neither comments nor strings, with their places; None if there is an
    error or a string with a prefix."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.ERRORTOKEN and token.string in '"\'':
                return None
            if token.type == tokenize.STRING and token.string[0] not in '"\'rR':
                return None
            if token.type not in (tokenize.COMMENT, tokenize.STRING):
                found.append(token)
    except (tokenize.TokenError, SyntaxError):
        return None
    return found


@pytest.mark.parametrize(('text', 'code'), [
    ('x = 1  # two', 'x = 1       '), ('"# x"  # y', '"   "     '), ("'#' + '", None),
    ('# "\nx', '   \nx'), ('"""a\n"b" # c\n""" x', '"   \n       \n  " x'),
    ("''''''x", '"    "x'), ("''''x'''", '"      "'), ('""""x"""', '"      "'), ('"" x', '"" x'),
    ('"""a""""b"', '"     "" "'), ("'a\"b' c # 'd", '"   " c     '), ('"a\\\n#b" c', '"  \n  " c'),
    ('"a\nb"', None), ('"""a""', None), ('f"x"', None), ('rb"x"', None), ('u"x"', None),
    ('r"#" # x', '"  "    '), ('R"""#""" x', '"      " x'), ('"a"f"b"', None),
    ('x"a"', None), ('1"a"', None), ('?"a"', None), ('"', None), ('#"', '  '),
    ('# \\\nx = 1', '   \nx = 1'), ('x = 1 \\\n# y', 'x = 1 \\\n   '),
])
def test_comments_and_strings_end_where_they_end(text, code):
    if code is None:
        with pytest.raises(RewardCodeError, match='a string'):
            code_of(text)
    else:
        assert code_of(text) == code


def assert_the_same_code(text):
    """Whatever Python sees as code is left as it is, and the rest is blank."""
    try:
        code = code_of(text)
    except RewardCodeError:
        return
    assert len(code) == len(text)
    lines = code.split('\n')
    tokens = code_as_python_sees_it(text)
    for token in tokens or ():
        if '\n' not in token.string and token.start[0] <= len(lines):
            (row, start), (_, end) = token.start, token.end
            assert lines[row - 1][start:end] == token.string[:end - start]
    if tokens is not None:
        kept = ''.join(token.string for token in tokens)
        for sign in '()-{1?':
            assert code.count(sign) == kept.count(sign)


@settings(max_examples=2000)
@given(st.text('"\'#\n r', max_size=14) | st.lists(st.sampled_from([
    '"', "'", '"""', "'''", '#', '\\\n', '\n', ' ', 'x', 'r', 'f', '(', ')', '-', '{', '1', '?',
]), max_size=20).map(''.join))
def test_no_code_is_taken_for_a_comment_or_a_string(text):
    assert_the_same_code(text)


@pytest.mark.parametrize(('signs', 'longest'), [('"#-', 9), ('"#-\n', 7), ('"\'#-', 7)])
def test_nor_is_it_in_any_short_text_of_quotes_comments_and_signs(signs, longest):
    for length in range(longest + 1):
        for parts in itertools.product(signs, repeat=length):
            assert_the_same_code(''.join(parts))


@settings(max_examples=1000)
@given(
    st.lists(st.sampled_from(['"', "'", '"""', "'''", '#', '\\\n', '\n', ' ', 'x', '""', "''"]),
             max_size=8).map(''.join),
    st.sampled_from(['"', "'", '"""', "'''", '#', '\n', '\nx = ', '']),
    st.sampled_from(TOO_MUCH),
)
def test_nothing_too_deep_is_parsed_as_code_behind_any_mixture_of_quotes(before, joint, piece):
    """If it is let through, the piece is in a comment or a string for Python, too."""
    source = function(f'x = 1.0 {before}{joint}{piece}')
    try:
        tree = parse(source)
    except RewardCodeError:
        return
    assert not any(isinstance(node, ast.UnaryOp) for node in ast.walk(tree))
    assert all(piece not in token.string for token in code_as_python_sees_it(source))


@pytest.mark.parametrize('lines', [
    '# ---------- 1. distance ----------', '# ==== 2. smoothness ====', 'x = 1.0  # ~~~~~~~~~~~',
    '# ' + '(' * 60, '# 3.' + '1' * 40, '# not not not not not not not not',
    "# it's the \"mug\"", '# """', '# +-+-+-+-+-+-+',
])
def test_comments_and_docstrings_may_look_as_they_like(lines):
    parse(function(lines))
    if '"' not in lines:
        parse(REACH.replace('goal: red cube', f'\n    {lines}\n    '))


@pytest.mark.parametrize('piece', TOO_MUCH)
@pytest.mark.parametrize('before', [
    "x = '#' + ", 'x = "#" + ', 'x = """#""" + ', "x = '''\n# ''' + ", '# """\nx = ',
    "# '''\nx = ", '# "\nx = ', "# \\\nx = ", 'x = "" + ', "x = '\"' + ",
    'x = "\'" + ', "x = ''' \"\"\" ''' + ", 'x = "a\\\n# " + ', 'x = 1.0 \\\n+ ',
    'x = """"#""" + ', "x = ''''#''' + ", 'x = r"#" + ', 'x = "a" "#" + ', 'x = 1.0; y = ',
    '# \nx = ', 'x = (  # ((((\n', 'x = (1.0  # "\n+',
])
def test_no_code_hides_as_a_comment(before, piece):
    assert 'not valid Python' not in refused(function(f'{before}{piece}')).reason


@pytest.mark.parametrize('end', ['\r', '\x0c', '\x0b', '\x1c', '\x85', '\u2028', '\u2029', '\x00'])
def test_only_a_line_feed_ends_a_comment(end):
    for before in ('# x', 'x = "a', 'x = """a'):
        assert 'character' in refused(function(f'{before}{end}    y = {MANY_BRACKETS}')).reason


def test_a_return_before_a_line_feed_is_none_but_another_one_is():
    source = function('# ((( ---------\nx = 1.0')
    assert ast.dump(parse(source.replace('\n', '\r\n'))) == ast.dump(parse(source))
    refused(source.replace('\n', '\r\r\n'))


@pytest.mark.parametrize('brackets', ['(#)\n' * 30, '(")"\n' * 30, "(''')'''\n" * 30])
def test_brackets_in_comments_and_strings_close_nothing(brackets):
    assert 'brackets' in refused(function('x = ' + brackets)).reason


def test_comments_between_signs_do_not_part_them():
    assert 'signs' in refused(function('x = (' + '-# 1\n' * 9 + '1)')).reason


@pytest.mark.parametrize('source', [
    '# coding: utf-7\n', '#!/bin/sh\n# -*- coding: latin-1 -*-\n', '\n\t# vim: fileencoding=x\n',
    '"""x"""\n# coding=utf-8\n', '# "coding: utf-7"\n',
])
def test_a_declaration_of_an_encoding_is_found_in_comments(source):
    assert 'encoding' in refused(source + REACH).reason
    parse(f'# 1\n# 2\n{source}'.replace('"""x"""\n', '') + REACH)


@pytest.mark.parametrize('piece', [
    '"', "'", '"""', "'''", '#', '""', '"\n', "'\"", '"""\'\'\'', 'r"', '# "\n', "''''", '\\\n',
    '"\\\n', '- ', '-#\n', '( ', '"a" ', 'r',
])
def test_the_time_grows_no_faster_than_the_text(piece):
    """Four hundred thousand characters would take minutes if it grew with their square."""
    began = time.process_time()
    with contextlib.suppress(RewardCodeError):
        code_of(piece * (400_000 // len(piece)))
    assert time.process_time() - began < 10.0
