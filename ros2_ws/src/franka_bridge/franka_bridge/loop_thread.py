"""Calls something at a steady rate, in a thread with a schedule of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from franka_bridge.scheduling import SchedulingReport, SchedulingRequest, apply_to_this_thread
from franka_bridge.timing import TimingWindow

_JOIN_TIMEOUT = 2.0


class LoopThread:
    """A thread that calls `cycle` once per period against absolute deadlines.

    Args:
        cycle: what to do.
        period: [s].
        scheduling: what to ask of the operating system.
    """

    def __init__(
        self, cycle: Callable[[], None], period: float, scheduling: SchedulingRequest
    ) -> None:
        self._cycle, self._period, self._request = cycle, period, scheduling
        self._thread = threading.Thread(target=self._run, name='control loop', daemon=True)
        self._running = threading.Event()
        self.timing = TimingWindow(period)
        self.scheduling = SchedulingReport((), ())
        """What was granted and refused, once the thread runs."""

    def start(self) -> None:
        """Begins to call."""
        self._running.set()
        self._thread.start()

    def close(self) -> None:
        """Ends the calls, after the one under way."""
        self._running.clear()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_TIMEOUT)

    def _run(self) -> None:
        self.scheduling = apply_to_this_thread(self._request)
        due = last = time.monotonic()
        while self._running.is_set():
            self._cycle()
            due += self._period
            left = due - time.monotonic()
            if left > 0.0:
                time.sleep(left)
            elif left < -self._period:  # missed a whole period: do not rush to catch up
                due = time.monotonic()
            now = time.monotonic()
            self.timing.add(now - last)
            last = now
