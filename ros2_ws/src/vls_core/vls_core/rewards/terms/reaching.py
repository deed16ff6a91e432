"""Terms that lead to a point.

Every step counts alike: if only the end did, a plan could put off arriving, and as only the first
part of a chunk is executed before the next is planned, it would do so for ever.
"""

from __future__ import annotations

import torch

from vls_core.rewards.term_models import Reach, ReachPoint, SoftChoice, Waypoint
from vls_core.rewards.terms.measures import constant, point, smooth_length
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

_SHARPNESS = 4
"""Exponent of the soft minimum: how clearly the nearest point wins."""


def reach(term: Reach, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance to a point above the object."""
    goal = constant(scene[term.object].top, trajectory.positions)
    goal = goal + constant(term.offset, goal)
    goal[2] += term.height
    return -_distances(trajectory, goal).mean(1)


def reach_point(term: ReachPoint, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance to a named point."""
    goal = point(term.keypoint, term.offset, scene, trajectory.positions)
    return -_distances(trajectory, goal).mean(1)


def waypoint(term: Waypoint, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean over the steps of the smallest distance to the point so far.

    Once the point is passed nothing more is asked, and passing it early is worth more. The start
    of the chunk does not count as a visit, else plans that only lead away would have no gradient.
    """
    goal = point(term.keypoint, term.offset, scene, trajectory.positions)
    return -_distances(trajectory, goal).cummin(1).values.mean(1)


def soft_choice(term: SoftChoice, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Soft minimum over the points of the mean distance to each."""
    distances = torch.stack([
        _distances(trajectory, point(name, term.offset, scene, trajectory.positions)).mean(1)
        for name in term.keypoints
    ], 1)
    return -_soft_minimum(distances)


def _distances(trajectory: Trajectory, goal: torch.Tensor) -> torch.Tensor:
    """(B, T) distance of each step to the goal (3,) [m]."""
    return smooth_length(trajectory.positions[:, 1:] - goal)


def _soft_minimum(distances: torch.Tensor) -> torch.Tensor:
    """(B, N) distances >= 0 to (B,): the norm of exponent -4, 0 where any of them is 0.

    Inverse powers of a distance have no maximum but at its point, so there is no place between
    the points where a plan could come to rest undecided, however close they are.
    """
    nearest = distances.amin(1, keepdim=True)
    there = distances <= 0.0
    ratios = torch.where(there, 1.0, nearest / torch.where(there, 1.0, distances))
    return nearest.squeeze(1) * ratios.pow(_SHARPNESS).sum(1).pow(-1.0 / _SHARPNESS)
