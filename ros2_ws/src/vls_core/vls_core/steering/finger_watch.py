"""Whether fingers rest, from one measurement of the distance between them to the next."""

from __future__ import annotations

SLOWEST = 0.02
"""Speed of the distance between fingers up to which they count as still [m/s]."""
_RESOLUTION = 1e-4  # m; measurements of fingers that rest differ by as much


class FingerWatch:
    """Follows the fingers of one hand."""

    def __init__(self) -> None:
        self._width: float | None = None
        self._stamp = 0.0

    def still(self, width: float, stamp: float) -> bool:
        """Takes in a distance [m] measured at a time [s]; the first one counts as still."""
        before, since = self._width, max(stamp - self._stamp, 0.0)
        self._width, self._stamp = width, stamp
        return before is None or abs(width - before) <= SLOWEST * since + _RESOLUTION
