"""What the sampler asks of a reward."""

from __future__ import annotations

from typing import Protocol

import torch

from vls_core.trajectory import Trajectory


class Reward(Protocol):
    """A differentiable judgement of plans; 0 is perfect, the unit is the metre.

    `rewards/stage_reward.py` is the one programs compile to.
    """

    def __call__(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) weighted sum of all terms; particles do not see each other."""

    def terms(self, trajectory: Trajectory) -> torch.Tensor:
        """(B, number of terms) unweighted rewards."""

    def weights(self, like: torch.Tensor) -> torch.Tensor:
        """(number of terms,) weights."""

    def passes(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) hard check: whether a plan may be executed at all, steered or not."""
