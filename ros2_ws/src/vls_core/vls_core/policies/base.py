"""What the steering core asks of a pretrained policy. Nothing here changes its parameters."""

from __future__ import annotations

from typing import Protocol

import torch

from vls_core.trajectory import Trajectory
from vls_core.types import Observation


class FrozenFlowPolicy(Protocol):
    """A pretrained flow-matching policy over chunks of normalised actions.

    Convention of pi0 and LeRobot: time 1 is noise, time 0 is clean, x_t = t * noise + (1 - t) * a,
    velocity = noise - a, so the clean estimate is x_t - t * velocity.
    """

    horizon: int
    action_width: int
    step_duration: float
    denoising_steps: int

    def encode(self, observation: Observation) -> torch.Tensor:
        """The condition (C,) of an observation, computed once and shared by all particles."""

    def velocity(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        """(B, horizon, action_width) noisy actions to their velocity, same shape."""

    def clip(self, actions: torch.Tensor) -> torch.Tensor:
        """Normalised actions limited to the range of the demonstrations."""

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        """Normalised actions (B, horizon, action_width) to metres; differentiable."""
