"""Where the arm was asked to be a moment ago: what displacements are counted from."""

from __future__ import annotations

from collections import deque

import numpy as np

from vls_core.control.chunk_rules import UnknownAnchorError


class ReferenceHistory:
    """The references of the last seconds.

    Displacements are anchored where the arm was ASKED to be when the observation was taken, not
    where it is now and not where it was measured: an impedance-controlled arm hangs a little below
    its reference, and a policy anchored to that sinks with every chunk.

    Args:
        duration: how far back it reaches [s].
    """

    def __init__(self, duration: float = 2.0) -> None:
        self._duration = duration
        self._entries: deque[tuple[float, np.ndarray]] = deque()

    def clear(self) -> None:
        """Forgets everything: the arm was moved by other means."""
        self._entries.clear()

    def add(self, time: float, positions: np.ndarray) -> None:
        """Takes in the reference (7,) [rad] of a time [s]; times must not go back."""
        self._entries.append((time, positions))
        while self._entries[0][0] < time - self._duration:
            self._entries.popleft()

    def at(self, time: float) -> np.ndarray:
        """The reference (7,) at a time [s], interpolated.

        Raises:
            UnknownAnchorError: the time is before the oldest reference, or there is none.
        """
        entries = self._entries
        if not entries or time < entries[0][0]:
            raise UnknownAnchorError(
                'a chunk of displacements was begun before the arm was followed; they have '
                'nothing to be counted from'
            )
        newer = entries[-1]
        for older in reversed(entries):
            if older[0] <= time:
                break
            newer = older
        if newer[0] <= older[0]:
            return older[1]
        share = min((time - older[0]) / (newer[0] - older[0]), 1.0)
        return older[1] + share * (newer[1] - older[1])
