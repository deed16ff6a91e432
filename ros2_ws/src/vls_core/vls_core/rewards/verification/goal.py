"""Where a reward is said to lead, and what says how much a motion is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from vls_core.rewards.verification.layouts import Keypoints
from vls_core.trajectory import Trajectory

Judge = Callable[[Keypoints, Trajectory], torch.Tensor]
"""Keypoints and a batch of motions to (B,) rewards."""
ELSEWHERE = 0.05
"""Places this close to a goal are not counted as others [m]."""


@dataclass(frozen=True)
class Goal:
    """A place relative to a keypoint: offset (3,) in the base frame [m]."""

    keypoint: str
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def place(self, keypoints: Keypoints) -> torch.Tensor:
        """(3,) where it is [m]."""
        return keypoints[self.keypoint].float() + torch.tensor(self.offset)

    def __str__(self) -> str:
        if not any(self.offset):
            return f'"{self.keypoint}"'
        return f'"{self.keypoint}" + ({", ".join(f"{value:g}" for value in self.offset)})'
