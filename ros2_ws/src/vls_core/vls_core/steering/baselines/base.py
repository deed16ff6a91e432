"""The frozen policy alone: what every way of steering has to beat, and never to harm."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.steering.baselines.best_of_n import BestOfN
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.types import Observation


@dataclass(frozen=True)
class BasePolicy:
    """One plain sample, executed whatever the reward says."""

    def __call__(
        self,
        policy: FrozenPolicy,
        observation: Observation,
        reward: Reward,
        generator: torch.Generator,
        previous: PreviousChunk | None = None,
    ) -> SteeredChunk:
        """Plans one chunk; `previous` is not looked at."""
        return BestOfN(count=1)(policy, observation, reward, generator, previous)
