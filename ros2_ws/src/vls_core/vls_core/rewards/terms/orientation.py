"""Terms about how the hand is turned.

An angle counts as the way the wrist goes when the hand turns about its fingertips, so that these
terms are in metres like all others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from vls_core.rewards.term_models import UP, AlignAxis, KeepUpright
from vls_core.rewards.terms.measures import satisfied, unit
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

HAND_LENGTH = 0.10
"""From the fingertips to the flange: metres that a radian counts for [m/rad]."""
DOWNWARD = ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))
"""The hand pointing straight down, as policies without rotations keep it."""
_SMOOTHING = 1e-3
"""Angles below this are counted quadratically [rad]."""


def keep_upright(term: KeepUpright, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean angle beyond the allowed one between the approach axis and straight down."""
    if trajectory.rotations is None:
        return satisfied(trajectory)
    axes = trajectory.rotations[:, 1:, :, 2]
    tilts = _angles(axes, -unit(UP, axes))
    return -HAND_LENGTH * torch.relu(tilts - term.tilt).mean(1)


def align_axis(term: AlignAxis, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean angle between an axis of the hand and a direction.

    The two fingers are alike, so the axis along which they open may point either way.
    """
    positions = trajectory.positions
    rotations = trajectory.rotations
    if rotations is None:
        downward = torch.tensor(DOWNWARD, dtype=positions.dtype, device=positions.device)
        rotations = downward.expand(*positions.shape[:2], 3, 3)
    axes = rotations[:, 1:, :, 'xyz'.index(term.axis)]
    angles = _angles(axes, unit(term.direction, axes), either_way=term.axis == 'y')
    return satisfied(trajectory) - HAND_LENGTH * angles.mean(1)


def finger_alignment(direction: Sequence[float] | np.ndarray, trajectory: Trajectory
                     ) -> torch.Tensor:
    """(B,) mean angle between the line of the fingers and a direction (3,), as a reward [m]."""
    assert trajectory.rotations is not None
    axes = trajectory.rotations[:, 1:, :, 1]
    return -HAND_LENGTH * _angles(axes, unit(direction, axes), either_way=True).mean(1)


def _angles(
    axes: torch.Tensor, direction: torch.Tensor, either_way: bool = False
) -> torch.Tensor:
    """(..., 3) axes to (...) angles with a unit direction (3,) [rad]; 0 and flat at 0."""
    along = axes @ direction
    across = (axes - along.unsqueeze(-1) * direction).square().sum(-1)
    if either_way:
        # Not the absolute value: a hand at right angles is to turn one way or the other.
        along = torch.where(along < 0.0, -along, along)
    # The same as sqrt(across + s^2) - s, but without the rounding that could make 0 negative.
    sine = across / ((across + _SMOOTHING**2).sqrt() + _SMOOTHING)
    return torch.atan2(sine, along)
