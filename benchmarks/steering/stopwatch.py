"""Tells network, reward and kinematics apart in the time of a steered chunk.

The parts call each other only through the policy and the reward, so it is enough to wrap these.
Gradients run backwards through reward and kinematics in one call; hooks on the trajectory between
the two tell when the one ends and the other begins.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.steering.reward import Reward
from vls_core.trajectory import Trajectory
from vls_core.types import Observation

NETWORK, REWARD, KINEMATICS, REST = PARTS = ('network', 'reward', 'kinematics', 'rest')


class Stopwatch:
    """Adds up the seconds of each part."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.seconds = dict.fromkeys((NETWORK, REWARD, KINEMATICS), 0.0)
        self._mark = 0.0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Counts what happens inside."""
        began = self._clock()
        yield
        self._mark = self._clock()
        self.seconds[name] += self._mark - began

    def lap(self, name: str) -> None:
        """Counts what happened since the last part or lap ended."""
        now = self._clock()
        self.seconds[name] += now - self._mark
        self._mark = now

    def shares(self, total: float, repetitions: int) -> dict[str, float]:
        """Seconds of each part per repetition, the rest included."""
        rest = total - sum(self.seconds.values())
        return {
            name: seconds / repetitions
            for name, seconds in {**self.seconds, REST: rest}.items()
        }


class TimedPolicy:
    """A frozen policy whose network and decoding are timed."""

    def __init__(self, policy: FrozenPolicy, watch: Stopwatch) -> None:
        self._policy, self._watch = policy, watch

    def __getattr__(self, name: str) -> Any:
        """Everything else is the policy's own."""
        return getattr(self._policy, name)

    def encode(self, observation: Observation) -> torch.Tensor:
        """See `FrozenPolicy`."""
        with self._watch.part(NETWORK):
            return self._policy.encode(observation)

    def predict(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        """See `FrozenPolicy`."""
        with self._watch.part(NETWORK):
            return self._policy.predict(actions, time, condition)

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        """See `FrozenPolicy`; the way back is timed too where gradients are wanted."""
        with self._watch.part(KINEMATICS):
            trajectory = self._policy.decode(actions, observation)
        if trajectory.positions.requires_grad:
            for values in (trajectory.positions, trajectory.gripper):
                values.register_hook(lambda gradient: self._watch.lap(REWARD))
            actions.register_hook(lambda gradient: self._watch.lap(KINEMATICS))
        return trajectory


class TimedReward:
    """A reward that is timed."""

    def __init__(self, reward: Reward, watch: Stopwatch) -> None:
        self._reward, self._watch = reward, watch

    def __call__(self, trajectory: Trajectory) -> torch.Tensor:
        """See `Reward`."""
        with self._watch.part(REWARD):
            return self._reward(trajectory)

    def terms(self, trajectory: Trajectory) -> torch.Tensor:
        """See `Reward`."""
        with self._watch.part(REWARD):
            return self._reward.terms(trajectory)

    def weights(self, like: torch.Tensor) -> torch.Tensor:
        """See `Reward`."""
        return self._reward.weights(like)

    def passes(self, trajectory: Trajectory) -> torch.Tensor:
        """See `Reward`; what the whole arm would touch is a matter of kinematics."""
        with self._watch.part(KINEMATICS):
            return self._reward.passes(trajectory)
