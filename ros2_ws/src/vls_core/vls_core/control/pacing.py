"""Paces references by the robot's own clock."""

from __future__ import annotations


class Pacing:
    """Lets one reference pass for every period of the robot's time.

    Limits hold in the robot's time: a simulated robot slower than real time must not see
    references that come too fast for it.

    Args:
        period: between two references [s].
        robot_time: on the robot's clock now [s].
    """

    def __init__(self, period: float, robot_time: float) -> None:
        self._period = period
        self.reset(robot_time)

    def reset(self, robot_time: float) -> None:
        """Starts again at a time on the robot's clock [s]."""
        self._last, self._credit = robot_time, 0.0

    def due(self, robot_time: float) -> bool:
        """Whether another reference is due at a time on the robot's clock [s]."""
        self._credit = min(self._credit + robot_time - self._last, 2.0 * self._period)
        self._last = robot_time
        if self._credit < 0.5 * self._period:
            return False
        self._credit -= self._period
        return True
