"""Best of N: plain samples of the frozen policy, of which the best is executed.

With N the number of particles that a steered sampler uses, both cost the same: what steering adds
to merely choosing is the difference between the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.steering.baselines.common import Particles
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.types import Observation


@dataclass(frozen=True)
class BestOfN:
    """Attributes: count: N, samples to choose from; 1 is the base policy alone."""

    count: int = 20

    @torch.no_grad()
    def __call__(
        self,
        policy: FrozenPolicy,
        observation: Observation,
        reward: Reward,
        generator: torch.Generator,
        previous: PreviousChunk | None = None,
    ) -> SteeredChunk:
        """Plans one chunk; `previous` is not looked at. Raises NoParticlesError."""
        particles = Particles(policy, observation, reward, generator, self.count)
        x = particles.start()
        for level, next_level in particles.levels:
            prediction = particles.predict(x, level)
            x = policy.process.step(x, prediction, level, next_level, generator)
        reason = f'the best of {self.count} plain samples' if self.count > 1 else 'a plain sample'
        return particles.chunk(x, particles.best(x), reason)
