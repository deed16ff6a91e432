"""The one function a reward consists of: its parameters, its docstring and its statements."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from vls_core.rewards.code.errors import RewardCodeError

RESERVED = frozenset({
    'torch', 'abs', 'float', 'int', 'len', 'max', 'min', 'range',
    'breakpoint', 'compile', 'delattr', 'eval', 'exec', 'exit', 'getattr', 'globals', 'input',
    'locals', 'open', 'quit', 'setattr', 'vars',
})
"""Names that cannot be given a meaning: they have one, or a reader would take them for it."""
_ANNOTATIONS = frozenset({
    'torch.Tensor', 'Tensor', 'dict', 'Dict', 'Mapping', 'str',
})


@dataclass(frozen=True)
class Signature:
    """A function (keypoints, trajectory) or (keypoints, trajectory, gripper), names as written.

    Attributes:
        gripper: None if the function does not ask for it.
        docstring: of the function, or else of the file; empty if there is none.
        body: the statements after the docstring; the last one is the only return.
    """

    keypoints: str
    trajectory: str
    gripper: str | None
    docstring: str
    body: tuple[ast.stmt, ...]

    @property
    def parameters(self) -> frozenset[str]:
        """The names of all parameters."""
        return frozenset({self.keypoints, self.trajectory, self.gripper} - {None})


def signature_of(tree: ast.Module) -> Signature:
    """What a file defines. Raises RewardCodeError if it is not exactly one function."""
    statements = tree.body
    introduction = _docstring(statements)
    if introduction is not None:
        statements = statements[1:]
    if len(statements) != 1 or not isinstance(statements[0], ast.FunctionDef):
        line = statements[1].lineno if len(statements) > 1 else None
        raise RewardCodeError('exactly one function is expected, and nothing beside it', line)
    function = statements[0]
    names = _parameters(function)
    docstring = _docstring(function.body)
    body = function.body if docstring is None else function.body[1:]
    _check_body(function, body)
    return Signature(
        names[0], names[1], names[2] if len(names) == 3 else None,
        docstring or introduction or '', tuple(body),
    )


def _parameters(function: ast.FunctionDef) -> list[str]:
    line = function.lineno
    if function.decorator_list:
        raise RewardCodeError('decorators are not allowed', line)
    arguments = function.args
    if (
        arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg
        or arguments.defaults or arguments.kw_defaults
    ):
        raise RewardCodeError('only plain parameters without defaults are allowed', line)
    names = [argument.arg for argument in arguments.args]
    if len(names) not in (2, 3):
        raise RewardCodeError(
            'the function takes (keypoints, trajectory) or (keypoints, trajectory, gripper), '
            f'not {len(names)} parameters', line,
        )
    if len({*names, function.name}) != len(names) + 1 or RESERVED & {*names, function.name}:
        raise RewardCodeError('a parameter or the function has a name that is taken', line)
    for annotation in (function.returns, *(argument.annotation for argument in arguments.args)):
        _check_annotation(annotation)
    return names


def _check_annotation(node: ast.expr | None) -> None:
    """Annotations are never evaluated; those that are not plain types are refused all the same."""
    if node is None:
        return
    if isinstance(node, ast.Subscript):
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        names = [ast.unparse(item) for item in (node.value, *items)]
    else:
        names = [ast.unparse(node)]
    for name in names:
        if name not in _ANNOTATIONS:
            raise RewardCodeError(f'the annotation {name[:60]} is not allowed', node.lineno)


def _check_body(function: ast.FunctionDef, body: list[ast.stmt]) -> None:
    if not body or not isinstance(body[-1], ast.Return) or body[-1].value is None:
        raise RewardCodeError('the last statement has to be: return <reward>', function.lineno)
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef) and node is not function:
            raise RewardCodeError('a function inside a function is not allowed', node.lineno)
        if isinstance(node, ast.Return) and node is not body[-1]:
            raise RewardCodeError('only the last statement may return', node.lineno)


def _docstring(statements: list[ast.stmt]) -> str | None:
    """The text of a leading string; any other lone expression is refused later on."""
    first = statements[0] if statements else None
    if (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return first.value.value
    return None
