"""What one evaluation of a reward holds: its variables, and how much it may still do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from vls_core.rewards.code import limits
from vls_core.rewards.code.errors import BudgetExceededError, RewardCodeError


@dataclass(frozen=True)
class Extremum:
    """What torch.min and torch.max give along a dimension: only its values can be had."""

    values: torch.Tensor


Number = int | float
Value = Number | bool | None | torch.Tensor | Extremum | tuple
"""A tuple is a shape, or a literal list of other values on its way into an operation."""


class Budget:
    """Counts what an evaluation does, and ends it before it does too much.

    Args:
        numbers: in the trajectory; what is allowed grows with it.

    Attributes:
        operations: done so far.
        elements: of tensors that were read and written so far.
    """

    __slots__ = ('_limit', 'elements', 'operations')

    def __init__(self, numbers: int) -> None:
        self._limit = limits.FREE_ELEMENTS + limits.ELEMENTS_PER_NUMBER * numbers
        self.operations = 0
        self.elements = 0

    def charge(self, read: int = 0, written: int = 0) -> None:
        """Books an operation before it is done. Raises BudgetExceededError if it is too much."""
        self.operations += 1
        self.elements += read + written
        if written > limits.MAXIMUM_ELEMENTS:
            raise BudgetExceededError(f'an operation on {written} elements is too large')
        if self.operations > limits.MAXIMUM_OPERATIONS:
            raise BudgetExceededError(f'more than {limits.MAXIMUM_OPERATIONS} operations')
        if self.elements > self._limit:
            raise BudgetExceededError(f'more than {self._limit} elements are read and written')


@dataclass
class Frame:
    """The state of one evaluation.

    Attributes:
        keypoints: (3,) by name [m].
        like: the trajectory; tensors made from numbers get its precision and device.
        line: of the statement that is being evaluated.
        result: what was returned, once it was.
    """

    keypoints: Mapping[str, torch.Tensor]
    like: torch.Tensor
    variables: dict[str, Value]
    budget: Budget
    line: int | None = None
    result: torch.Tensor | None = None

    def tidy(self, result: Value) -> Value:
        """A result with the precision of the trajectory; comparisons stay what they are."""
        if isinstance(result, torch.Tensor):
            if result.dtype is not self.like.dtype and result.dtype is not torch.bool:
                result = result.to(self.like.dtype)
            if result.dim() > limits.MAXIMUM_DIMENSIONS:
                raise RewardCodeError(f'a tensor has {result.dim()} dimensions')
        return result


Evaluate = Callable[[Frame], Value]
"""A compiled expression."""
Execute = Callable[[Frame], None]
"""A compiled statement."""
