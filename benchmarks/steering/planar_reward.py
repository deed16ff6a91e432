"""The reward of a planar scene: end at the goal, stay clear of the disc."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from benchmarks.steering.planar import Disc, PlanarScene
from vls_core.rewards.terms import smooth_length
from vls_core.trajectory import Trajectory

MARGIN = 0.03
"""Free distance to the disc that is asked for [m]."""
LONGEST_STEP = 0.165
"""No demonstration takes a longer one [m]."""


@dataclass(frozen=True)
class PlanarReward:
    """Implements `Reward` with the terms `goal` and `clear`; 0 is perfect, the unit is the metre.

    Attributes:
        goal: where to end, x and y [m].
        disc: what not to touch.
        goal_weight, clear_weight: of the two terms.
    """

    goal: tuple[float, float]
    disc: Disc | None = None
    goal_weight: float = 1.0
    clear_weight: float = 4.0

    @classmethod
    def of(cls, scene: PlanarScene) -> PlanarReward:
        """What the scene asks for."""
        return cls((float(scene.goal[0]), float(scene.goal[1])), scene.disc)

    def __call__(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) weighted sum of all terms."""
        return self.terms(trajectory) @ self.weights(trajectory.positions)

    def terms(self, trajectory: Trajectory) -> torch.Tensor:
        """(B, 2): distance of the end from the goal, and depth inside the disc's margin."""
        path = trajectory.positions[..., :2]
        goal = -smooth_length(path[:, -1] - path.new_tensor(self.goal))
        return torch.stack([goal, self._clear(path)], 1)

    def _clear(self, path: torch.Tensor) -> torch.Tensor:
        """Half mean and half worst depth, also seen between steps; straight lines would be cut."""
        if self.disc is None:
            return path.new_zeros(len(path))
        samples = torch.cat([path[:, 1:], (path[:, 1:] + path[:, :-1]) / 2], 1)
        offset = samples - path.new_tensor(self.disc.center)
        distance = (offset.square().sum(-1) + 1e-12).sqrt()
        depth = torch.relu(self.disc.radius + MARGIN - distance)
        return -0.5 * (depth.mean(1) + depth.amax(1))

    def weights(self, like: torch.Tensor) -> torch.Tensor:
        """(2,) weights."""
        return like.new_tensor([self.goal_weight, self.clear_weight])

    def passes(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) whether a plan keeps off the disc and takes no longer steps than an expert."""
        path = trajectory.positions[..., :2]
        step = path.diff(dim=1)
        allowed = step.norm(dim=-1).amax(1) <= LONGEST_STEP
        if self.disc is None:
            return allowed
        to_center = path.new_tensor(self.disc.center) - path[:, :-1]
        nearest = (to_center * step).sum(-1) / step.square().sum(-1).clamp_min(1e-12)
        distance = (to_center - nearest.clamp(0, 1).unsqueeze(-1) * step).norm(dim=-1)
        return allowed & (distance.amin(1) > self.disc.radius)
