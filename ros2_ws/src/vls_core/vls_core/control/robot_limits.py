"""What each arm allows: position, velocity, acceleration, jerk, torque and Cartesian limits.

Sources: libfranka's rate_limiting.h (FR3: version 0.21, Panda: version 0.9) and
franka_description's joint_limits.yaml of either arm. Angles in rad; the geometry of both arms is
the same and lives in `fr3.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vls_core.control import fr3
from vls_core.types import JOINT_COUNT, InvalidValueError, joint_names


class UnknownRobotError(InvalidValueError):
    """There are no limits for a type of robot."""


@dataclass(frozen=True)
class CartesianLimits:
    """Of the end effector: velocity [m/s], acceleration [m/s^2], jerk [m/s^3]."""

    velocity: float
    acceleration: float
    jerk: float


@dataclass(frozen=True)
class RobotLimits:
    """The limits of one type of arm; arrays are (7,).

    Attributes:
        robot_type: fr3 or panda.
        lower: joint positions the arm refuses to leave [rad].
        upper: likewise [rad].
        velocity: joint velocities, far from the joint limits [rad/s].
        acceleration: [rad/s^2].
        jerk: [rad/s^3].
        torque_rate: [Nm/s].
        cartesian: translation of the end effector.
        slows_at_walls: the velocity limits shrink towards the joint limits, as on the FR3.
    """

    robot_type: str
    lower: np.ndarray
    upper: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray
    jerk: np.ndarray
    torque_rate: np.ndarray
    cartesian: CartesianLimits
    slows_at_walls: bool

    @property
    def joint_names(self) -> tuple[str, ...]:
        """From the base to the hand."""
        return tuple(joint_names(self.robot_type))

    def velocity_limits(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Limits at joint positions (7,): lower (7,) <= 0 and upper (7,) >= 0 [rad/s]."""
        if self.slows_at_walls:
            return fr3.velocity_limits(positions)
        return -self.velocity, self.velocity

    def within(self, margin: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower (7,) and upper (7,) joint positions, less a margin [rad]."""
        return self.lower + margin, self.upper - margin


def _constant(*values: float) -> np.ndarray:
    array = np.array(values)
    array.setflags(write=False)
    return array


FR3: Final = RobotLimits(
    robot_type='fr3',
    lower=fr3.JOINT_LOWER_LIMITS,
    upper=fr3.JOINT_UPPER_LIMITS,
    velocity=fr3.MAXIMUM_JOINT_VELOCITIES,
    acceleration=fr3.MAXIMUM_JOINT_ACCELERATIONS,
    jerk=fr3.MAXIMUM_JOINT_JERKS,
    torque_rate=_constant(*[1000.0] * JOINT_COUNT),
    cartesian=CartesianLimits(3.0, 9.0, 4500.0),
    slows_at_walls=True,
)

PANDA: Final = RobotLimits(
    robot_type='panda',
    lower=_constant(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973),
    upper=_constant(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973),
    velocity=_constant(2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61),
    acceleration=_constant(15.0, 7.5, 10.0, 12.5, 15.0, 20.0, 20.0),
    jerk=_constant(7500.0, 3750.0, 5000.0, 6250.0, 7500.0, 10000.0, 10000.0),
    torque_rate=_constant(*[1000.0] * JOINT_COUNT),
    cartesian=CartesianLimits(1.7, 13.0, 6500.0),
    slows_at_walls=False,
)

ROBOT_TYPES: Final = (FR3.robot_type, PANDA.robot_type)


def robot_limits(robot_type: str) -> RobotLimits:
    """The limits of a type of arm. Raises UnknownRobotError."""
    for limits in (FR3, PANDA):
        if limits.robot_type == robot_type:
            return limits
    raise UnknownRobotError(
        f'robot_type: there are no limits for "{robot_type}"; known: {", ".join(ROBOT_TYPES)}'
    )


INERTIA_BOUNDS: Final = _constant(4.1, 4.1, 1.8, 1.4, 0.15, 0.14, 0.08)
"""Inertia about each joint, the rest of the arm stretched out as far as it goes, with the hand and
the reflected inertia of the motors [kg m^2]; a test holds them against the simulated arm."""
