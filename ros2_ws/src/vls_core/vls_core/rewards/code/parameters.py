"""What an operation may be given: kinds of arguments, and how a call is matched to parameters."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.frame import Value


class Kind(Enum):
    """Kinds of arguments; the values are what errors and the reference call them."""

    TENSOR = 'a tensor'
    OPERAND = 'a tensor or a number'
    NUMBER = 'a number'
    INTEGER = 'an integer'
    FLAG = 'True or False'
    DIMENSIONS = 'an integer or a tuple of integers'
    DIMENSION_OR_TENSOR = 'an integer or a tensor'
    SIZES = 'integers'
    TENSORS = 'a list of tensors'
    NUMBERS = 'a list of numbers'


LITERALS = frozenset({Kind.DIMENSIONS, Kind.SIZES, Kind.TENSORS, Kind.NUMBERS})
"""Kinds that a literal list or tuple can be."""


TYPES = frozenset({'dtype', 'device'})
"""Keywords of operations that make tensors, and the attributes of tensors they are given."""


class _Required(Enum):
    REQUIRED = 'required'


REQUIRED = _Required.REQUIRED


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation.

    Attributes:
        default: what it is when it is left out or None; REQUIRED: neither is possible.
        alias: another keyword for it.
    """

    name: str
    kind: Kind
    default: Any = REQUIRED
    alias: str = ''

    def __str__(self) -> str:
        return self.name if self.default is REQUIRED else f'{self.name}={self.default}'


@dataclass(frozen=True)
class Operation:
    """An allowed function.

    Attributes:
        spellings: 'torch.sum' for a function, '.sum' for a method of a tensor, 'abs' for one of
            Python's own.
        run: called with one value for each parameter; `creates` puts the trajectory first.
        size: a bound on the elements of the result, from the same values.
        typed: whether `dtype=x.dtype` and `device=x.device` may be said; they change nothing.
    """

    spellings: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    run: Callable[..., Value]
    size: Callable[..., int]
    creates: bool = False
    typed: bool = False


def bind(
    operation: Operation, spelling: str, call: ast.Call, receiver: ast.expr | None
) -> list[tuple[Parameter, ast.expr | list[ast.expr] | None]]:
    """The expression for each parameter, None where there is none; TYPES are no parameters.

    Raises:
        RewardCodeError: an argument too many, missing, given twice or unknown.
    """
    given: dict[str, ast.expr | list[ast.expr]] = {}
    positional = [*([] if receiver is None else [receiver]), *call.args]
    parameters = operation.parameters
    last = parameters[-1]
    if last.kind is Kind.SIZES and len(positional) > len(parameters):
        keep = len(parameters) - 1
        given[last.name] = positional[keep:]
        positional = positional[:keep]
    if len(positional) > len(parameters):
        raise RewardCodeError(f'{spelling} takes fewer arguments', call.lineno)
    given |= {
        parameter.name: node
        for parameter, node in zip(parameters, positional, strict=False)
    }
    for keyword in call.keywords:
        is_type = operation.typed and keyword.arg in TYPES
        name = keyword.arg if is_type else _parameter_of(keyword.arg, parameters)
        if name is None:
            raise RewardCodeError(
                f'{spelling}({keyword.arg}=...) is not allowed', call.lineno
            )
        if name in given:
            raise RewardCodeError(f'{spelling} gets {name} twice', call.lineno)
        given[name] = keyword.value
    for parameter in parameters:
        if parameter.default is REQUIRED and parameter.name not in given:
            raise RewardCodeError(f'{spelling} needs {parameter.name}', call.lineno)
    return [(parameter, given.get(parameter.name)) for parameter in parameters]


def _parameter_of(keyword: str | None, parameters: tuple[Parameter, ...]) -> str | None:
    for parameter in parameters:
        if keyword and keyword in (parameter.name, parameter.alias):
            return parameter.name
    return None


def accept(value: Value, parameter: Parameter, spelling: str) -> Value:
    """The value as the operation wants it. Raises RewardCodeError if it is of another kind."""
    if value is None and parameter.default is not REQUIRED:
        return parameter.default
    if not _FITS[parameter.kind](value):
        raise RewardCodeError(
            f'{spelling} needs {parameter.kind.value} for {parameter.name}'
        )
    if parameter.kind is Kind.SIZES and not isinstance(value, tuple):
        return (value,)
    return value


def _is_tensor(value: Value) -> bool:
    return isinstance(value, torch.Tensor)


def _is_integer(value: Value) -> bool:
    return type(value) is int


def _is_number(value: Value) -> bool:
    return type(value) in (int, float)


def _is_all(value: Value, test: Callable[[Value], bool]) -> bool:
    return (
        isinstance(value, tuple) and 0 < len(value) <= limits.MAXIMUM_SEQUENCE
        and all(test(item) for item in value)
    )


def _is_numbers(value: Value) -> bool:
    return _is_number(value) or _is_all(value, _is_numbers)


_FITS: dict[Kind, Callable[[Value], bool]] = {
    Kind.TENSOR: _is_tensor,
    Kind.OPERAND: lambda value: _is_tensor(value) or _is_number(value),
    Kind.NUMBER: _is_number,
    Kind.INTEGER: _is_integer,
    Kind.FLAG: lambda value: type(value) is bool,
    Kind.DIMENSIONS: lambda value: _is_integer(value) or _is_all(value, _is_integer),
    Kind.DIMENSION_OR_TENSOR: lambda value: _is_integer(value) or _is_tensor(value),
    Kind.SIZES: lambda value: _is_integer(value) or _is_all(value, _is_integer),
    Kind.TENSORS: lambda value: _is_all(value, _is_tensor),
    Kind.NUMBERS: _is_numbers,
}
