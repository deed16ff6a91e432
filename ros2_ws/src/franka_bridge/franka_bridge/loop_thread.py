"""Calls something at a steady rate, in a thread with a schedule of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from franka_bridge.scheduling import SchedulingReport, SchedulingRequest, apply_to_this_thread
from franka_bridge.timing import TimingWindow

_JOIN_TIMEOUT = 2.0


class StillRunningError(RuntimeError):
    """The calls begun last have not ended: two threads must never call side by side."""


class LoopThread:
    """A thread that calls `cycle` once per period against absolute deadlines.

    Args:
        cycle: what to do; must not raise, that would end the calls.
        period: [s].
        scheduling: what to ask of the operating system.
        clock: monotonic time [s].
        sleep: waits so long on that clock [s].
    """

    def __init__(
        self,
        cycle: Callable[[], None],
        period: float,
        scheduling: SchedulingRequest,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cycle, self._period, self._request = cycle, period, scheduling
        self._time, self._sleep = clock, sleep
        self._thread: threading.Thread | None = None
        self._running = threading.Event()
        self._scheduled: SimpleQueue[SchedulingReport | Exception] = SimpleQueue()
        self.timing = TimingWindow(period)
        self.scheduling = SchedulingReport((), ())
        """What was granted and refused, once `start` has returned."""

    @property
    def running(self) -> bool:
        """Whether there is a thread that calls and goes on calling."""
        return self._running.is_set() and self._alive

    @property
    def _alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begins to call.

        Raises:
            InvalidSchedulingError: this machine cannot do as asked.
            StillRunningError: there is a thread that calls, maybe a closed one in a long cycle.
        """
        if self._alive:
            raise StillRunningError('the control loop has not ended yet: configure once more')
        self._running.set()
        self._thread = threading.Thread(target=self._run, name='control loop', daemon=True)
        self._thread.start()
        scheduled = self._scheduled.get()
        if isinstance(scheduled, Exception):
            raise scheduled
        self.scheduling = scheduled

    def close(self) -> None:
        """Ends the calls, after the one under way; then `start` may be called again."""
        self._running.clear()
        if self._thread is not None:
            self._thread.join(_JOIN_TIMEOUT)

    def _run(self) -> None:
        try:
            self._scheduled.put(apply_to_this_thread(self._request))
        except Exception as error:  # for `start` to raise
            self._scheduled.put(error)
            return
        due = last = self._time()
        while self._running.is_set():
            self._cycle()
            due += self._period
            left = due - self._time()
            if left > 0.0:
                self._sleep(left)
            elif left < -self._period:  # missed a whole period: do not rush to catch up
                due = self._time()
            now = self._time()
            self.timing.add(now - last)
            last = now
