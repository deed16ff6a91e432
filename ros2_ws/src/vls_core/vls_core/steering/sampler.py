"""The sampler: denoise a batch of chunks with a frozen policy, steered towards a reward.

Read this file first; the ingredients are one file each. Particles are split into rungs of rising
guidance strength. Rung 0 is the base policy itself. All rungs share every network call, and
`selection` takes the least intervention that does about as well as the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.policies.base import FrozenFlowPolicy
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.diversity import repulsion
from vls_core.steering.guidance import calibration, guide
from vls_core.steering.resampling import (
    clones,
    effective_sample_size,
    systematic_resample,
    tempered_weights,
)
from vls_core.steering.selection import Choice, select
from vls_core.trajectory import Trajectory
from vls_core.types import Observation


@dataclass(frozen=True)
class SteeringConfig:
    """How strongly and with how many particles to steer.

    Attributes:
        rungs: guidance strengths, in standard deviations of the actions per chunk; 0 first.
        particles_per_rung: particles of each strength.
        inner_steps: reward gradients per denoising step.
        trust: largest guidance move of a clean estimate, root mean square in deviations.
        diversity: size of the early repulsion, in deviations.
        diversity_until: repel while time is above this (1 is noise, 0 is clean).
        resample_from, resample_until: resample guided particles between these times.
        resample_size: effective sample size to aim for, as a fraction of the particles.
        renoise: share of fresh noise given to copies.
        tolerance: how much worse than the best a milder plan may be [m]; small, it decides
            whether a stage is finished or merely approached.
        relative_tolerance: the same as a share of what the best plan still lacks; decides far
        away. coherence: weight of the distance to the previous chunk.
    """

    rungs: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0)
    particles_per_rung: int = 4
    inner_steps: int = 4
    trust: float = 2.0
    diversity: float = 0.3
    diversity_until: float = 0.8
    resample_from: float = 0.75
    resample_until: float = 0.15
    resample_size: float = 0.5
    renoise: float = 0.5
    tolerance: float = 0.003
    relative_tolerance: float = 0.1
    coherence: float = 0.1


@dataclass(frozen=True)
class SteeredChunk:
    """A chosen plan and how it came about.

    Attributes:
        trajectory: the one chosen particle, (1, H + 1, ...).
        reward: its weighted reward [m].
        term_rewards: its unweighted reward per term.
        strength: guidance strength of its rung, 0 for the base policy.
        effective_sample_size: of the last resampling, or the number of particles.
        reason: why this rung was taken.
    """

    trajectory: Trajectory
    reward: float
    term_rewards: tuple[float, ...]
    strength: float
    effective_sample_size: float
    reason: str


def sample_base(
    policy: FrozenFlowPolicy, observation: Observation, generator: torch.Generator, count: int = 1
) -> torch.Tensor:
    """Plain Euler sampling of the frozen policy: (count, H, D) clean normalised actions."""
    condition = policy.encode(observation)
    x = torch.randn(count, policy.horizon, policy.action_width, generator=generator)
    for time, next_time in _schedule(policy.denoising_steps):
        x = x + (next_time - time) * policy.velocity(x, time, condition)
    return x


def sample_steered(
    policy: FrozenFlowPolicy,
    observation: Observation,
    reward: StageReward,
    config: SteeringConfig,
    generator: torch.Generator,
    previous: torch.Tensor | None = None,
) -> SteeredChunk:
    """Samples all rungs together and returns the least intervention that is good enough.

    Args:
        previous: (K, 3) positions of the last chunk that are still to come, at this chunk's steps.
    """
    strengths = torch.tensor(config.rungs).repeat_interleave(config.particles_per_rung)
    guided = strengths > 0

    def score(actions: torch.Tensor) -> torch.Tensor:
        return reward(policy.decode(actions, observation))

    condition = policy.encode(observation)
    x = torch.randn(len(strengths), policy.horizon, policy.action_width, generator=generator)
    scale: torch.Tensor | None = None
    sample_size = float(len(strengths))
    for step, (time, next_time) in enumerate(_schedule(policy.denoising_steps)):
        velocity = policy.velocity(x, time, condition)
        clean, noise = x - time * velocity, x + (1 - time) * velocity
        if scale is None:
            scale = calibration(score, clean)
        steered = clean
        if time > config.diversity_until:
            steered = clean + config.diversity * guided.view(-1, 1, 1) * repulsion(clean)
        else:
            # Guidance grows as the estimate gets reliable; compensated for the number of steps.
            now = strengths.view(-1, 1, 1) * (1 - time) * 10 / policy.denoising_steps
            steered = guide(
                score, clean, now, scale, config.inner_steps, config.trust, policy.clip
            )
        if step % 2 and config.resample_until < time <= config.resample_from:
            chosen, sample_size = _resample(score(steered), config, generator)
            steered, noise = steered[chosen], _renoise(noise, chosen, config.renoise, generator)
        # Unguided particles take the very Euler step of `sample_base`.
        x = torch.where(
            guided.view(-1, 1, 1),
            (1 - next_time) * steered + next_time * noise,
            x + (next_time - time) * velocity,
        )
    x = torch.where(guided.view(-1, 1, 1), policy.clip(x), x)
    trajectory = policy.decode(x, observation)
    choice = select(
        trajectory, reward, strengths, config.tolerance, config.relative_tolerance,
        config.coherence, previous,
    )
    return _result(choice, trajectory, reward, sample_size)


def _schedule(steps: int) -> list[tuple[float, float]]:
    times = [1 - index / steps for index in range(steps + 1)]
    return list(zip(times[:-1], times[1:], strict=True))


def _resample(
    rewards: torch.Tensor, config: SteeringConfig, generator: torch.Generator
) -> tuple[torch.Tensor, float]:
    """Resamples within each guided rung, so that every strength keeps its particles."""
    size = config.particles_per_rung
    indices = torch.arange(len(rewards))
    worth = float(size)
    for rung, strength in enumerate(config.rungs):
        if strength > 0 and size > 1:
            members = slice(rung * size, (rung + 1) * size)
            weights = tempered_weights(rewards[members], config.resample_size * size)
            worth = float(effective_sample_size(weights))
            indices[members] = rung * size + systematic_resample(weights, generator)
    return indices, worth


def _renoise(
    noise: torch.Tensor, chosen: torch.Tensor, share: float, generator: torch.Generator
) -> torch.Tensor:
    # Without fresh noise copies would follow one and the same path to the end.
    taken = noise[chosen]
    fresh = torch.randn(taken.shape, generator=generator)
    mixed = (1 - share**2) ** 0.5 * taken + share * fresh
    return torch.where(clones(chosen).view(-1, 1, 1), mixed, taken)


def _result(
    choice: Choice, trajectory: Trajectory, reward: StageReward, sample_size: float
) -> SteeredChunk:
    chosen = trajectory[choice.index : choice.index + 1]
    terms = reward.terms(chosen)[0]
    return SteeredChunk(
        trajectory=chosen,
        reward=float(terms @ reward.weights(terms)),
        term_rewards=tuple(terms.tolist()),
        strength=choice.strength,
        effective_sample_size=sample_size,
        reason=choice.reason,
    )
