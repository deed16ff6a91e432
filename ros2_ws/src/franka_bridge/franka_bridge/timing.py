"""How regular the references are: the last N intervals between them; old ones are forgotten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.types import InvalidValueError

# Of a period: two periods are two, whatever the subtraction of clocks makes of it.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class TimingSummary:
    """How far the intervals in the window are off the period.

    Attributes:
        p50: half of them are off by no more than this [ms].
        p95: 95 % of them.
        p99: 99 % of them.
        maximum: all of them.
        missed_periods: periods that passed whole without a reference.
        count: intervals this is about.
    """

    p50: float
    p95: float
    p99: float
    maximum: float
    missed_periods: int
    count: int


class TimingWindow:
    """The newest `size` intervals. One thread may add while another one reads.

    Args:
        period: what every interval should be [s].
        size: intervals to remember; the default is half a minute at 200 Hz.

    Raises:
        InvalidValueError: the period or the size is not positive.
    """

    def __init__(self, period: float, size: int = 6000) -> None:
        if not period > 0.0 or size < 1:
            raise InvalidValueError(
                f'period and size must be positive, got {period} s and {size} intervals'
            )
        self._period = period
        # A ring that never changes its length: it can be copied while it is written to.
        self._intervals = np.zeros(size)
        self._size = size
        self._added = 0

    def add(self, interval: float) -> None:
        """Takes in one interval [s]; it displaces the oldest one once the window is full."""
        self._intervals[self._added % self._size] = interval
        self._added += 1

    def summary(self) -> TimingSummary | None:
        """What is in the window now; None before the first interval."""
        count = min(self._added, self._size)  # first: whatever is added from here on is complete
        if count == 0:
            return None
        intervals = self._intervals[:count].copy()
        off = 1000.0 * np.abs(intervals - self._period)
        p50, p95, p99 = np.percentile(off, [50, 95, 99]).tolist()
        whole = np.floor(intervals / self._period + _ROUNDING)
        return TimingSummary(
            p50, p95, p99, float(off.max()), int(np.maximum(whole - 1.0, 0.0).sum()), count
        )
