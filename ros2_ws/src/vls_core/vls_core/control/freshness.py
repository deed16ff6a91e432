"""Whether the arm is still being heard."""

from __future__ import annotations

from vls_core.control.errors import EnvelopeViolationError


class StaleStateError(EnvelopeViolationError):
    """The measured state does not change any more: the robot, or the way to it, is dead."""


class Freshness:
    """Watches the robot's own clock, which must go on.

    Args:
        timeout: how long it may stand still [s].
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._last_time: float | None = None
        self._heard = 0.0

    def reset(self) -> None:
        """Begins anew: the robot may have paused while nobody was following."""
        self._last_time = None

    def check(self, robot_time: float, now: float) -> None:
        """Raises StaleStateError.

        Args:
            robot_time: of the measured state, on the robot's clock [s].
            now: on the caller's clock [s].
        """
        if robot_time != self._last_time:
            self._last_time, self._heard = robot_time, now
        elif now - self._heard > self._timeout:
            raise StaleStateError(
                f'the joint states have stood still for {now - self._heard:.2f} s; check the '
                'robot and the network'
            )
