"""Vision-language steering as it was published and as it was coded, for comparison.

Paper: arXiv 2602.03973. Code: github.com/Vision-Language-Steering/code. They are two algorithms:

- as coded: the reward gradient at the noisy sample, divided by its length over the whole batch,
  so that the push on each particle falls with the number of particles. Resampling never fires
  for flow policies: its table of steps is made from times rounded to 0 and 1. For diffusion it
  fires every fifth step, on noisy samples, and sorts particles in the end.
- as published (algorithm 1): gradients as they are, several re-noised repetitions of a step for
  diffusion, weights exp(reward) and resampling at every step.

Both execute particle 0. Equations 5, 8 and 10 have signs here with which the text comes true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.policies.process import FlowProcess, NoiseLevel
from vls_core.steering.baselines.common import Particles
from vls_core.steering.baselines.potential import ExponentialPotential, MaxPotential
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.types import Observation

Family = Literal['flow', 'diffusion']
_WARM_UP = {'flow': 0.2, 'diffusion': 0.3}
"""Share of the denoising steps that only spreads particles."""
_REPEATS = {'flow': 1, 'diffusion': 4}
"""Of a denoising step, as published."""
_RESAMPLE_EVERY = 5
"""Denoising steps, as coded for diffusion."""
_SOFTENING = 1e-6
"""Keeps inverse distances finite [m^2, and m]."""


@dataclass(frozen=True)
class PublishedSteering:
    """Published constants.

    The adaptive strength is that of the chunk: it follows the progress of the stage, which comes
    with the previous chunk. (The code asks anew at every denoising step, with the reward of the
    noisy samples.)

    Attributes:
        evaluations_per_step: particles times repetitions of a denoising step.
        strength: the paper's largest lambda.
        diversity: scale of the repulsion during the warm-up.
        steepness, midpoint: of the fall of the strength with progress.
        sharpness: lambda of the resampling, as coded.
        guided_width: actions' leading dimensions that are steered: the position.
        best_executed: executes the best particle instead of particle 0, which nobody published:
            shows what that choice alone costs.
    """

    variant: Literal['as_coded', 'as_published'] = 'as_coded'
    evaluations_per_step: int = 20
    strength: float = 80.0
    diversity: float = 20.0
    steepness: float = 25.0
    midpoint: float = 0.8
    sharpness: float = 10.0
    guided_width: int = 3
    best_executed: bool = False

    @torch.no_grad()
    def __call__(
        self,
        policy: FrozenPolicy,
        observation: Observation,
        reward: Reward,
        generator: torch.Generator,
        previous: PreviousChunk | None = None,
    ) -> SteeredChunk:
        """Plans one chunk; of `previous` only the progress is used. Raises NoParticlesError."""
        family: Family = 'flow' if isinstance(policy.process, FlowProcess) else 'diffusion'
        repeats = 1 if self._coded else _REPEATS[family]
        count = self.evaluations_per_step // repeats
        particles = Particles(policy, observation, reward, generator, count)
        warm_up = math.ceil(_WARM_UP[family] * len(particles.levels) - 1e-9)
        strength = self.strength * self._adaptive(previous.progress if previous else 0.0)
        potential = MaxPotential(self.sharpness) if self._coded else ExponentialPotential()
        x = particles.start()
        for number, (level, next_level) in enumerate(particles.levels):
            guided = number - warm_up
            for again in reversed(range(repeats)):
                clean = particles.estimate(x, level)
                if guided < 0:
                    change = self.diversity * self._towards_others(particles, x, family)
                else:
                    change = -strength * self._uphill(particles, x)
                    change = change if family == 'flow' else level.noise * change
                change[..., self.guided_width :] = 0.0
                clean = _with_prediction_changed(particles, clean, change, level)
                if again:
                    x = particles.noised(clean, level)
            x = particles.advance(x, clean, level, next_level)
            last = next_level.noise == 0
            if self._resamples(guided, last, family):
                x = x[potential.resample(particles.score(x), generator, last)]
        reason = f'steered {self.variant.replace("_", " ")} at strength {strength:g}'
        index = particles.best(x) if self.best_executed else 0
        return particles.chunk(
            x, index, reason, strength, potential.resamplings, potential.sample_size
        )

    @property
    def _coded(self) -> bool:
        return self.variant == 'as_coded'

    def _adaptive(self, progress: float) -> float:
        """Falls from 1 to 0 as the stage gets done."""
        progress = min(max(progress, 0.0), 1.2)
        return 1 / (1 + math.exp(self.steepness * (progress - self.midpoint)))

    def _resamples(self, guided: int, last: bool, family: Family) -> bool:
        """Whether to resample after that many guided steps; never while warming up."""
        if self._coded:
            due = last or guided % _RESAMPLE_EVERY == 0
            return family == 'diffusion' and guided >= 0 and due
        return guided >= 0

    def _uphill(self, particles: Particles, noisy: torch.Tensor) -> torch.Tensor:
        gradient = particles.gradient(noisy)
        return _over_batch(gradient) if self._coded else gradient

    def _towards_others(
        self, particles: Particles, noisy: torch.Tensor, family: Family
    ) -> torch.Tensor:
        """Gradient of the sum of inverse distances; adding it to a prediction drives apart."""
        with torch.enable_grad():
            leaf = noisy.detach().requires_grad_(True)
            trajectory = particles.policy.decode(leaf, particles.observation)
            points = (trajectory.positions if self._coded else leaf).flatten(1)
            squared = (points.unsqueeze(1) - points.unsqueeze(0)).square().sum(-1)
            inverse = 1 / ((squared + _SOFTENING).sqrt() + _SOFTENING)
            potential = inverse.sum() - inverse.diagonal().sum()
            (gradient,) = torch.autograd.grad(potential, leaf)
        return _over_batch(gradient) if self._coded and family == 'flow' else gradient


def _over_batch(gradient: torch.Tensor) -> torch.Tensor:
    # The length of everything together: twenty particles share what one would have alone.
    return gradient / (gradient.norm() + 1e-8)


def _with_prediction_changed(
    particles: Particles, clean: torch.Tensor, change: torch.Tensor, level: NoiseLevel
) -> torch.Tensor:
    """Clean estimates once `change` is added to the velocity towards noise, or to the noise."""
    if isinstance(particles.policy.process, FlowProcess):
        return clean - level.noise * change
    # The diffusion code's scheduler limits clean estimates to the range of the demonstrations.
    return particles.policy.clip(clean - level.noise / level.signal * change)
