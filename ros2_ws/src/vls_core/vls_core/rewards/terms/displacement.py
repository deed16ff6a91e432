"""Terms about moving along directions, up, or away, counted from where the chunk begins."""

from __future__ import annotations

import torch

from vls_core.rewards.term_models import Displace, Lift, NoBacktrack, Retract, StayOnLine
from vls_core.rewards.terms.measures import SMOOTHING, length, point, smooth_length, unit
from vls_core.trajectory import Trajectory
from vls_core.types import Scene


def lift(term: Lift, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Height still missing, and straying sideways from where the lift begins."""
    missing = torch.relu(term.height - trajectory.positions[:, 1:, 2])
    sideways = smooth_length(trajectory.positions[:, 1:, :2] - trajectory.positions[:, :1, :2])
    return -(missing + 0.5 * sideways).mean(1)


def displace(term: Displace, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean lag behind a steady motion that has gone the whole distance when the chunk ends.

    Every step has its share to do: if only the end had, motion could be put off from chunk to
    chunk. Each chunk asks for the distance anew, so a predicate has to end the stage.
    """
    progress = _moves(trajectory) @ unit(term.direction, trajectory.positions)
    steps = progress.shape[1]
    share = torch.arange(1, steps + 1, dtype=progress.dtype, device=progress.device) / steps
    return -torch.relu(term.distance * share - progress).mean(1)


def no_backtrack(term: NoBacktrack, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance behind the furthest progress so far."""
    moves = trajectory.positions - trajectory.positions[:, :1]
    progress = moves @ unit(term.direction, trajectory.positions)
    lost = progress.cummax(1).values - progress
    return -smooth_length(lost[:, 1:].unsqueeze(-1)).mean(1)


def stay_on_line(term: StayOnLine, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance from the line through the beginning of the chunk."""
    moves, along = _moves(trajectory), unit(term.direction, trajectory.positions)
    sideways = moves - (moves @ along).unsqueeze(-1) * along
    return -smooth_length(sideways).mean(1)


def retract(term: Retract, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance that is missing, measured from just below the point.

    At the point itself no way leads off better than another; measured from SMOOTHING below it
    upward does, which is where there is room. What satisfies the term is at least as far away
    from the point as it says.
    """
    below = point(term.keypoint, (0.0, 0.0, -SMOOTHING), scene, trajectory.positions)
    away = length(trajectory.positions[:, 1:] - below) - SMOOTHING
    return -torch.relu(term.distance - away).mean(1)


def _moves(trajectory: Trajectory) -> torch.Tensor:
    """(B, T, 3) displacement of each step from the beginning of the chunk [m]."""
    return trajectory.positions[:, 1:] - trajectory.positions[:, :1]
