"""Python's own numbers: only real, finite and of bounded size."""

from __future__ import annotations

import math

import torch

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.frame import Number


def bounded(value: Number | complex) -> Number:
    """A number as it is. Raises RewardCodeError if it is complex, not finite or huge."""
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise RewardCodeError('a number is not finite and real')
    if abs(value) > limits.MAXIMUM_NUMBER:
        raise RewardCodeError(f'a number is larger than {limits.MAXIMUM_NUMBER:g}')
    return value


def power(base: Number, exponent: Number) -> Number:
    """base ** exponent; its size is estimated with floats before integers are multiplied."""
    if abs(exponent) > limits.MAXIMUM_EXPONENT:
        raise RewardCodeError(f'an exponent is larger than {limits.MAXIMUM_EXPONENT:g}')
    bounded(float(base) ** float(exponent))
    return base**exponent


def absolute(value: torch.Tensor | Number) -> torch.Tensor | Number:
    """abs of a tensor or a number."""
    return abs(value)


def length(values: torch.Tensor) -> int:
    """The length of the first dimension."""
    return values.shape[0]
