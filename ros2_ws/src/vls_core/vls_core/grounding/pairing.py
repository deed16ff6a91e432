"""Finds the colour and the depth picture that belong together."""

from __future__ import annotations

from typing import Any


class StampPairing:
    """Keeps the newest colour and depth until both are of the same time.

    Args:
        maximum_difference: stamps may differ by this much [s].
    """

    def __init__(self, maximum_difference: float) -> None:
        self._maximum_difference = maximum_difference
        self._newest: dict[str, tuple[float, Any]] = {}

    def add_color(self, stamp: float, picture: Any) -> tuple[Any, Any] | None:
        """Returns (colour, depth) when this colour picture completes a pair."""
        return self._add('color', stamp, picture)

    def add_depth(self, stamp: float, picture: Any) -> tuple[Any, Any] | None:
        """Returns (colour, depth) when this depth picture completes a pair."""
        return self._add('depth', stamp, picture)

    def _add(self, stream: str, stamp: float, picture: Any) -> tuple[Any, Any] | None:
        self._newest[stream] = (stamp, picture)
        if len(self._newest) < 2:
            return None
        (color_stamp, color), (depth_stamp, depth) = self._newest['color'], self._newest['depth']
        if abs(color_stamp - depth_stamp) > self._maximum_difference:
            return None
        self._newest.clear()
        return color, depth


class RateLimit:
    """Lets through at most so many per second on average, without favouring a slower rhythm.

    Pictures at 8 Hz limited to 5 Hz come at 5 Hz, not at 4.

    Args:
        rate: [Hz].
    """

    def __init__(self, rate: float) -> None:
        self._period = 1.0 / rate
        self._due = float('-inf')

    def admits(self, now: float) -> bool:
        """Whether something may pass at a time [s] of a clock that never goes back."""
        if now < self._due:
            return False
        self._due = max(self._due + self._period, now)
        return True
