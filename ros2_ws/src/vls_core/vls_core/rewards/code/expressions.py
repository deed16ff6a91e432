"""From expressions to closures: each takes a Frame and gives a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from vls_core.rewards.code import arithmetic, limits, sizes
from vls_core.rewards.code.errors import BudgetExceededError, RewardCodeError
from vls_core.rewards.code.frame import Evaluate, Execute, Extremum, Frame, Value
from vls_core.rewards.code.operations import CONSTANTS, METHODS, OPERATIONS
from vls_core.rewards.code.parameters import LITERALS, TYPES, Parameter, accept, bind
from vls_core.rewards.code.signature import Signature

_STEPS = frozenset({'floor()', 'ceil()', 'round()', 'trunc()', 'fix()'})
_KEYPOINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.,()#/'+-]*\Z")


@dataclass
class ExpressionCompiler:
    """Compiles expressions one after the other, in the order of the source.

    Attributes:
        known: names of variables that have a value by now.
        used_keypoints: constant names that were looked up, in order.
        repetitions: how often the present statement is run.
        operations: bound on the number of operations so far.
    """

    signature: Signature
    known: set[str]
    used_keypoints: dict[str, None] = field(default_factory=dict)
    repetitions: int = 1
    operations: int = 0

    def compile(self, node: ast.expr) -> Evaluate:
        """A closure for an expression. Raises RewardCodeError for one that is not allowed."""
        self.count(node)
        return _COMPILERS.get(type(node), ExpressionCompiler._refuse)(self, node)

    def count(self, node: ast.expr | ast.stmt) -> None:
        """Books one operation, as often as it is repeated. Raises BudgetExceededError."""
        self.operations += self.repetitions
        if self.operations > limits.MAXIMUM_OPERATIONS:
            raise BudgetExceededError(
                f'more than {limits.MAXIMUM_OPERATIONS} operations, loops unrolled', node.lineno
            )

    def _refuse(self, node: ast.expr) -> Evaluate:
        raise RewardCodeError(
            f'{type(node).__name__.lower()} is only allowed as an argument or index', node.lineno
        )

    def _constant(self, node: ast.Constant) -> Evaluate:
        value = node.value
        if type(value) not in (int, float):
            raise RewardCodeError(f'{str(value)[:60]!r} is not allowed here', node.lineno)
        return lambda frame: value

    def _name(self, node: ast.Name) -> Evaluate:
        name = node.id
        if name == self.signature.keypoints:
            raise RewardCodeError(
                f"{name} can only be used as {name}['name of a point']", node.lineno
            )
        if name not in self.known:
            raise RewardCodeError(f'{name} is not known here', node.lineno)
        return lambda frame: frame.variables[name]

    def _binary(self, node: ast.BinOp) -> Evaluate:
        return arithmetic.binary(
            type(node.op), self.compile(node.left), self.compile(node.right)
        )

    def _unary(self, node: ast.UnaryOp) -> Evaluate:
        return arithmetic.unary(type(node.op), self.compile(node.operand))

    def _comparison(self, node: ast.Compare) -> Evaluate:
        if len(node.ops) != 1:
            raise RewardCodeError('a chained comparison is not allowed; use &', node.lineno)
        return arithmetic.comparison(
            type(node.ops[0]), self.compile(node.left), self.compile(node.comparators[0])
        )

    def _attribute(self, node: ast.Attribute) -> Evaluate:
        dotted = dotted_name(node)
        if dotted in CONSTANTS:
            value = CONSTANTS[dotted]
            return lambda frame: value
        if node.attr not in ('shape', 'values') or (dotted or '').startswith('torch.'):
            raise RewardCodeError(f'.{node.attr} is not allowed', node.lineno)
        inner = self.compile(node.value)
        return _shape(inner) if node.attr == 'shape' else _values(inner)

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        if self._is_keypoint(node):
            return self._keypoint(node)
        inner, index = self.compile(node.value), self._index(node.slice)

        def evaluate(frame: Frame) -> Value:
            value, place = inner(frame), index(frame)
            if isinstance(value, torch.Tensor):
                frame.budget.charge(sizes.first(value), sizes.first(value))
                return frame.tidy(value[place])
            if isinstance(value, Extremum) and place == 0:
                return value.values
            if isinstance(value, tuple) and type(place) is int:
                return value[place]
            raise RewardCodeError('this cannot be indexed like that')

        return evaluate

    def _keypoint(self, node: ast.Subscript) -> Evaluate:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if not isinstance(key, str):
            raise RewardCodeError('a keypoint is named by a constant string', node.lineno)
        if not _KEYPOINT.match(key) or '__' in key or len(key) > 2 * limits.MAXIMUM_NAME:
            raise RewardCodeError('this cannot be the name of a keypoint', node.lineno)
        self.used_keypoints[key] = None

        def evaluate(frame: Frame) -> Value:
            frame.budget.charge()
            return frame.keypoints[key]

        return evaluate

    def _index(self, node: ast.expr) -> Evaluate:
        """Integers, slices, None and ..., or a tuple of them."""
        if isinstance(node, ast.Tuple):
            parts = [self._index(item) for item in node.elts]
            if not 0 < len(parts) <= limits.MAXIMUM_DIMENSIONS or any(
                isinstance(item, ast.Tuple) for item in node.elts
            ) or sum(map(_is_ellipsis, node.elts)) > 1:
                raise RewardCodeError('this index is not allowed', node.lineno)
            return lambda frame: tuple(part(frame) for part in parts)
        if isinstance(node, ast.Slice):
            return self._slice(node)
        if _is_ellipsis(node) or (isinstance(node, ast.Constant) and node.value is None):
            place = node.value
            return lambda frame: place
        return _integer(self.compile(node))

    def _slice(self, node: ast.Slice) -> Evaluate:
        start, stop, step = (
            _nothing if part is None or (isinstance(part, ast.Constant) and part.value is None)
            else _integer(self.compile(part))
            for part in (node.lower, node.upper, node.step)
        )
        return lambda frame: slice(start(frame), stop(frame), step(frame))

    def _call(self, node: ast.Call) -> Evaluate:
        spelling, receiver = self._callee(node)
        operation = OPERATIONS[spelling]
        arguments = [
            self._argument(given, parameter, spelling)
            for parameter, given in bind(operation, spelling, node, receiver)
        ]
        types = [self._type(keyword) for keyword in node.keywords
                 if operation.typed and keyword.arg in TYPES]
        run, size, creates = operation.run, operation.size, operation.creates

        def evaluate(frame: Frame) -> Value:
            values = tuple(argument(frame) for argument in arguments)
            for check in types:
                check(frame)
            frame.budget.charge(sizes.read(values), size(*values))
            result = run(frame.like, *values) if creates else run(*values)
            return frame.tidy(result)

        return evaluate

    def _type(self, keyword: ast.keyword) -> Execute:
        """dtype=x.dtype or device=x.device: those of the trajectory, and so of what is made."""
        node = keyword.value
        if not isinstance(node, ast.Attribute) or node.attr != keyword.arg or not isinstance(
            node.value, ast.Name | ast.Subscript
        ) or (isinstance(node.value, ast.Subscript) and not self._is_keypoint(node.value)):
            raise RewardCodeError(
                f'{keyword.arg}=... is not allowed unless as {keyword.arg}='
                f'{self.signature.trajectory}.{keyword.arg}; it can be left out', keyword.lineno
            )
        inner = self.compile(node.value)

        def check(frame: Frame) -> None:
            value = inner(frame)
            if not isinstance(value, torch.Tensor) or value.dtype is torch.bool:
                raise RewardCodeError(f'{keyword.arg}=... needs that of a tensor of numbers')

        return check

    def _is_keypoint(self, node: ast.Subscript) -> bool:
        return isinstance(node.value, ast.Name) and node.value.id == self.signature.keypoints

    def _callee(self, node: ast.Call) -> tuple[str, ast.expr | None]:
        """What is called, and the tensor it is called on if it is a method."""
        dotted = dotted_name(node.func)
        if dotted is not None and dotted.split('.')[0] not in self.known and (
            '.' not in dotted or dotted.startswith('torch.')
        ):
            if dotted not in OPERATIONS:
                raise RewardCodeError(_not_allowed(f'{dotted}()'), node.lineno)
            return dotted, None
        if not isinstance(node.func, ast.Attribute):
            raise RewardCodeError('only functions that are named can be called', node.lineno)
        if node.func.attr not in METHODS:
            raise RewardCodeError(_not_allowed(f'.{node.func.attr}()'), node.lineno)
        return f'.{node.func.attr}', node.func.value

    def _argument(
        self, node: ast.expr | list[ast.expr] | None, parameter: Parameter, spelling: str
    ) -> Evaluate:
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            fixed = accept(None, parameter, spelling)
            return lambda frame: fixed
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            flag = accept(node.value, parameter, spelling)
            return lambda frame: flag
        inner = self._sequence(node) if parameter.kind in LITERALS else self.compile(node)
        return lambda frame: accept(inner(frame), parameter, spelling)

    def _sequence(self, node: ast.expr | list[ast.expr]) -> Evaluate:
        """A literal list or tuple, possibly nested, or else an ordinary expression."""
        if not isinstance(node, ast.List | ast.Tuple | list):
            return self.compile(node)
        items = node if isinstance(node, list) else node.elts
        if not 0 < len(items) <= limits.MAXIMUM_SEQUENCE:
            raise RewardCodeError(
                f'a list has 1 to {limits.MAXIMUM_SEQUENCE} items, not {len(items)}'
            )
        parts = [self._sequence(item) for item in items]
        return lambda frame: tuple(part(frame) for part in parts)


def dotted_name(node: ast.expr) -> str | None:
    """'torch.linalg.norm' for the expression that reads like that; None for any other."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return '.'.join([node.id, *reversed(parts)])


def _not_allowed(call: str) -> str:
    reason = ': it has no gradient' if call.rpartition('.')[2] in _STEPS else ''
    return f'{call} is not allowed{reason}'


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _shape(inner: Evaluate) -> Evaluate:
    def evaluate(frame: Frame) -> Value:
        value = inner(frame)
        if not isinstance(value, torch.Tensor):
            raise RewardCodeError('only a tensor has a shape')
        return tuple(value.shape)

    return evaluate


def _values(inner: Evaluate) -> Evaluate:
    def evaluate(frame: Frame) -> Value:
        value = inner(frame)
        if not isinstance(value, Extremum):
            raise RewardCodeError('.values is for min and max along a dimension')
        return value.values

    return evaluate


def _integer(inner: Evaluate) -> Evaluate:
    def evaluate(frame: Frame) -> Value:
        value = inner(frame)
        if type(value) is not int:
            raise RewardCodeError('an index has to be an integer, a slice, None or ...')
        return value

    return evaluate


def _nothing(_frame: Frame) -> None:
    return None


_COMPILERS: dict[type[ast.expr], Callable[..., Evaluate]] = {
    ast.Constant: ExpressionCompiler._constant,
    ast.Name: ExpressionCompiler._name,
    ast.BinOp: ExpressionCompiler._binary,
    ast.UnaryOp: ExpressionCompiler._unary,
    ast.Compare: ExpressionCompiler._comparison,
    ast.Attribute: ExpressionCompiler._attribute,
    ast.Subscript: ExpressionCompiler._subscript,
    ast.Call: ExpressionCompiler._call,
}
