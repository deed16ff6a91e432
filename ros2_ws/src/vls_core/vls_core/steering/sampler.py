"""What turns an observation and a reward into a plan: the frozen policy alone, or steered.

`denoising.py` is the algorithm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.steering.config import SteeringConfig
from vls_core.steering.denoising import Denoising, initial_noise
from vls_core.steering.errors import NoParticlesError
from vls_core.steering.realtime import Deadline, PreviousChunk, never
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.types import Observation


class Sampler(Protocol):
    """Whatever turns an observation and a reward into a plan: ours, or one to compare with."""

    def __call__(
        self,
        policy: FrozenPolicy,
        observation: Observation,
        reward: Reward,
        generator: torch.Generator,
        previous: PreviousChunk | None = None,
    ) -> SteeredChunk:
        """Plans one chunk. Raises SteeringError."""


@dataclass(frozen=True)
class Steering:
    """`sample_steered` with its configuration, as a `Sampler`.

    Attributes:
        deadline: seconds after which denoising ends with the best plan so far; None: never.
    """

    config: SteeringConfig = field(default_factory=SteeringConfig)
    deadline: float | None = None

    def __call__(
        self,
        policy: FrozenPolicy,
        observation: Observation,
        reward: Reward,
        generator: torch.Generator,
        previous: PreviousChunk | None = None,
    ) -> SteeredChunk:
        """Plans one chunk. Raises SteeringError."""
        out_of_time = never if self.deadline is None else Deadline(self.deadline)
        return sample_steered(
            policy, observation, reward, self.config, generator, previous, out_of_time
        )


def sample_base(
    policy: FrozenPolicy, observation: Observation, generator: torch.Generator, count: int = 1
) -> torch.Tensor:
    """Plain sampling of the frozen policy: (count, H, D) clean normalised actions.

    Raises:
        NoParticlesError: count is not positive.
    """
    if count < 1:
        raise NoParticlesError(f'{count} particles leave nothing to sample')
    condition = policy.encode(observation)
    x = initial_noise(policy, count, generator)
    with torch.no_grad():
        for level, next_level in pairwise(policy.process.levels(policy.denoising_steps)):
            prediction = policy.predict(x, level.time, condition)
            x = policy.process.step(x, prediction, level, next_level, generator)
    return x


def sample_steered(
    policy: FrozenPolicy,
    observation: Observation,
    reward: Reward,
    config: SteeringConfig,
    generator: torch.Generator,
    previous: PreviousChunk | None = None,
    out_of_time: Callable[[], bool] = never,
) -> SteeredChunk:
    """Samples all rungs together and returns the least intervention that is good enough.

    Args:
        previous: what is still to come of the last chunk; its committed steps are kept exactly.
        out_of_time: asked after every denoising step; True ends with the best plan so far.

    Raises:
        SteeringError: what was asked does not fit the policy, see `errors`.
    """
    if previous is not None:
        previous.check(policy.horizon, policy.action_width)
    with torch.no_grad():
        run = Denoising(policy, observation, reward, config, generator, previous)
        actions = run.denoise(out_of_time)
        return run.result(actions)
