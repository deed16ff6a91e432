"""How to steer: every number of the steering core, with its unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from vls_core.steering.errors import NoParticlesError, SteeringError
from vls_core.steering.guidance import Guidance
from vls_core.steering.selection import Tolerance
from vls_core.steering.strength import Schedule


@dataclass(frozen=True)
class SteeringConfig:
    """How strongly, with how many particles, and with which ingredients to steer.

    Progress is that of denoising, 0 is noise and 1 is clean; deviations are standard deviations
    of the demonstrated actions.

    Attributes:
        rungs: guidance strengths, in deviations; 0 is the base policy.
        particles_per_rung: particles of each strength.
        schedule: how the strength is spread over the denoising steps.
        guide_from: guide from this progress on.
        guide_last: whether the last denoising step is guided too.
        inner_steps: reward gradients per denoising step.
        last_inner_steps: the same in the last one, after which the network has no say any more.
        momentum: see `guidance.Guidance`.
        levelling: share to which gradients are levelled over a chunk, see `levelling`; 0 is off.
        trust: largest guidance move of a clean estimate, root mean square in deviations.
        fade: distance from a perfect reward below which guidance weakens [m]; 0 never.
        backpropagate: differentiate through the network as well; one backward pass per step.
        stage_floor: share of the strength that is left near the end of a stage; 1 keeps all.
        diversity: size of the repulsion between particles, in deviations.
        diversity_until: repel while progress is below this.
        resample_from, resample_until: resample guided particles between these.
        resample_size: effective sample size to aim for, as a share of the particles; 1 is off.
        fresh_noise: share of fresh noise given to copies.
        stochasticity: 0 integrates the ODE, 1 the SDE; guided particles only.
        refinements: times a denoising step is taken, re-noised in between (the paper's MCMC).
        softness: pull towards the previous chunk beyond its committed steps, 0..1.
        warm_start: progress at which denoising begins when there is a previous chunk; 0 is noise.
        plausibility_at: progress at which good plans are re-noised to ask the network which of
            them it finds most plausible; 0 takes the best one of the mildest rung.
        tolerance, relative_tolerance, coherence, base_share: see `selection.Tolerance`; the first
            and the third are in the reward's own unit, the one place where that matters.
    """

    rungs: tuple[float, ...] = (0.0, 0.5, 2.0)
    particles_per_rung: int = 6
    schedule: Schedule = 'grow'
    guide_from: float = 0.15
    guide_last: bool = True
    inner_steps: int = 4
    last_inner_steps: int = 4
    momentum: float = 0.0
    levelling: float = 0.0
    trust: float = 2.0
    fade: float = 0.0
    backpropagate: bool = False
    stage_floor: float = 1.0
    diversity: float = 0.3
    diversity_until: float = 0.15
    resample_from: float = 0.25
    resample_until: float = 0.85
    resample_size: float = 0.5
    fresh_noise: float = 0.5
    stochasticity: float = 0.5
    refinements: int = 1
    softness: float = 0.0
    warm_start: float = 0.0
    plausibility_at: float = 0.5
    tolerance: float = 0.003
    relative_tolerance: float = 0.1
    coherence: float = 0.1
    base_share: float = 1.0

    def __post_init__(self) -> None:
        if not self.rungs or self.particles_per_rung < 1:
            raise NoParticlesError(
                f'rungs {self.rungs} with {self.particles_per_rung} particles each leave nothing '
                'to sample; at least one of each is needed'
            )
        if list(self.rungs) != sorted(set(self.rungs)) or self.rungs[0] < 0:
            raise SteeringError(f'rungs must rise from 0 or more, not {self.rungs}')
        for name in ('trust', 'fade', 'diversity', 'tolerance', 'relative_tolerance', 'coherence'):
            value = getattr(self, name)
            if not value >= 0:
                raise SteeringError(f'{name} must not be negative, and is {value}')
        if not all(math.isfinite(rung) for rung in self.rungs) or self.trust == 0:
            raise SteeringError('rungs must be finite and trust above 0')
        for name in ('inner_steps', 'last_inner_steps', 'refinements'):
            if getattr(self, name) < 1:
                raise SteeringError(f'{name} starts at 1, and is {getattr(self, name)}')
        for name in ('diversity_until', 'resample_size', 'fresh_noise', 'stochasticity',
                     'softness', 'stage_floor', 'plausibility_at', 'base_share', 'momentum',
                     'levelling'):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise SteeringError(f'{name} is a share between 0 and 1, not {value}')
        if not 0 <= self.warm_start < 1:
            raise SteeringError(f'warm_start is at least 0 and below 1, not {self.warm_start}')

    def strengths(self) -> torch.Tensor:
        """(B,) guidance strength of every particle, mildest first."""
        return torch.tensor(self.rungs).repeat_interleave(self.particles_per_rung)

    def guidance(self, last: bool) -> Guidance:
        """How a clean estimate may be moved, in the last denoising step or before it."""
        return Guidance(
            self.last_inner_steps if last else self.inner_steps, self.trust, self.fade,
            self.momentum,
        )

    @property
    def selection(self) -> Tolerance:
        """What a milder plan is forgiven."""
        return Tolerance(
            self.tolerance, self.relative_tolerance, self.coherence, self.base_share
        )
