"""What the baselines share: particles on their way from noise to actions, and what they cost.

A baseline sees and changes clean estimates only, like our own sampler, so all of them work for
flow matching and for diffusion, whatever the network predicts. None of them knows real-time
chunking: a committed prefix is not kept.
"""

from __future__ import annotations

from itertools import pairwise

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.policies.process import NoiseLevel, draw, mix
from vls_core.steering.denoising import initial_noise
from vls_core.steering.errors import NoParticlesError
from vls_core.steering.guidance import reward_gradient
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.steering.selection import Tolerance, select
from vls_core.types import Observation

_SMALLEST_SIGNAL = 0.1
"""Where samples hold less of the actions, the noise estimate says nothing about them: it is
changed as if they held this share. Only the first level of a ten-step sampler is that noisy."""
_WORST = -1e6
_NO_TOLERANCE = Tolerance(absolute=0.0, relative=0.0)


class Particles:
    """A batch of chunks in the making; (B, H, D) throughout, normalised.

    Attributes:
        levels: pairs of the noise level before and after every denoising step.
        evaluations: network evaluations so far, one for each particle of a batch.
    """

    def __init__(
        self,
        policy: FrozenPolicy,
        observation: Observation,
        reward: Reward,
        generator: torch.Generator,
        count: int,
    ) -> None:
        """Raises NoParticlesError for a count that is not positive."""
        if count < 1:
            raise NoParticlesError(f'{count} particles leave nothing to sample')
        self.policy, self.reward, self.generator = policy, reward, generator
        self.observation, self.condition = observation, policy.encode(observation)
        self.count, self.evaluations = count, 0
        self.levels = tuple(pairwise(policy.process.levels(policy.denoising_steps)))

    def start(self) -> torch.Tensor:
        """Pure noise, the same that plain sampling of the policy begins with."""
        return initial_noise(self.policy, self.count, self.generator)

    def predict(self, noisy: torch.Tensor, level: NoiseLevel) -> torch.Tensor:
        """What the network makes of noisy samples; counted."""
        self.evaluations += len(noisy)
        return self.policy.predict(noisy, level.time, self.condition)

    def estimate(self, noisy: torch.Tensor, level: NoiseLevel) -> torch.Tensor:
        """The network's clean estimates."""
        return self.policy.process.estimate(noisy, self.predict(noisy, level), level)[0]

    def advance(
        self,
        noisy: torch.Tensor,
        clean: torch.Tensor,
        level: NoiseLevel,
        next_level: NoiseLevel,
        stochasticity: float | None = None,
    ) -> torch.Tensor:
        """The policy's own step, had it estimated these clean actions for these samples.

        Args:
            stochasticity: replaces the one of the policy's own sampler.
        """
        if stochasticity is None:
            stochasticity = self.policy.process.stochasticity
        noise = (noisy - level.signal * clean) / level.noise
        return mix(clean, noise, level, next_level, stochasticity, self.generator)

    def noised(self, clean: torch.Tensor, level: NoiseLevel) -> torch.Tensor:
        """Clean actions with fresh noise of that level."""
        return level.signal * clean + level.noise * draw(clean, self.generator)

    def score(self, actions: torch.Tensor) -> torch.Tensor:
        """(B,) rewards of actions taken as they are; what is not finite counts as very bad."""
        rewards = self.reward(self.policy.decode(actions, self.observation))
        return rewards.nan_to_num(_WORST, _WORST, _WORST)

    def gradient(self, actions: torch.Tensor) -> torch.Tensor:
        """Each particle's own reward gradient; one that is not finite counts as none."""
        return reward_gradient(self.score, actions)[1]

    def best(self, actions: torch.Tensor) -> int:
        """The highest reward among those that pass the hard check, else among all."""
        trajectory = self.policy.decode(actions, self.observation)
        return select(trajectory, self.reward, torch.zeros(len(actions)), _NO_TOLERANCE).index

    def chunk(
        self,
        actions: torch.Tensor,
        index: int,
        reason: str,
        strength: float = 0.0,
        resamplings: int = 0,
        effective_sample_size: float | None = None,
    ) -> SteeredChunk:
        """The plan of one particle."""
        trajectory = self.policy.decode(actions[index : index + 1], self.observation)
        terms = self.reward.terms(trajectory)[0]
        size = float(self.count) if effective_sample_size is None else effective_sample_size
        return SteeredChunk(
            trajectory=trajectory,
            reward=float(terms @ self.reward.weights(terms)),
            term_rewards=tuple(terms.tolist()),
            strength=strength,
            reason=reason,
            effective_sample_size=size,
            resamplings=resamplings,
            network_evaluations=self.evaluations,
            denoising_steps=len(self.levels),
            passes=bool(self.reward.passes(trajectory)),
        )


def with_noise_changed(
    clean: torch.Tensor, change: torch.Tensor, level: NoiseLevel
) -> torch.Tensor:
    """Clean estimates once `change` is added to the noise estimates: the samples stay as they are.

    Published guidance is mostly written as such a change of the predicted noise.
    """
    return clean - level.noise / max(level.signal, _SMALLEST_SIGNAL) * change
