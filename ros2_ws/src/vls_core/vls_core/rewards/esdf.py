"""A Euclidean signed distance field: clearance from whatever was seen, without naming it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from vls_core.types import InvalidValueError


@dataclass(frozen=True)
class EsdfGrid:
    """Signed distances on a regular grid, interpolated trilinearly.

    Outside the grid the value is a lower bound of the distance to everything inside it: the way
    to the grid's nearest point and the distance from there are the legs of a right angle or an
    obtuse one. So the gradient leads away from the grid there. What lies outside is not known.

    Attributes:
        distances: (X, Y, Z) signed distances at the nodes [m], each axis at least 2 long.
        origin: (3,) node (0, 0, 0) in the base frame [m].
        spacing: between two nodes [m].

    Raises:
        InvalidValueError: on wrong shapes, values that are not finite, or a spacing <= 0.
    """

    distances: torch.Tensor
    origin: np.ndarray
    spacing: float
    _volume: torch.Tensor = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.distances.dim() != 3 or min(self.distances.shape) < 2:
            raise InvalidValueError(
                f'distances: expected (X, Y, Z), each at least 2, got {self.distances.shape}'
            )
        if not torch.isfinite(self.distances).all():
            raise InvalidValueError('distances: not finite')
        origin = np.array(self.origin, dtype=np.float64)
        if origin.shape != (3,) or not np.isfinite(origin).all():
            raise InvalidValueError('origin: expected 3 finite numbers')
        if not (np.isfinite(self.spacing) and self.spacing > 0):
            raise InvalidValueError(f'spacing must be positive, got {self.spacing}')
        object.__setattr__(self, 'origin', origin)
        # grid_sample wants (batch, channel, depth, height, width) and points as width first.
        object.__setattr__(self, '_volume', self.distances[None, None])

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """(..., 3) points to (...) distances [m]."""
        origin = torch.as_tensor(self.origin, dtype=points.dtype, device=points.device)
        size = points.new_tensor(self.distances.shape) - 1
        inside = torch.minimum((points - origin).clamp_min(0.0), size * self.spacing)
        shares = (2.0 * inside / (size * self.spacing) - 1.0).flip(-1)
        distance = torch.nn.functional.grid_sample(
            self._volume.to(points.device, points.dtype),
            shares.reshape(1, -1, 1, 1, 3),
            mode='bilinear',
            padding_mode='border',
            align_corners=True,
        ).reshape(points.shape[:-1])
        beyond = (points - origin - inside).square().sum(-1)
        # The root has no gradient at 0, where nearly all points are: leave it out there.
        away = distance.clamp_min(0.0).square() + beyond
        bent = torch.where(beyond > 0, away, torch.ones_like(away)).sqrt()
        return torch.where(beyond > 0, bent + distance.clamp_max(0.0), distance)


def esdf_from_occupancy(
    occupied: torch.Tensor, origin: np.ndarray, spacing: float
) -> EsdfGrid:
    """The field of the occupied cells of a grid, exact between cell centres to half a cell.

    Args:
        occupied: (X, Y, Z) bool.
        origin: (3,) centre of cell (0, 0, 0) [m].
        spacing: side length of a cell [m].

    Without an occupied cell all distances are the diagonal of the grid, and the negative of it
    without a free one.
    """
    if occupied.dim() != 3 or occupied.dtype != torch.bool:
        raise InvalidValueError(f'occupied: expected (X, Y, Z) bool, got {occupied.shape}')
    to_occupied, to_free = _cells_to(occupied), _cells_to(~occupied)
    # The surface lies half way between an occupied cell and a free one.
    cells = torch.where(occupied, 0.5 - to_free, to_occupied - 0.5)
    return EsdfGrid(cells * spacing, origin, spacing)


def esdf_from_points(
    points: np.ndarray, lower: np.ndarray, upper: np.ndarray, spacing: float
) -> EsdfGrid:
    """The field of a point cloud (N, 3) within a box from lower (3,) to upper (3,) [m].

    A cell with a point in it is occupied; points outside the box are left out. Depth pictures see
    surfaces, so what is behind one counts as free: distances are right in front of it, and inside
    things they are negative only within a cell of the surface.
    """
    lower, upper = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    if not (lower < upper).all():
        raise InvalidValueError('lower must be below upper')
    shape = np.maximum(np.ceil((upper - lower) / spacing).astype(int), 2)
    cells = np.floor((np.asarray(points, dtype=np.float64) - lower) / spacing).astype(int)
    cells = cells[((cells >= 0) & (cells < shape)).all(1)]
    occupied = torch.zeros(*shape.tolist(), dtype=torch.bool)
    occupied[tuple(torch.from_numpy(cells).T)] = True
    return esdf_from_occupancy(occupied, lower + spacing / 2, spacing)


def _cells_to(mask: torch.Tensor) -> torch.Tensor:
    """(X, Y, Z) Euclidean distance from each cell to the nearest one of the mask, in cells.

    Exact and separable: the squared distance is minimised along one axis after the other.
    """
    farthest = float(sum(length**2 for length in mask.shape))
    squared = torch.where(mask, 0.0, farthest)
    for axis in range(3):
        lines = squared.movedim(axis, 0)
        steps = torch.arange(len(lines), dtype=squared.dtype).view(-1, 1, 1)
        squared = torch.stack([
            (lines + (steps - place).square()).amin(0) for place in range(len(lines))
        ]).movedim(0, axis)
    return squared.clamp_max(farthest).sqrt()
