"""Motions that end at a place: early or late, straight or by way of things, with any gripper."""

from __future__ import annotations

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.layouts import Keypoints
from vls_core.trajectory import Trajectory

STARTS = 10
_VIA_HEIGHTS = (0.0, 0.1, 0.2)


def starts_for(
    keypoints: Keypoints, place: torch.Tensor, source: torch.Generator
) -> torch.Tensor:
    """(S, 3) anywhere, close to things, and level with and around a place (3,) [m]."""
    anywhere = motions.points_in_workspace(STARTS, source)
    level = motions.points_in_workspace(STARTS // 2, source)
    level[:, 2] = place[2]
    places = torch.stack([where.float() for where in keypoints.values()])
    chosen = torch.randperm(len(places), generator=source)[:STARTS]
    near = motions.points_around(places[chosen], 1, source)
    around = motions.points_around(place[None], 4, source, radius=0.25)
    return torch.cat([anywhere, level, near, around])


def arriving(
    place: torch.Tensor, starts: torch.Tensor, keypoints: Keypoints | None = None
) -> torch.Tensor:
    """(B, T + 1, 3) ways to end at a place (3,) [m], some by way of other things."""
    ends = place.expand_as(starts)
    parts = [motions.lines(starts, ends, arrival) for arrival in (0.3, 0.7, 1.0)]
    above = place + torch.tensor([0.0, 0.0, 0.1])
    parts += [motions.standing(place[None]), motions.lines(above[None], place[None], 0.8)]
    for where in (keypoints or {}).values():
        for height in _VIA_HEIGHTS:
            via = where.float() + torch.tensor([0.0, 0.0, height])
            parts.append(motions.by_way_of(starts[:1], via[None], place[None]))
            parts.append(motions.by_way_of(via[None], via[None], place[None]))
    return torch.cat(parts)


def with_gripper_use(positions: torch.Tensor) -> Trajectory:
    """(4 B, T + 1, 3): each motion open, closed, closing and opening once it has arrived."""
    count, length = positions.shape[:2]
    late = (torch.arange(length) >= 0.7 * (length - 1)).to(positions)
    patterns = (torch.ones(length), torch.zeros(length), 1 - late, late)
    return motions.pointing_down(
        positions.repeat(len(patterns), 1, 1),
        torch.cat([pattern.expand(count, length) for pattern in patterns]),
    )
