"""From text to a syntax tree of which every node is of an allowed kind.

Nothing is evaluated here. What makes a parser slow or deep is looked for before it runs, in code
and not in comments and strings; what the parser itself refuses, in whatever way, is a
RewardCodeError.

The parser sees ASCII alone. Other characters that are what they look like become question marks,
which mean nothing in Python: in comments and docstrings they do no harm, elsewhere they are
errors. Characters that are invisible or change the direction of writing are refused everywhere.
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
import warnings

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.scanner import code_of

_NODES = frozenset({
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Expr, ast.Assign, ast.AugAssign,
    ast.For, ast.Return, ast.Name, ast.Load, ast.Store, ast.Constant, ast.BinOp, ast.UnaryOp,
    ast.Compare, ast.Call, ast.keyword, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple,
    ast.List, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult,
    ast.BitAnd, ast.BitOr, ast.USub, ast.UAdd, ast.Invert, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
})
_ADVICE = {
    ast.Import: 'import is not allowed; torch is there already',
    ast.ImportFrom: 'import is not allowed; torch is there already',
    ast.If: 'if is not allowed; use torch.where or torch.relu',
    ast.IfExp: 'a conditional expression is not allowed; use torch.where or torch.relu',
    ast.While: 'while is not allowed; use a for loop over range(constant)',
    ast.BoolOp: 'and, or are not allowed; use & and | on comparisons of tensors',
    ast.Not: 'not is not allowed; use ~ on a comparison of tensors',
    ast.AnnAssign: 'annotated assignments are not allowed; leave the annotation out',
    ast.ListComp: 'comprehensions are not allowed; use a for loop over range(constant)',
    ast.GeneratorExp: 'comprehensions are not allowed; use a for loop over range(constant)',
    ast.AsyncFunctionDef: 'async is not allowed; write one ordinary function',
    ast.ClassDef: 'class is not allowed; write one ordinary function',
}
NOBODY = '_'
"""A target for what is not needed: it can be assigned to and never read."""
_BRACKETS = {'(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1}
_PREFIXES = re.compile(
    rf'(?:(?:[-+~]|\b(?:not|await|lambda)\b)[\s:\\]*){{{limits.MAXIMUM_PREFIXES + 1}}}'
)
_CONTROL = re.compile(r'[\x00-\x08\x0b-\x1f\x7f]')
_OTHER = re.compile(r'[^\x00-\x7f]')
_REPLACEMENT = '?'
_VISIBLE = ('L', 'N', 'S', 'P')
"""Letters, numbers, symbols and punctuation: first letters of their Unicode categories."""
_RIGHT_TO_LEFT = frozenset({'R', 'AL', 'AN'})
_ESCAPE = re.compile(r'\\(?!\n)')
_DIGITS = re.compile(rf'[0-9][0-9a-fA-F_xX]{{{limits.MAXIMUM_DIGITS},}}')
_ENCODING = re.compile(r'\A(?:[^\n]*\n)?[ \t]*#[^\n]*coding[:=]')
_NAME = re.compile(r'[A-Za-z][A-Za-z0-9_]*\Z')
_ANYWHERE = (
    (_CONTROL, 'a control character'),
    (_ESCAPE, 'a backslash that does not continue a line'),
    (_ENCODING, 'a declaration of an encoding'),
)
"""What is refused even in comments and strings."""
_IN_CODE = (
    (_DIGITS, f'a number of more than {limits.MAXIMUM_DIGITS} digits'),
    (_PREFIXES, f'more than {limits.MAXIMUM_PREFIXES} signs in a row'),
)


def parse(source: str) -> ast.Module:
    """The tree of a source of allowed size, characters and kinds of nodes.

    Raises:
        RewardCodeError: for everything else, and for nothing else than that.
    """
    text = _checked_text(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            tree = ast.parse(text)
    except SyntaxError as error:
        hint = '' if source.isascii() else ' (outside comments, only ASCII is allowed)'
        raise RewardCodeError(f'not valid Python: {error.msg}{hint}', error.lineno) from None
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        raise RewardCodeError(f'cannot be parsed: {type(error).__name__}') from None
    _check_nodes(tree)
    return tree


def require_name(name: str, line: int | None) -> str:
    """An ordinary name. Raises RewardCodeError for one with a leading underscore or too long."""
    if not _NAME.match(name) or '__' in name or len(name) > limits.MAXIMUM_NAME:
        raise RewardCodeError(f'the name {name[:limits.MAXIMUM_NAME]!r} is not allowed', line)
    return name


def _checked_text(source: str) -> str:
    if type(source) is not str:
        raise RewardCodeError(f'a reward is text, not {type(source).__name__}')
    if len(source) > limits.MAXIMUM_CHARACTERS:
        raise RewardCodeError(
            f'{len(source)} characters; at most {limits.MAXIMUM_CHARACTERS} are allowed'
        )
    text = _OTHER.sub(_replaced, source.replace('\r\n', '\n'))
    _refuse(_ANYWHERE, text)
    code = code_of(text)
    _refuse(_IN_CODE, code)
    _check_brackets(code)
    return text


def _refuse(patterns: tuple[tuple[re.Pattern[str], str], ...], text: str) -> None:
    for pattern, what in patterns:
        found = pattern.search(text)
        if found:
            raise RewardCodeError(f'{what} is not allowed', _line(text, found.start()))


def _replaced(found: re.Match[str]) -> str:
    """Stands for a character outside ASCII. Raises RewardCodeError for one that deceives."""
    character = found.group()
    if (
        unicodedata.category(character)[0] not in _VISIBLE
        or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT
    ):
        line = _line(found.string, found.start())
        raise RewardCodeError(f'the character U+{ord(character):04X} is not allowed', line)
    return _REPLACEMENT


def _check_brackets(code: str) -> None:
    depth = 0
    for index, character in enumerate(code):
        depth = max(0, depth + _BRACKETS.get(character, 0))
        if depth > limits.MAXIMUM_BRACKETS:
            raise RewardCodeError(
                f'brackets nested more than {limits.MAXIMUM_BRACKETS} deep', _line(code, index)
            )


def _line(text: str, index: int) -> int:
    return text.count('\n', 0, index) + 1


def _check_nodes(tree: ast.Module) -> None:
    """Goes through the tree without recursion, so that its depth cannot matter before it is known.
    """
    waiting: list[tuple[ast.AST, int, int | None]] = [(tree, 0, None)]
    count = 0
    while waiting:
        node, depth, line = waiting.pop()
        line = getattr(node, 'lineno', line)
        count += 1
        if depth > limits.MAXIMUM_DEPTH:
            raise RewardCodeError('an expression is nested too deeply; use more lines', line)
        if count > limits.MAXIMUM_NODES:
            raise RewardCodeError('the reward is too long', line)
        _check_node(node, line)
        waiting.extend((child, depth + 1, line) for child in ast.iter_child_nodes(node))


def _check_node(node: ast.AST, line: int | None) -> None:
    kind = type(node)
    if kind not in _NODES:
        raise RewardCodeError(_ADVICE.get(kind, f'{kind.__name__} is not allowed'), line)
    if isinstance(node, ast.Constant):
        _check_constant(node, line)
    elif isinstance(node, ast.Name):
        if node.id != NOBODY or not isinstance(node.ctx, ast.Store):
            require_name(node.id, line)
    elif isinstance(node, ast.Attribute):
        require_name(node.attr, line)
    elif isinstance(node, ast.arg):
        require_name(node.arg, line)
    elif isinstance(node, ast.FunctionDef):
        require_name(node.name, line)
    elif isinstance(node, ast.keyword):
        if node.arg is None:
            raise RewardCodeError('** is not allowed', line)
        require_name(node.arg, line)


def _check_constant(node: ast.Constant, line: int | None) -> None:
    value = node.value
    if value is None or value is Ellipsis or isinstance(value, bool):
        return
    if isinstance(value, str) and node.kind is None:
        return
    if not isinstance(value, int | float):
        raise RewardCodeError(f'a constant of type {type(value).__name__} is not allowed', line)
    if isinstance(value, float) and not math.isfinite(value):
        raise RewardCodeError('a number is not finite', line)
    if abs(value) > limits.MAXIMUM_NUMBER:
        raise RewardCodeError(
            f'a number is larger than {limits.MAXIMUM_NUMBER:g}', line
        )
