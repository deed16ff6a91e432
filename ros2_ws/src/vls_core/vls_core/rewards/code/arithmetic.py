"""Operators: on tensors as torch does them, on Python numbers within bounds."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

import torch

from vls_core.rewards.code import functions, sizes
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.frame import Evaluate, Extremum, Frame, Number, Value
from vls_core.rewards.code.python_numbers import bounded, power

_NUMBERS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: power,
}
_TENSORS: dict[type[ast.operator], Callable[[Value, Value], torch.Tensor]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: functions.power, ast.MatMult: functions.matmul,
    ast.BitAnd: functions.logical_and, ast.BitOr: functions.logical_or,
}
_SYMBOLS = {
    ast.Add: '+', ast.Sub: '-', ast.Mult: '*', ast.Div: '/', ast.FloorDiv: '//', ast.Mod: '%',
    ast.Pow: '**', ast.MatMult: '@', ast.BitAnd: '&', ast.BitOr: '|',
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Value, Value], torch.Tensor]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}


def binary(kind: type[ast.operator], left: Evaluate, right: Evaluate) -> Evaluate:
    """A compiled binary operator."""
    on_numbers, on_tensors, symbol = _NUMBERS.get(kind), _TENSORS.get(kind), _SYMBOLS[kind]
    size = sizes.product if kind is ast.MatMult else sizes.broadcast

    def evaluate(frame: Frame) -> Value:
        first, second = operand(left(frame)), operand(right(frame))
        if isinstance(first, torch.Tensor) or isinstance(second, torch.Tensor):
            if on_tensors is None:
                raise RewardCodeError(f'{symbol} is not allowed on tensors')
            if kind is ast.MatMult:
                functions.require_tensors('@', first, second)
            frame.budget.charge(sizes.read((first, second)), size(first, second))
            return frame.tidy(on_tensors(first, second))
        if on_numbers is None:
            raise RewardCodeError(f'{symbol} is not allowed on numbers')
        frame.budget.charge()
        return bounded(on_numbers(first, second))

    return evaluate


def unary(kind: type[ast.unaryop], inner: Evaluate) -> Evaluate:
    """A compiled sign, or ~ of a comparison."""

    def evaluate(frame: Frame) -> Value:
        value = operand(inner(frame))
        frame.budget.charge(*(sizes.read((value,)),) * 2)
        if kind is ast.Invert:
            return functions.logical_not(value)
        return -value if kind is ast.USub else value

    return evaluate


def comparison(kind: type[ast.cmpop], left: Evaluate, right: Evaluate) -> Evaluate:
    """A compiled comparison, at least one side of which has to be a tensor."""
    compare = _COMPARISONS[kind]

    def evaluate(frame: Frame) -> Value:
        first, second = operand(left(frame)), operand(right(frame))
        if not (isinstance(first, torch.Tensor) or isinstance(second, torch.Tensor)):
            raise RewardCodeError('numbers cannot be compared, only tensors')
        frame.budget.charge(sizes.read((first, second)), sizes.broadcast(first, second))
        return compare(first, second)

    return evaluate


def operand(value: Value) -> torch.Tensor | Number:
    """A value that can be calculated with. Raises RewardCodeError for any other."""
    if isinstance(value, torch.Tensor) or type(value) in (int, float):
        return value
    if isinstance(value, Extremum):
        raise RewardCodeError('of min and max along a dimension, take .values')
    raise RewardCodeError('a shape, a flag or None cannot be calculated with')
