"""Signed distance to the scene: what a clearance is measured against.

Every shape maps points (..., 3) in the base frame to (...) metres: the distance to its surface,
negative inside, differentiable in the points and of their dtype and device.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from vls_core.rewards.geometry import box_signed_distance
from vls_core.types import Scene


class SignedDistance(Protocol):
    """Anything that knows how far away it is."""

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """(..., 3) points to (...) distances [m]."""
        ...


@dataclass(frozen=True)
class Box:
    """An axis-aligned box: centre (3,) and full side lengths (3,) [m]."""

    center: Sequence[float] | np.ndarray
    extent: Sequence[float] | np.ndarray

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """(..., 3) points to (...) distances [m]."""
        return box_signed_distance(
            points, _constant(self.center, points), _constant(self.extent, points)
        )


@dataclass(frozen=True)
class Cylinder:
    """An upright cylinder: centre (3,), radius and full height [m]."""

    center: Sequence[float] | np.ndarray
    radius: float
    height: float

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """(..., 3) points to (...) distances [m]."""
        offset = points - _constant(self.center, points)
        # Below a micrometre from the axis the radial direction is undefined: no gradient there.
        beside = (offset[..., :2].square().sum(-1) + 1e-12).sqrt() - self.radius
        over = offset[..., 2].abs() - self.height / 2
        outside = beside.clamp_min(0.0).square() + over.clamp_min(0.0).square()
        return (outside + 1e-12).sqrt() + torch.maximum(beside, over).clamp_max(0.0)


@dataclass(frozen=True)
class Union:
    """Several shapes as one; of no shape at all everything is infinitely far away."""

    shapes: tuple[SignedDistance, ...]

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """(..., 3) points to (...) distances [m]."""
        if not self.shapes:
            return points.new_full(points.shape[:-1], math.inf)
        return torch.stack([shape(points) for shape in self.shapes]).amin(0)


def scene_distance(scene: Scene, names: Sequence[str]) -> Union:
    """The objects of these names as boxes. Raises UnknownObjectError."""
    return Union(tuple(Box(scene[name].center, scene[name].extent) for name in names))


def _constant(values: Sequence[float] | np.ndarray, like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)
