"""Universal guidance with self-recurrence (arXiv 2302.07121).

Forward guidance differentiates the reward of the clean estimate through the network and adds that
to the predicted noise. Backward guidance then improves the clean estimate itself. Each step is
taken several times, noised back in between. Only forward passes are counted as evaluations: each
comes with a backward pass that other methods do not need.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.policies.process import NoiseLevel, renoise
from vls_core.steering.baselines.common import Particles, with_noise_changed
from vls_core.steering.guidance import reward_gradient, root_mean_square
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.types import Observation


@dataclass(frozen=True)
class UniversalGuidance:
    """As many network evaluations as 20 particles take elsewhere.

    Attributes:
        count: particles.
        recurrences: how often every step is taken; 2 to 10 were published.
        weight: the constant of the paper's s(t) = weight * sqrt(1 - alpha_t), for the gradient of
            the reward [1/m]; 2 to 20000 were published, depending on the loss. The default is
            the one for segmentation maps.
        backward_steps: gradient steps on the clean estimate; 0 leaves backward guidance out.
        backward_rate: size of such a step, root mean square in standard deviations.
    """

    count: int = 5
    recurrences: int = 4
    weight: float = 400.0
    backward_steps: int = 0
    backward_rate: float = 0.1

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
            for again in reversed(range(self.recurrences)):
                clean = policy.clip(self._guided(particles, x, level))
                x_next = particles.advance(x, clean, level, next_level)
                if again:
                    x = renoise(x_next, next_level, level, generator)
            x = x_next
        reason = f'the best of {self.count} particles guided through the network'
        return particles.chunk(x, particles.best(x), reason, self.weight)

    def _guided(
        self, particles: Particles, noisy: torch.Tensor, level: NoiseLevel
    ) -> torch.Tensor:
        estimates = []

        def promised(samples: torch.Tensor) -> torch.Tensor:
            estimates.append(particles.estimate(samples, level))
            return particles.score(estimates[-1])

        gradient = reward_gradient(promised, noisy)[1]
        change = -self.weight * level.noise * gradient
        clean = with_noise_changed(estimates[-1].detach(), change, level)
        for _ in range(self.backward_steps):
            uphill = particles.gradient(clean)
            clean = clean + self.backward_rate * uphill / root_mean_square(uphill).clamp_min(1e-12)
        return clean
