"""How many elements a result will have, told from shapes before anything is allocated."""

from __future__ import annotations

import math

import torch

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.frame import Value


def read(values: tuple[Value, ...]) -> int:
    """Elements of all tensors among the arguments of an operation."""
    total = 0
    for value in values:
        if isinstance(value, torch.Tensor):
            total += value.numel()
        elif isinstance(value, tuple):
            total += read(value)
    return total


def broadcast(*values: Value) -> int:
    """Elements after broadcasting. Raises RewardCodeError for shapes that do not fit."""
    shapes = [value.shape for value in values if isinstance(value, torch.Tensor)]
    result = shapes[0] if shapes else ()
    for shape in shapes[1:]:
        if shape != result:
            result = _broadcast(result, shape)
    return math.prod(result)


def _broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    length = max(len(first), len(second))
    padded = zip(
        (1,) * (length - len(first)) + tuple(first), (1,) * (length - len(second)) + tuple(second),
        strict=True,
    )
    result = []
    for left, right in padded:
        if left != right and left != 1 and right != 1:
            raise RewardCodeError(f'shapes {tuple(first)} and {tuple(second)} do not fit')
        result.append(right if left == 1 else left)
    return tuple(result)


def product(first: torch.Tensor, second: torch.Tensor) -> int:
    """Multiplications of a matrix product, which is never less than what it writes."""
    if not first.dim() or not second.dim():
        raise RewardCodeError('a matrix product needs tensors of at least one dimension')
    rows = math.prod(first.shape[:-1])
    columns = math.prod(second.shape[:-2]) * (second.shape[-1] if second.dim() > 1 else 1)
    return rows * columns * first.shape[-1]


def joined(tensors: tuple[torch.Tensor, ...], *_: Value) -> int:
    """Elements after stacking or concatenating."""
    return read(tensors)


def first(values: torch.Tensor, *_: Value) -> int:
    """Operations that make nothing larger than their argument."""
    return values.numel()


def nothing(*_: Value) -> int:
    """Operations that give a Python number."""
    return 0


def expanded(values: torch.Tensor, shape: tuple[int, ...]) -> int:
    """Elements after expanding; -1 keeps a dimension."""
    return math.prod(length if length >= 0 else max(values.shape, default=1) for length in shape)


def repeated(values: torch.Tensor, repeats: tuple[int, ...]) -> int:
    """Elements after repeating."""
    return values.numel() * math.prod(max(0, count) for count in repeats)


def filled(shape: tuple[int, ...], *_: Value) -> int:
    """Elements of a shape. Raises RewardCodeError for a negative length."""
    if min(shape) < 0:
        raise RewardCodeError('a length is negative')
    return math.prod(shape)


def numbers(data: Value) -> int:
    """Numbers in a nested literal."""
    return sum(map(numbers, data)) if isinstance(data, tuple) else 1


def numbers_after(_: Value, data: Value) -> int:
    """Numbers in a nested literal that is the second argument."""
    return numbers(data)


def steps(_start: Value, _end: Value, count: int) -> int:
    """Elements of linspace."""
    return _created(count)


def counted(start: float, end: float | None, step: float) -> int:
    """Elements of arange."""
    span = start if end is None else end - start
    if step == 0 or span / step < 0:
        raise RewardCodeError('arange never gets to its end')
    return _created(math.ceil(span / step))


def _created(count: int) -> int:
    if not 0 < count <= limits.MAXIMUM_CREATED:
        raise RewardCodeError(
            f'a tensor of {count} numbers; 1 to {limits.MAXIMUM_CREATED} are allowed'
        )
    return count
