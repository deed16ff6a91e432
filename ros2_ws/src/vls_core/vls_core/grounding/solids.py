"""Upright solids of known size, and how far points are from their surface."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vls_core.types import InvalidValueError


class Shape(StrEnum):
    """Shapes of objects."""

    BOX = 'box'
    CYLINDER = 'cylinder'
    TRAY = 'tray'


@dataclass(frozen=True)
class Solid:
    """An upright shape, sides along the axes of the base frame.

    Attributes:
        size: full side lengths of its box [m]; x and y of a cylinder are its diameter.

    Raises:
        InvalidValueError: a size is not positive, or a cylinder is not round.
    """

    shape: Shape
    size: tuple[float, float, float]

    def __post_init__(self) -> None:
        if not all(0.0 < side < np.inf for side in self.size):
            raise InvalidValueError(f'size must be positive, got {list(self.size)}')
        if self.shape is Shape.CYLINDER and self.size[0] != self.size[1]:
            raise InvalidValueError(f'a cylinder is as long as wide, got {list(self.size)}')

    @property
    def diagonal(self) -> float:
        """Diagonal of its box [m]."""
        return float(np.linalg.norm(self.size))

    @property
    def is_hollow(self) -> bool:
        """Whether one sees into its box from above."""
        return self.shape is Shape.TRAY

    def signed_distance(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distance from the surface of the (filled) solid, and the direction away from it.

        Args:
            points: (N, 3) relative to the centre of the box [m].

        Returns:
            Distance (N,) [m], negative inside, and its gradient (N, 3).
        """
        half = np.array(self.size) / 2
        if self.shape is not Shape.CYLINDER:
            excess = np.abs(points) - half
            distance, steps = _distance_from_corner(excess)
            return distance, steps * np.where(points < 0, -1.0, 1.0)
        radius = np.hypot(points[:, 0], points[:, 1])
        excess = np.stack([radius - half[0], np.abs(points[:, 2]) - half[2]], axis=1)
        distance, steps = _distance_from_corner(excess)
        outward = points[:, :2] / np.maximum(radius, 1e-12)[:, None]
        upward = steps[:, 1] * np.where(points[:, 2] < 0, -1.0, 1.0)
        return distance, np.column_stack([outward * steps[:, :1], upward])


def _distance_from_corner(excess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Signed distance from the corner region where every column of excess (N, D) is negative."""
    outside = np.maximum(excess, 0.0)
    apart = np.sqrt(np.einsum('nd,nd->n', outside, outside))
    nearest_side = np.argmax(excess, axis=1)
    inside = np.minimum(excess[np.arange(len(excess)), nearest_side], 0.0)
    steps = outside / np.maximum(apart, 1e-12)[:, None]
    within = apart == 0.0
    steps[within] = np.eye(excess.shape[1])[nearest_side[within]]
    return apart + inside, steps
