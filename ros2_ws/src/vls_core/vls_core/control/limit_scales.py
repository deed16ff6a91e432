"""Which share of the robot's own limits references may use."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from vls_core.control.robot_limits import INERTIA_BOUNDS, RobotLimits
from vls_core.types import InvalidValueError


@dataclass(frozen=True)
class LimitScales:
    """Shares of the robot's own limits that references may use, each in (0, 1).

    The torque that a jerk takes changes with it: a reference whose jerk asks for more than the
    robot's torque rate makes a stiff impedance controller swing. With the share `torque_rate`, the
    jerk of each joint also stays where its inertia, at worst, can follow.

    Attributes:
        velocity: of joint and end-effector velocity.
        acceleration: of joint acceleration.
        jerk: of joint jerk.
        torque_rate: of the rate of change of the torque.
    """

    velocity: float = 0.3
    acceleration: float = 0.3
    jerk: float = 0.3
    torque_rate: float = 0.3

    def __post_init__(self) -> None:
        for item in fields(self):
            if not 0.0 < getattr(self, item.name) < 1.0:
                raise InvalidValueError(f'scale of {item.name} must be between 0 and 1')

    def jerk_limits(self, limits: RobotLimits) -> np.ndarray:
        """(7,) [rad/s^3]."""
        by_torque = self.torque_rate * limits.torque_rate / INERTIA_BOUNDS
        return np.minimum(self.jerk * limits.jerk, by_torque)
