"""ITPS stochastic sampling (arXiv 2411.16627; github.com/yanweiw/itps): guide, re-noise, repeat.

Of the six alignment strategies of inference-time policy steering it is the one the authors found
best. At every noise level the gradient of the objective at the noisy sample is added to the
predicted noise, the clean estimate that follows is noised again to the same level, and only the
last of four repetitions moves on. The last level is not guided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.steering.baselines.common import Particles, with_noise_changed
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.types import Observation


@dataclass(frozen=True)
class StochasticSampling:
    """Published constants; as many network evaluations as 20 particles take elsewhere.

    Attributes:
        count: particles.
        repeats: guided estimates at every noise level.
        guide_ratio: size of the change of the noise, in multiples of the gradient of the mean
            distance between two chunks, the only objective that was published. Over H steps its
            length is 1 / sqrt(H), however far apart they are; gradients of other rewards are
            brought to that length.
    """

    count: int = 5
    repeats: int = 4
    guide_ratio: float = 60.0

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
            for again in reversed(range(self.repeats)):
                clean = particles.estimate(x, level)
                if next_level.noise > 0:
                    change = -self.guide_ratio * self._direction(particles, x)
                    clean = with_noise_changed(clean, change, level)
                clean = policy.clip(clean)
                if again:
                    x = particles.noised(clean, level)
            x = particles.advance(x, clean, level, next_level)
        reason = f'the best of {self.count} particles guided by {self.guide_ratio:g}'
        return particles.chunk(x, particles.best(x), reason, self.guide_ratio)

    def _direction(self, particles: Particles, noisy: torch.Tensor) -> torch.Tensor:
        gradient = particles.gradient(noisy)
        length = gradient.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1)
        return gradient / length / math.sqrt(noisy.shape[1])
