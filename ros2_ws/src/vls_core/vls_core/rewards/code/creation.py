"""Tensors made from numbers, and tensors given another shape.

Whatever is made has the precision and device of the trajectory, so that nothing has to say so.
"""

from __future__ import annotations

import torch

from vls_core.rewards.code.frame import Number

Numbers = Number | tuple
Sizes = tuple[int, ...]


def tensor(like: torch.Tensor, data: Numbers) -> torch.Tensor:
    """A tensor of the numbers of a nested literal."""
    return like.new_tensor(data)


def new_tensor(like: torch.Tensor, _: torch.Tensor, data: Numbers) -> torch.Tensor:
    """The same as a method, whatever tensor it is called on."""
    return like.new_tensor(data)


def zeros(like: torch.Tensor, sizes: Sizes) -> torch.Tensor:
    """Zeros of a shape."""
    return like.new_zeros(sizes)


def ones(like: torch.Tensor, sizes: Sizes) -> torch.Tensor:
    """Ones of a shape."""
    return like.new_ones(sizes)


def full(like: torch.Tensor, sizes: Sizes, value: Number) -> torch.Tensor:
    """One number in a shape."""
    return like.new_full(sizes, value)


def linspace(like: torch.Tensor, start: Number, end: Number, steps: int) -> torch.Tensor:
    """Evenly spaced numbers, both ends included."""
    return torch.linspace(start, end, steps, dtype=like.dtype, device=like.device)


def arange(
    like: torch.Tensor, start: Number, end: Number | None, step: Number
) -> torch.Tensor:
    """Numbers from start to end (excluded), or from 0 to the only one given."""
    first, last = (0, start) if end is None else (start, end)
    return torch.arange(first, last, step, dtype=like.dtype, device=like.device)


def as_number(like: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """A comparison as zeros and ones."""
    return values.to(like.dtype)


def expand(values: torch.Tensor, sizes: Sizes) -> torch.Tensor:
    """The same numbers seen in a larger shape."""
    return values.expand(sizes)


def expand_as(values: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """The same numbers seen in the shape of another tensor."""
    return values.expand_as(other)


def repeat(values: torch.Tensor, repeats: Sizes) -> torch.Tensor:
    """The same numbers several times over."""
    return values.repeat(repeats)


def size(values: torch.Tensor, dim: int) -> int:
    """The length of a dimension."""
    return values.shape[dim]
