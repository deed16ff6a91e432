"""Operations that are not torch's own: with gradients finite at the goal, or with fewer choices.

Everything here gives a new tensor or a view; nothing writes into its arguments.
"""

from __future__ import annotations

import torch

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.frame import Extremum, Number, Value

SMALL = 1e-12
"""Added below square roots, e.g. [m^2]: the distance to a goal is off by a micrometre there."""
_COSINE_MARGIN = 1e-6
_MOST_DIFFERENCES = 4

Operand = torch.Tensor | Number
Dimensions = int | tuple[int, ...] | None


def require_tensors(name: str, *values: Value) -> None:
    """Raises RewardCodeError unless all are tensors."""
    if not all(isinstance(value, torch.Tensor) for value in values):
        raise RewardCodeError(f'{name} needs tensors on both sides')


def square_root(values: torch.Tensor) -> torch.Tensor:
    """The root of values + SMALL: its slope is finite at 0. Negative values give NaN."""
    return torch.sqrt(values + SMALL)


def power(base: Operand, exponent: Operand) -> torch.Tensor:
    """base ** exponent, of which at least one is a tensor; 0.5 is the safe square root."""
    if not isinstance(exponent, torch.Tensor):
        if abs(exponent) > limits.MAXIMUM_EXPONENT:
            raise RewardCodeError(f'an exponent is larger than {limits.MAXIMUM_EXPONENT:g}')
        if exponent == 0.5:
            return square_root(base)
    return torch.pow(base, exponent)


def matmul(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The matrix product of tensors."""
    return torch.matmul(first, second)


def norm(
    values: torch.Tensor, order: Number | None, dim: Dimensions, keepdim: bool
) -> torch.Tensor:
    """Euclidean or absolute norm of vectors; torch gives it the slope 0 at 0."""
    if order not in (None, 1, 2):
        raise RewardCodeError('only the norms 1 and 2 are allowed')
    return torch.linalg.vector_norm(values, order or 2, dim, keepdim)


def logical_not(value: Value) -> torch.Tensor:
    """~ of a comparison."""
    return torch.logical_not(_comparison(value))


def logical_and(first: Value, second: Value) -> torch.Tensor:
    """& of two comparisons."""
    return torch.logical_and(_comparison(first), _comparison(second))


def logical_or(first: Value, second: Value) -> torch.Tensor:
    """| of two comparisons."""
    return torch.logical_or(_comparison(first), _comparison(second))


def _comparison(value: Value) -> torch.Tensor:
    if not isinstance(value, torch.Tensor) or value.dtype is not torch.bool:
        raise RewardCodeError('&, | and ~ are for comparisons of tensors')
    return value


def where(condition: torch.Tensor, first: Operand, second: Operand) -> torch.Tensor:
    """torch.where for a comparison."""
    return torch.where(_comparison(condition), first, second)


def _both(first: Operand, second: Operand) -> tuple[torch.Tensor, torch.Tensor]:
    """Two tensors, at least one of which is one already."""
    if not isinstance(first, torch.Tensor):
        first = torch.as_tensor(first, dtype=second.dtype, device=second.device)
    if not isinstance(second, torch.Tensor):
        second = torch.as_tensor(second, dtype=first.dtype, device=first.device)
    return first, second


def minimum(first: torch.Tensor, second: Operand) -> torch.Tensor:
    """The smaller of two, element by element."""
    return torch.minimum(*_both(first, second))


def maximum(first: torch.Tensor, second: Operand) -> torch.Tensor:
    """The larger of two, element by element."""
    return torch.maximum(*_both(first, second))


def smallest(
    values: torch.Tensor, other: int | torch.Tensor | None, keepdim: bool
) -> torch.Tensor | Extremum:
    """torch.min in its three forms: of all, along a dimension, of two tensors."""
    if other is None:
        return torch.amin(values)
    if isinstance(other, torch.Tensor):
        return torch.minimum(values, other)
    return Extremum(torch.min(values, other, keepdim).values)


def largest(
    values: torch.Tensor, other: int | torch.Tensor | None, keepdim: bool
) -> torch.Tensor | Extremum:
    """torch.max in its three forms: of all, along a dimension, of two tensors."""
    if other is None:
        return torch.amax(values)
    if isinstance(other, torch.Tensor):
        return torch.maximum(values, other)
    return Extremum(torch.max(values, other, keepdim).values)


def cumulative_largest(values: torch.Tensor, dim: int) -> Extremum:
    """The largest so far along a dimension."""
    return Extremum(torch.cummax(values, dim).values)


def cumulative_smallest(values: torch.Tensor, dim: int) -> Extremum:
    """The smallest so far along a dimension."""
    return Extremum(torch.cummin(values, dim).values)


def clamp(values: torch.Tensor, low: Operand | None, high: Operand | None) -> torch.Tensor:
    """Values within limits; each limit is a number or a tensor, and one is enough."""
    if low is None and high is None:
        raise RewardCodeError('clamp needs min or max')
    if isinstance(low, torch.Tensor) or isinstance(high, torch.Tensor):
        result = values if low is None else maximum(values, low)
        return result if high is None else minimum(result, high)
    return torch.clamp(values, low, high)


def normalize(values: torch.Tensor, p: Number | None, dim: int) -> torch.Tensor:
    """Vectors of length 1 along a dimension; those shorter than a micrometre become shorter."""
    return values / norm(values, p, dim, True).clamp_min(SMALL**0.5)


def cosine_similarity(first: torch.Tensor, second: torch.Tensor, dim: int) -> torch.Tensor:
    """The cosine between vectors along a dimension; 0 where one of them has no length."""
    return torch.sum(normalize(first, None, dim) * normalize(second, None, dim), dim)


def angle(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """atan2 with slope 0 at the origin, where it has none."""
    first, second = torch.broadcast_tensors(first, second)
    nowhere = first * first + second * second < SMALL
    return torch.atan2(torch.where(nowhere, 0.0, first), torch.where(nowhere, 1.0, second))


def arc_cosine(values: torch.Tensor) -> torch.Tensor:
    """acos, kept away from +-1 where its slope is infinite."""
    return torch.acos(values.clamp(_COSINE_MARGIN - 1, 1 - _COSINE_MARGIN))


def arc_sine(values: torch.Tensor) -> torch.Tensor:
    """asin, kept away from +-1 where its slope is infinite."""
    return torch.asin(values.clamp(_COSINE_MARGIN - 1, 1 - _COSINE_MARGIN))


def hypotenuse(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The root of the sum of two squares."""
    return square_root(first * first + second * second)


def standard_deviation(values: torch.Tensor, dim: Dimensions, keepdim: bool) -> torch.Tensor:
    """Along dimensions, as the safe root of the variance."""
    return square_root(torch.var(values, dim, keepdim=keepdim))


def variance(values: torch.Tensor, dim: Dimensions, keepdim: bool) -> torch.Tensor:
    """Along dimensions."""
    return torch.var(values, dim, keepdim=keepdim)


def smallest_along(
    values: torch.Tensor, dim: Dimensions, keepdim: bool
) -> torch.Tensor:
    """amin along dimensions, or of all."""
    return torch.amin(values, () if dim is None else dim, keepdim)


def largest_along(
    values: torch.Tensor, dim: Dimensions, keepdim: bool
) -> torch.Tensor:
    """amax along dimensions, or of all."""
    return torch.amax(values, () if dim is None else dim, keepdim)


def dot_along(first: torch.Tensor, second: torch.Tensor, dim: int) -> torch.Tensor:
    """The dot product of vectors along a dimension."""
    return torch.sum(first * second, dim)


def cross(first: torch.Tensor, second: torch.Tensor, dim: int) -> torch.Tensor:
    """The cross product of vectors along a dimension, the last one unless said otherwise."""
    return torch.linalg.cross(first, second, dim=dim)


def difference(values: torch.Tensor, n: int, dim: int) -> torch.Tensor:
    """Differences of neighbours, n times over."""
    if not 1 <= n <= _MOST_DIFFERENCES:
        raise RewardCodeError(f'diff can be taken 1 to {_MOST_DIFFERENCES} times')
    return torch.diff(values, n, dim)
