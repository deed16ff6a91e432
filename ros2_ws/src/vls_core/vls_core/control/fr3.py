"""Geometry, limits and fixed poses of the Franka Research 3, the one place they are written down.

Sources: libfranka's rate_limiting.h (velocity, acceleration, jerk) and franka_description's
kinematics.yaml and joint_limits.yaml for the FR3 (placements, positions). Angles in rad, base
frame `fr3_link0`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vls_core.types import InvalidValueError, joint_names


def _constant(*values: float) -> np.ndarray:
    array = np.array(values)
    array.setflags(write=False)
    return array


JOINT_NAMES: Final = tuple(joint_names('fr3'))

JOINT_PLACEMENTS: Final = (
    ((0.0, 0.0, 0.333), 0.0),
    ((0.0, 0.0, 0.0), -np.pi / 2),
    ((0.0, -0.316, 0.0), np.pi / 2),
    ((0.0825, 0.0, 0.0), np.pi / 2),
    ((-0.0825, 0.384, 0.0), -np.pi / 2),
    ((0.0, 0.0, 0.0), np.pi / 2),
    ((0.088, 0.0, 0.0), np.pi / 2),
)
"""Each joint in the one before it: x y z [m], then a rotation about x [rad]; it turns about z."""
JOINT7_TO_HAND: Final = 0.107
"""Along the common z axis [m]."""
HAND_ROTATION: Final = -np.pi / 4
"""Of the hand against joint 7, about z [rad]."""
HAND_TO_END_EFFECTOR: Final = 0.1034
"""Along the common z axis [m]; both have the same orientation."""

JOINT_LOWER_LIMITS: Final = _constant(-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159)
JOINT_UPPER_LIMITS: Final = _constant(2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159)
"""Joint positions the arm refuses to leave [rad]."""

MAXIMUM_JOINT_VELOCITIES: Final = _constant(2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26)
"""Joint velocities far from the joint limits [rad/s]; see `velocity_limits`."""

MAXIMUM_JOINT_ACCELERATIONS: Final = _constant(*[10.0] * 7)
"""[rad/s^2]"""

MAXIMUM_JOINT_JERKS: Final = _constant(*[5000.0] * 7)
"""[rad/s^3]"""

STIFFNESS: Final = _constant(600.0, 600.0, 600.0, 600.0, 250.0, 150.0, 50.0)
"""Joint stiffness of the impedance controller that tracked streamed references well [Nm/rad]."""

HOME_JOINT_POSITIONS: Final = _constant(
    0.0, -0.4186152210453, 0.0, -2.5787544038052, 0.0, 2.1601391827599, 0.7853981633974
)
"""End effector at (0.40, 0, 0.30) m, pointing straight down (DOWNWARD_QUATERNION)."""

POSTURE_GAIN: Final = 0.02
"""Share of the way to the home posture that the redundant joint goes with every pose solved."""

DOWNWARD_QUATERNION: Final = _constant(1.0, 0.0, 0.0, 0.0)
"""x y z w; the end effector's z axis points down, the fingers open along the base's y axis."""

# Near a joint limit u the velocity towards it is bounded by -offset + sqrt(slope * (u - q)).
_OFFSET = _constant(0.30, 0.20, 0.20, 0.30, 0.35, 0.35, 0.35)
_SLOPE = _constant(12.0, 5.17, 7.0, 8.0, 34.0, 11.0, 34.0)
_UPPER_WALL = _constant(2.7501, 1.7918, 2.9065, -0.1458, 2.8101, 4.5205, 3.0196)
_LOWER_WALL = _constant(-2.7501, -1.7918, -2.9065, -3.0481, -2.8101, 0.54092, -3.0196)


def velocity_limits(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Velocity limits at given joint positions (7,): lower (7,) <= 0 and upper (7,) >= 0 [rad/s].

    The FR3 lowers the limit towards a joint stop, so that the arm can always brake before it.
    """
    upper = -_OFFSET + np.sqrt(np.maximum(0.0, _SLOPE * (_UPPER_WALL - positions)))
    lower = _OFFSET - np.sqrt(np.maximum(0.0, _SLOPE * (positions - _LOWER_WALL)))
    return (
        np.clip(lower, -MAXIMUM_JOINT_VELOCITIES, 0.0),
        np.clip(upper, 0.0, MAXIMUM_JOINT_VELOCITIES),
    )


@dataclass(frozen=True)
class WorkspaceBox:
    """Where the end effector may be: lower (3,) and upper (3,) corner in the base frame [m].

    Raises:
        InvalidValueError: on wrong shapes, values that are not finite, or an empty box.
    """

    lower: np.ndarray
    upper: np.ndarray

    def __post_init__(self) -> None:
        for name in ('lower', 'upper'):
            corner = np.array(getattr(self, name), dtype=np.float64)
            if corner.shape != (3,) or not np.isfinite(corner).all():
                raise InvalidValueError(f'workspace {name}: expected 3 finite numbers')
            corner.setflags(write=False)
            object.__setattr__(self, name, corner)
        if (self.lower >= self.upper).any():
            raise InvalidValueError('workspace: every lower bound must be below its upper bound')

    def contains(self, position: np.ndarray, tolerance: float = 0.0) -> bool:
        """Whether a position (3,) lies within the box, give or take the tolerance [m]."""
        return bool(
            (position >= self.lower - tolerance).all()
            and (position <= self.upper + tolerance).all()
        )

    def clamp(self, position: np.ndarray) -> np.ndarray:
        """The point of the box nearest to a position (..., 3)."""
        return np.clip(position, self.lower, self.upper)


DEFAULT_WORKSPACE: Final = WorkspaceBox(
    lower=np.array([0.28, -0.55, 0.015]), upper=np.array([0.80, 0.55, 0.70])
)
"""Over a table whose top is the plane z = 0: at 1.5 cm fast references dip to 5 mm at most."""
