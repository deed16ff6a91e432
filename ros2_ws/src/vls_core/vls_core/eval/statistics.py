"""Intervals for success rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Proportion:
    """A success rate with the interval it is known to; all three lie in [0, 1]."""

    value: float
    low: float
    high: float
    trials: int


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Proportion:
    """Wilson's score interval of a binomial proportion.

    Unlike the normal approximation it stays in [0, 1] and has width when all trials agree.

    Raises ValueError unless 0 <= successes <= trials, trials > 0 and 0 < confidence < 1.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f'{successes} successes of {trials} trials')
    if not 0.0 < confidence < 1.0:
        raise ValueError(f'confidence {confidence} is not between 0 and 1')
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / trials
    spread = z * math.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2))
    scale = 1 + z**2 / trials
    middle = (rate + z**2 / (2 * trials)) / scale
    # Rounding may leave the rate itself a hair outside, at 0 and at 1.
    low = min(max(middle - spread / scale, 0.0), rate)
    high = max(min(middle + spread / scale, 1.0), rate)
    return Proportion(rate, low, high, trials)
