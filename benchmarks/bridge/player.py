"""Hands the chunks of a stream over when they arrive."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.bridge.motions import DURATION
from benchmarks.bridge.streams import Delivery, Stream

LEAD = 0.2
"""From the moment an arm is ready to the beginning of the stream [s]."""

_SLICE = 0.05  # s between two looks at whether the arm still moves


def play(
    stream: Stream,
    began: float,
    accept: Callable[[Delivery], None],
    alive: Callable[[], bool],
) -> None:
    """Hands all chunks over on time, and returns when the stream is over or the arm has stopped.

    Args:
        began: when the stream begins, on the monotonic clock [s].
        accept: takes a chunk.
        alive: whether the arm still follows.
    """
    for delivery in stream.deliveries:
        if not _wait_until(began + delivery.arrival, alive):
            return
        accept(delivery)
    _wait_until(began + DURATION, alive)


def _wait_until(due: float, alive: Callable[[], bool]) -> bool:
    while (left := due - time.monotonic()) > 0.0:
        if not alive():
            return False
        time.sleep(min(left, _SLICE))
    return alive()
