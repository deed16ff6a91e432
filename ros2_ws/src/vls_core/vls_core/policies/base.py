"""What the steering core asks of a pretrained policy. Nothing here changes its parameters."""

from __future__ import annotations

from typing import Protocol

import torch

from vls_core.policies.process import DenoisingProcess
from vls_core.trajectory import Trajectory
from vls_core.types import Observation


class FrozenPolicy(Protocol):
    """A pretrained diffusion or flow-matching policy over chunks of normalised actions.

    Attributes:
        horizon: H, steps in a chunk.
        action_width: D, numbers per action.
        step_duration: seconds between two steps.
        denoising_steps: network evaluations from noise to actions.
        process: the family's noise levels and the meaning of its predictions.
    """

    horizon: int
    action_width: int
    step_duration: float
    denoising_steps: int
    process: DenoisingProcess

    def encode(self, observation: Observation) -> torch.Tensor:
        """The condition of an observation, computed once and shared by all particles."""

    def predict(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        """The network: noisy actions (B, H, D) to its prediction, same shape; differentiable."""

    def clip(self, actions: torch.Tensor) -> torch.Tensor:
        """Normalised actions limited to the range of the demonstrations."""

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        """Normalised actions (B, H, D) to metres; differentiable."""

    def embed(self, trajectory: Trajectory, observation: Observation) -> torch.Tensor:
        """The inverse of `decode`: motion that starts at the observation to normalised actions."""
