"""Whether references go on from each other as an arm can."""

from __future__ import annotations

import numpy as np

from vls_core.control.errors import EnvelopeViolationError
from vls_core.control.limiter import Reference
from vls_core.control.robot_limits import RobotLimits

_TOLERANCE = 1.0 + 1e-6


class DiscontinuityError(EnvelopeViolationError):
    """Between two references, position, velocity or acceleration change faster than allowed."""


class Continuity:
    """Compares every reference with the one before, against the robot's own limits.

    Args:
        limits: of the robot.
        period: between two references [s].
    """

    def __init__(self, limits: RobotLimits, period: float) -> None:
        self._names = limits.joint_names
        self._steps = tuple(
            limit * period * _TOLERANCE + 1e-9
            for limit in (limits.velocity, limits.acceleration, limits.jerk)
        )
        self._last: tuple[np.ndarray, ...] | None = None

    def reset(self, start: np.ndarray) -> None:
        """Begins at joint positions (7,) [rad], at rest."""
        self._last = (np.array(start), np.zeros_like(start), np.zeros_like(start))

    def check(self, reference: Reference) -> None:
        """Raises DiscontinuityError unless the reference goes on from the last one."""
        present = (reference.position, reference.velocity, reference.acceleration)
        if self._last is not None:
            for name, now, last, step in zip(
                ('position', 'velocity', 'acceleration'), present, self._last, self._steps,
                strict=True,
            ):
                jump = np.abs(now - last) > step
                if jump.any():
                    raise DiscontinuityError(
                        f'the {name} of {self._names[int(jump.argmax())]} would jump'
                    )
        self._last = present
