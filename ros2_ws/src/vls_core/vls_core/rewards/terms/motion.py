"""Terms about how the end effector moves, wherever it goes."""

from __future__ import annotations

import torch

from vls_core.rewards.term_models import Dwell, Smooth, SpeedLimit
from vls_core.rewards.terms.measures import length, smooth_length
from vls_core.trajectory import Trajectory
from vls_core.types import Scene


def smooth(term: Smooth, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean change from one step to the next [m per step]."""
    change = trajectory.positions.diff(n=2, dim=1)
    return -smooth_length(change).mean(1)


def speed_limit(term: SpeedLimit, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Length of path that is too much: what the steps exceed the limit by, all together [m].

    A mean would make it a matter of millimetres, and every goal would outweigh it.
    """
    steps = length(trajectory.positions.diff(dim=1))
    return -torch.relu(steps - term.speed * trajectory.step_duration).sum(1)


def dwell(term: Dwell, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance from where the last part of the chunk begins."""
    steps = trajectory.positions.shape[1] - 1
    last = max(1, round(term.last_share * steps))
    rest = trajectory.positions[:, -last - 1 :]
    return -smooth_length(rest[:, 1:] - rest[:, :1]).mean(1)
