"""How strongly to steer: along the denoising steps, and from chunk to chunk."""

from __future__ import annotations

import math
from typing import Literal

Schedule = Literal['decay', 'constant', 'grow']

REFERENCE_STEPS = 10
"""Number of denoising steps at which strengths count as given; others are compensated."""
STEEPNESS, MIDDLE = 25.0, 0.8
"""Of the published sigmoid over a stage's progress."""


def schedule_weight(schedule: Schedule, progress: float, denoising_steps: int) -> float:
    """Share of the strength that one step applies; all schedules apply about the same in total.

    Args:
        progress: of denoising, 0 noise to 1 clean.
    """
    weight = {'decay': 1 - progress, 'constant': 0.5, 'grow': progress}[schedule]
    return weight * REFERENCE_STEPS / denoising_steps


def stage_factor(progress: float, floor: float) -> float:
    """Factor on all strengths, 1 at the start of a stage and falling to floor near its end.

    Equation 10 of the paper with the sign that does what its text says; the floor keeps guidance
    alive until a stage is verified to be over, not merely until its reward is high.

    Args:
        progress: share of the reward's initial deficit that has been made up.
    """
    falling = 1 / (1 + math.exp(min(50.0, STEEPNESS * (progress - MIDDLE))))
    return floor + (1 - floor) * falling


class Threshold:
    """A Schmitt trigger over a stage's progress: fires once on the way up, rearms further down."""

    def __init__(self, high: float = 0.8, low: float = 0.6) -> None:
        self._high, self._low = high, low
        self._armed = True

    def __call__(self, progress: float) -> bool:
        """Whether the progress has just passed the high mark."""
        fired = self._armed and progress > self._high
        if fired or progress < self._low:
            self._armed = not fired
        return fired
