"""How long a whole program may take to verify."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class OutOfTimeError(RuntimeError):
    """A program takes too long to verify; the message says what to do about it."""


class Deadline:
    """Counts from when it is made.

    Args:
        seconds: how long there is [s].
        clock: monotonic [s].
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def remaining(self) -> float:
        """How long there is still, never negative [s]."""
        return max(0.0, self._end - self._clock())

    def require(self) -> None:
        """Raises OutOfTimeError if it has passed."""
        if self.remaining == 0.0:
            raise OutOfTimeError(
                f'not verified within {self._seconds:g} s: write fewer stages, fewer terms and '
                'less code'
            )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens in here does not count: it is not the fault of the program."""
        begin = self._clock()
        try:
            yield
        finally:
            self._end += self._clock() - begin
