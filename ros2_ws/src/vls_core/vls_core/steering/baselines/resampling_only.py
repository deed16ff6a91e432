"""Feynman-Kac steering (arXiv 2501.06848): resampling without gradients.

Particles that promise well on the clean estimate are copied, others die out. The sampler is
stochastic, so that copies part again. Needs no differentiable reward.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.steering.baselines.common import Particles
from vls_core.steering.baselines.potential import MaxPotential
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.types import Observation


@dataclass(frozen=True)
class ResamplingOnly:
    """Published constants: sharpness 10, for rewards of deviation 1; ours are in metres.

    Attributes:
        count: particles.
        sharpness: the paper's lambda, per metre of reward.
        rounds: how often particles may be resampled, evenly over the denoising steps.
        stochasticity: share of the noise that is replaced at every step, DDIM's eta.
    """

    count: int = 20
    sharpness: float = 10.0
    rounds: int = 5
    stochasticity: float = 1.0

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
        potential, x = MaxPotential(self.sharpness), particles.start()
        every = max(1, round(len(particles.levels) / self.rounds))
        for number, (level, next_level) in enumerate(particles.levels):
            clean = particles.estimate(x, level)
            if number % every == 0:
                chosen = potential.resample(particles.score(clean), generator)
                x, clean = x[chosen], clean[chosen]
            x = particles.advance(x, clean, level, next_level, self.stochasticity)
        return particles.chunk(
            x,
            particles.best(x),
            f'the best of {self.count} resampled particles',
            resamplings=potential.resamplings,
            effective_sample_size=potential.sample_size,
        )
