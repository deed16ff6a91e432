"""Joint velocity: stiff, precise, and with a dead-man of its own inside the 1 kHz loop."""

from __future__ import annotations

import franky
import numpy as np

from franka_bridge.arm import ArmState
from vls_core.control.limiter import Reference
from vls_core.control.robot_limits import RobotLimits

_DEAD_MAN = 150  # ms; a velocity that is not renewed is ramped down to zero by franky after that
_GAIN = 4.0  # 1/s, on the position error
_RATE = 50.0  # motions per second
ACCELERATION_SHARE = 0.22
"""Of the robot's acceleration that references may use in this mode. Every motion begins from the
state that the robot last reported: where that is some milliseconds old, the commanded velocity
jumps by so much acceleration, and the robot allows 5 rad/s^2 of it from one millisecond to the
next."""
_DYNAMICS = franky.RelativeDynamicsFactor(0.9, 0.22, 0.1)


class JointVelocity:
    """Sends a short velocity motion every 20 ms.

    Args:
        reference_rate: at which `follow` is called [Hz].
        limits: of the robot.
    """

    def __init__(self, reference_rate: float, limits: RobotLimits) -> None:
        self._every = max(round(reference_rate / _RATE), 1)
        self._limits = limits

    def begin(self, robot: franky.Robot) -> None:
        """Starts with standing still."""
        self._robot, self._count = robot, 0
        self._send(np.zeros(7))

    def follow(self, reference: Reference, measured: ArmState) -> None:
        """Sends the velocity of every few references, corrected by the position error."""
        self._count = (self._count + 1) % self._every
        if self._count:
            return
        lower, upper = self._limits.velocity_limits(measured.joint_positions)
        error = reference.position - measured.joint_positions
        self._send(np.clip(reference.velocity + _GAIN * error, 0.9 * lower, 0.9 * upper))

    def _send(self, velocity: np.ndarray) -> None:
        motion = franky.JointVelocityMotion(velocity, franky.Duration(_DEAD_MAN), _DYNAMICS)
        self._robot.move(motion, asynchronous=True)

    def rest_motion(self) -> franky.Motion:
        """Ramps the velocity down."""
        return franky.JointVelocityStopMotion(_DYNAMICS)
