"""Percentiles over the last N durations; old ones are forgotten, a slow start does not linger."""

from __future__ import annotations

from collections import deque

import numpy as np


class LatencyWindow:
    """The newest `size` durations [s]."""

    def __init__(self, size: int) -> None:
        self._values: deque[float] = deque(maxlen=size)

    def add(self, duration: float) -> None:
        """Takes in one duration [s]."""
        self._values.append(duration)

    def summary(self) -> dict[str, float]:
        """p50, p95 and p99 [s], rounded to milliseconds; empty before the first duration."""
        if not self._values:
            return {}
        p50, p95, p99 = np.percentile(list(self._values), [50, 95, 99])
        return {'p50': round(p50, 3), 'p95': round(p95, 3), 'p99': round(p99, 3)}

    def lately(self) -> float:
        """The median of the newest five [s]; 0 before the first duration."""
        return float(np.median(list(self._values)[-5:])) if self._values else 0.0
