"""Calls that may hang for minutes, bounded."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import TypeVar

import franky

Value = TypeVar('Value')

CONNECT_TIMEOUT = 10.0
"""How long a robot may take to answer, for those who have no opinion [s]."""
RETRY_SECONDS = 0.2
"""Pause before another attempt."""
SHORT = 1.0
"""The silence of an attempt that has less time than this says nothing [s]."""


def bounded(
    attempt: Callable[[], Value], timeout: float, retry_on: tuple[type[Exception], ...] = ()
) -> Value:
    """Runs attempt in a thread of its own and returns its value or raises what it raised.

    Errors in retry_on are met with another attempt while there is time: whatever is at the other
    end, simulated or not, may still be starting. The last of them is raised when there is none.

    Raises:
        TimeoutError: no answer within timeout [s]. The thread is left to itself.
    """
    deadline = time.monotonic() + timeout
    refused: Exception | None = None
    while True:
        left = max(deadline - time.monotonic(), 0.0)
        try:
            return _bounded_once(attempt, left)
        except retry_on as error:
            if time.monotonic() + RETRY_SECONDS > deadline:
                raise
            refused = error
        except TimeoutError as error:
            if refused is None or left > SHORT:
                raise
            raise refused from error
        time.sleep(RETRY_SECONDS)


def robot_at(
    address: str,
    timeout: float = CONNECT_TIMEOUT,
    config: franky.RealtimeConfig = franky.RealtimeConfig.Ignore,
) -> franky.Robot:
    """The robot at an address; the calling thread keeps its priority.

    libfranka gives the thread that connects SCHED_FIFO 99 where that is permitted, also without a
    real-time kernel; it would hand that on to every process it starts.

    Raises:
        TimeoutError: no answer within timeout [s].
        franky.NetworkException: nobody is there, or franky's other reasons to refuse.
    """
    return bounded(
        lambda: franky.Robot(address, realtime_config=config), timeout,
        retry_on=(franky.NetworkException,),
    )


def _bounded_once(attempt: Callable[[], Value], timeout: float) -> Value:
    outcome: Queue[tuple[Value | None, BaseException | None]] = Queue()

    def run() -> None:
        try:
            outcome.put((attempt(), None))
        except BaseException as error:  # noqa: BLE001 (handed to the caller, whatever it is)
            outcome.put((None, error))

    Thread(target=run, name='connect', daemon=True).start()
    try:
        value, error = outcome.get(timeout=timeout)
    except Empty:
        raise TimeoutError(f'no answer within {timeout:.1f} s') from None
    if error is not None:
        raise error
    return value
