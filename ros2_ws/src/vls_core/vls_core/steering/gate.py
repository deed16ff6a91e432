"""Whether to steer the next chunk at all. The ladder then decides how much; see `selection`.

Steering presumes a goal that is known well enough and a reward that responds. Where either is
missing the frozen policy, which has seen demonstrations, is the better judge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.rewards.goals import goal_names
from vls_core.rewards.keypoints import object_of
from vls_core.rewards.program import Stage
from vls_core.steering.result import SteeredChunk
from vls_core.types import Scene


@dataclass(frozen=True)
class GateConfig:
    """When not to steer.

    Attributes:
        maximum_deviation: steer towards things known at least this well [m], one sigma.
        saturation: a chunk counts as strained when this share of its guided steps was cut short
            by the trust region.
        patience: strained chunks without gain after which the reward counts as wrong.
        gain: improvement of the reward that counts as one [m].
        pause: chunks to leave unsteered then, before it is tried again.
    """

    maximum_deviation: float = 0.02
    saturation: float = 0.75
    patience: int = 4
    gain: float = 0.005
    pause: int = 2


@dataclass(frozen=True)
class GateDecision:
    """Whether to steer, and if not, why."""

    steer: bool
    reason: str = ''


class Gate:
    """Decides chunk by chunk for one task."""

    def __init__(self, config: GateConfig) -> None:
        self._config = config
        self._stage = -1
        self._strained = 0
        self._paused = 0
        self._best = -np.inf

    def decide(self, stage_index: int, stage: Stage, scene: Scene) -> GateDecision:
        """For the chunk to be planned now. Raises UnknownObjectError."""
        self._enter(stage_index)
        for name in _goals(stage):
            deviation = _deviation(scene, name)
            if deviation > self._config.maximum_deviation:
                return GateDecision(False, f'where the {name} is, is only known to '
                                           f'{100 * deviation:.1f} cm')
        if self._paused > 0:
            return GateDecision(False, 'steering strained without gain; the reward may be wrong')
        return GateDecision(True)

    def _enter(self, stage_index: int) -> None:
        if stage_index != self._stage:
            self._stage, self._strained, self._paused, self._best = stage_index, 0, 0, -np.inf

    def record(self, stage_index: int, chunk: SteeredChunk) -> None:
        """Takes in a planned chunk, steered or not."""
        self._enter(stage_index)
        if self._paused > 0:
            self._paused -= 1
            return
        gained = chunk.reward > self._best + self._config.gain
        self._best = max(self._best, chunk.reward)
        strained = chunk.strength > 0 and chunk.saturation >= self._config.saturation
        self._strained = self._strained + 1 if strained and not gained else 0
        if self._strained >= self._config.patience:
            self._strained, self._paused = 0, self._config.pause


def _goals(stage: Stage) -> list[str]:
    """Names that terms lead to; what is only avoided is avoided however vaguely it is known."""
    return [name for term in stage.terms for name in goal_names(term)]


def _deviation(scene: Scene, name: str) -> float:
    """Of the named point where it has its own, else the largest of its object [m], one sigma."""
    item = object_of(name, scene)
    own = [point for point in item.keypoints if name == f'{item.name}.{point.name}']
    covariances = [point.covariance for point in own or item.keypoints]
    return max((float(np.sqrt(np.linalg.eigvalsh(covariance)[-1].clip(0)))
                for covariance in covariances), default=0.0)
