"""How far a stage has come, as its reward alone tells it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.steering.strength import Threshold


@dataclass(frozen=True)
class Measure:
    """What a reward is the sum of; only rewards of the same measure are compared.

    Attributes:
        stage: index of the stage.
        complete: False: without its terms in code.
    """

    stage: int
    complete: bool = True


class RewardProgress:
    """Of one task: from the reward of the first chunk of a measure to 0, which is perfect."""

    def __init__(self) -> None:
        self._first: tuple[Measure, float] | None = None
        self._last = 0.0
        self._threshold = Threshold()

    def note(self, measure: Measure, reward: float) -> bool:
        """Takes in the reward of a chunk, at most 0.

        Returns:
            Whether the stage looks as if it were over: True once, when progress passes the
            threshold, and again only after a setback.
        """
        if self._first is None or self._first[0] != measure:
            self._first, self._threshold = (measure, reward), Threshold()
        self._last = reward
        return self._threshold(self.of(measure))

    def of(self, measure: Measure) -> float:
        """0..1; 0 unless the last chunk was planned by this measure."""
        if self._first is None or self._first[0] != measure:
            return 0.0
        return float(np.clip(1 - self._last / min(self._first[1], -1e-9), 0, 1))
