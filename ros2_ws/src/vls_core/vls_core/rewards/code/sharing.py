"""Which variables of a reward may be views of others.

In torch, `x += 1` writes into the memory of x, and into every view of it. Nothing is written to
here, so that a reward in which this matters would mean something else; it is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from vls_core.rewards.code.expressions import dotted_name

_VIEWS = frozenset({
    'squeeze', 'unsqueeze', 'transpose', 'permute', 'flatten', 'reshape', 'view', 'expand',
    'expand_as', 'broadcast_to', 'float',
})
"""Operations whose result may share its memory with their argument where torch is used freely."""


class Sharing:
    """Follows the statements in the order of the source.

    Args:
        names: that share their memory with something outside from the beginning.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)

    def __contains__(self, name: str) -> bool:
        """Whether a variable may share its memory with another tensor by now."""
        return name in self._names

    def assign(self, node: ast.Assign) -> None:
        """All names get their new values at the same time: no order of them may matter."""
        bindings = _bindings(node)
        self._names -= {name for name, _ in bindings}
        self._add(bindings)

    def loop(self, name: str, node: ast.For) -> None:
        """What is a view at the end of a loop is one when it begins again."""
        self._names.discard(name)
        for statement in ast.walk(node):
            if isinstance(statement, ast.Assign):
                self._add(_bindings(statement))

    def _add(self, bindings: list[tuple[str, ast.expr]]) -> None:
        for name, node in bindings:
            owner = _shared_with(node)
            self._names |= set() if owner is None else {name, owner}


def _bindings(node: ast.Assign) -> list[tuple[str, ast.expr]]:
    """Each name with the expression it gets the value of, or from which it gets a length."""
    target, value = node.targets[0], node.value
    targets = target.elts if isinstance(target, ast.Tuple) else [target]
    values = value.elts if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) else (
        [value] * len(targets)
    )
    return [
        (name.id, part) for name, part in zip(targets, values, strict=False)
        if isinstance(name, ast.Name)
    ]


def _shared_with(node: ast.expr) -> str | None:
    """The variable whose memory the value of an expression may share."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in _VIEWS:
                return None
            node = _viewed(node, node.func.value)
        elif isinstance(node, ast.Attribute) and node.attr == 'shape':
            return None
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            node = node.operand
        else:
            return None


def _viewed(call: ast.Call, receiver: ast.expr) -> ast.expr:
    """What a view is taken of: the tensor a method is called on, or a function's `input`."""
    if not (dotted_name(call.func) or '').startswith('torch.'):
        return receiver
    named = [keyword.value for keyword in call.keywords if keyword.arg == 'input']
    return (*call.args, *named, receiver)[0]
