"""What terms measure with: lengths and directions whose gradients exist everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from vls_core.rewards.keypoints import position
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

SMOOTHING = 0.01
"""Distances below this are counted quadratically [m]."""
_TINY = 1e-12
"""Keeps the square root differentiable at 0; a micrometre, squared [m^2]."""


def constant(values: Sequence[float] | np.ndarray, like: torch.Tensor) -> torch.Tensor:
    """The values as a tensor of the same dtype, on the same device."""
    return torch.tensor(values, dtype=like.dtype, device=like.device)


def point(
    name: str, offset: Sequence[float], scene: Scene, like: torch.Tensor
) -> torch.Tensor:
    """(3,) where a named point is, displaced by an offset [m]. Raises UnknownObjectError."""
    return constant(position(name, scene) + np.asarray(offset), like)


def unit(direction: Sequence[float] | np.ndarray, like: torch.Tensor) -> torch.Tensor:
    """(3,) the direction, of length 1; models refuse directions of length 0."""
    vector = np.asarray(direction, dtype=np.float64)
    return constant(vector / np.linalg.norm(vector), like)


def smooth_length(vectors: torch.Tensor) -> torch.Tensor:
    """(..., N) to (...): Euclidean length, quadratic below SMOOTHING, 0 at 0."""
    return (vectors.square().sum(-1) + SMOOTHING**2).sqrt() - SMOOTHING


def length(vectors: torch.Tensor) -> torch.Tensor:
    """(..., N) to (...): Euclidean length; the gradient at 0 is 0."""
    return (vectors.square().sum(-1) + _TINY).sqrt()


def satisfied(trajectory: Trajectory) -> torch.Tensor:
    """(B,) zeros that autograd can go back from, to zeros."""
    return 0.0 * trajectory.positions[:, 0, 0]
