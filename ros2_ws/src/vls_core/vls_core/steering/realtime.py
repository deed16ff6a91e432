"""Steering while the robot moves: committed steps, a previous plan to agree with, a deadline.

Real-time chunking (arXiv 2506.07339): the steps the robot will have executed before a new chunk
can take over are fixed, and the rest is inpainted so that it continues them. Both happen on the
clean estimate, like guidance, and therefore go together with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from vls_core.policies.process import NoiseLevel, draw
from vls_core.steering.errors import CommittedPrefixError, ShapeMismatchError


@dataclass(frozen=True)
class PreviousChunk:
    """What is still to come of the last chunk, at the steps of the next one.

    Attributes:
        actions: (K, D) normalised actions, re-anchored to the new observation; K <= horizon.
        positions: (K, 3) where they lead [m].
        committed: steps that will be executed before the next chunk can take over; <= K.
        progress: share of what the stage's reward lacked at its first chunk that has since been
            made up, 0 at the start, 1 when the reward is perfect.
    """

    actions: torch.Tensor
    positions: torch.Tensor
    committed: int = 0
    progress: float = 0.0

    def check(self, horizon: int, action_width: int) -> None:
        """Raises ShapeMismatchError or CommittedPrefixError unless it fits the policy's chunks."""
        steps = len(self.actions)
        if self.actions.shape[1:] != (action_width,) or self.positions.shape != (steps, 3):
            raise ShapeMismatchError(
                f'a previous chunk has actions (K, {action_width}) and positions (K, 3), not '
                f'{tuple(self.actions.shape)} and {tuple(self.positions.shape)}'
            )
        if not 0 <= self.committed <= min(steps, horizon):
            raise CommittedPrefixError(
                f'{self.committed} committed steps, but the previous chunk has {steps} left and '
                f'the horizon is {horizon}'
            )
        if not (self.actions.isfinite().all() and self.positions.isfinite().all()):
            raise ShapeMismatchError('the previous chunk holds numbers that are not finite')


@dataclass(frozen=True)
class Inpainting:
    """Pulls clean estimates towards the previous chunk.

    Attributes:
        wanted: (H, D) actions of the previous chunk, repeated beyond its end.
        weights: (H, 1) 1 on committed steps, then falling to 0 at its end.
        free: (H, 1) 1 where actions may be steered, 0 where they are committed.
    """

    wanted: torch.Tensor
    weights: torch.Tensor
    free: torch.Tensor

    @classmethod
    def towards(cls, previous: PreviousChunk, horizon: int, softness: float) -> Inpainting:
        """Weights fall linearly from softness behind the committed steps to the chunk's end."""
        actions = previous.actions[:horizon]
        overlap = len(actions) - previous.committed
        weights = torch.zeros(horizon, 1)
        weights[previous.committed : len(actions), 0] = softness * torch.arange(
            overlap, 0, -1
        ) / (overlap + 1)
        weights[: previous.committed] = 1.0
        tail = actions[-1:].expand(horizon - len(actions), -1)
        free = torch.ones(horizon, 1)
        free[: previous.committed] = 0.0
        return cls(torch.cat([actions, tail]), weights, free)

    def apply(self, clean: torch.Tensor, progress: float) -> torch.Tensor:
        """(B, H, D) estimates, exactly the previous actions where committed.

        Agreement beyond that matters while the plan takes shape and fades with progress, so that
        the end of denoising belongs to the policy and to the reward.
        """
        weights = torch.where(self.free > 0, self.weights * (1 - progress), 1.0)
        pulled = clean + weights * (self.wanted - clean)
        return torch.where(self.free > 0, pulled, self.wanted)

    def noised(
        self, count: int, level: NoiseLevel, generator: torch.Generator
    ) -> torch.Tensor:
        """(count, H, D) the previous plan at a noise level: where a warm start begins."""
        wanted = self.wanted.expand(count, -1, -1)
        return level.signal * wanted + level.noise * draw(wanted, generator)


class Deadline:
    """Says when another denoising step would no longer be ready in time."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts now; the clock is any that counts seconds and never goes back."""
        self._clock = clock
        self._end = clock() + seconds
        self._last = clock()

    def __call__(self) -> bool:
        """Call after each step; assumes that the next one takes as long as this one did."""
        now = self._clock()
        duration, self._last = now - self._last, now
        return now + duration > self._end


def never() -> bool:
    """No deadline."""
    return False
