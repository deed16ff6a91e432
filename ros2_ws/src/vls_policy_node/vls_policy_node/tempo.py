"""How fast chunks are played: slower where planning takes long, as on a busy or slow computer."""

from __future__ import annotations

import numpy as np

from vls_core.types import InvalidValueError

SLOWEST = 0.25
"""Share of the speed of the demonstrations below which nothing is slowed down."""
_LARGEST_CHANGE = 0.1
"""Of the share, from one chunk to the next: the arm must not be seen to hesitate."""


class Tempo:
    """Keeps the steps that pass while a chunk is planned few, by making steps last longer.

    A plan is as old as its planning took. What passes meanwhile was planned before, from what was
    seen before that; the more steps it is, the less a plan has to say about what the arm does.
    Steered and unsteered planning take different times, so each has a tempo of its own.

    Args:
        step_duration: of the demonstrations [s].
        fastest: share of their speed that is never exceeded.
        steps: that may pass while the next chunk is planned.

    Raises:
        InvalidValueError: something is not positive, or fastest is more than 1.
    """

    def __init__(self, step_duration: float, fastest: float = 1.0, steps: float = 5.0) -> None:
        if not (step_duration > 0.0 and 0.0 < fastest <= 1.0 and steps > 0.0):
            raise InvalidValueError(
                f'no tempo: step {step_duration} s, fastest {fastest}, {steps} steps'
            )
        self._natural, self._fastest, self._steps = step_duration, fastest, steps
        self._shares = {True: fastest, False: fastest}

    def share(self, steered: bool) -> float:
        """Of the speed of the demonstrations, at which the next chunk is to be played."""
        return self._shares[steered]

    def step_duration(self, steered: bool) -> float:
        """Of the next chunk [s]."""
        return self._natural / self._shares[steered]

    def planned(self, steered: bool, latency: float) -> None:
        """Takes in how old a chunk was when it was ready [s]."""
        slowest = min(SLOWEST, self._fastest)
        wanted = self._steps * self._natural / max(latency, 1e-9)
        share = self._shares[steered]
        change = np.clip(wanted / share, 1.0 - _LARGEST_CHANGE, 1.0 + _LARGEST_CHANGE)
        self._shares[steered] = float(np.clip(share * change, slowest, self._fastest))
