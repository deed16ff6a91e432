"""Synthetic motions of the hand to try rewards on: seeded, float32, T = 16 steps.

They cover where terms act: straight lines and wandering through the workspace, close to every
keypoint and far from all, standing still, slow and fast; the gripper in all states, the hand
tilted.
"""

from __future__ import annotations

import math

import torch

from vls_core.control.fr3 import DEFAULT_WORKSPACE
from vls_core.rewards.verification.layouts import Keypoints
from vls_core.trajectory import Trajectory

STEPS = 16
"""Steps of a chunk, as of the demo's policy."""
STEP_DURATION = 0.1
"""Seconds between two steps."""
NEAR = 0.10
"""Motions "around" a point begin or end this close to it [m]."""


def generator(seed: int) -> torch.Generator:
    """A source of random numbers of its own: nothing else shifts what is drawn."""
    return torch.Generator().manual_seed(seed)


def points_in_workspace(count: int, source: torch.Generator) -> torch.Tensor:
    """(count, 3) anywhere the end effector may be [m]."""
    lower = torch.tensor(DEFAULT_WORKSPACE.lower, dtype=torch.float32)
    upper = torch.tensor(DEFAULT_WORKSPACE.upper, dtype=torch.float32)
    upper[2] = 0.45
    return lower + (upper - lower) * torch.rand(count, 3, generator=source)


def points_around(
    centers: torch.Tensor, count: int, source: torch.Generator, radius: float = NEAR
) -> torch.Tensor:
    """(N * count, 3) near each of centers (N, 3), at every distance up to the radius [m]."""
    repeated = centers.repeat_interleave(count, 0)
    directions = torch.randn(len(repeated), 3, generator=source)
    directions = directions / directions.norm(dim=1, keepdim=True)
    distances = radius * torch.rand(len(repeated), 1, generator=source)
    around = repeated + distances * directions
    around[:, 2] = torch.maximum(around[:, 2], around.new_tensor(DEFAULT_WORKSPACE.lower[2]))
    return around


def lines(starts: torch.Tensor, ends: torch.Tensor, arrival: float = 1.0) -> torch.Tensor:
    """(B, T + 1, 3) straight from starts to ends (B, 3) in a share of the chunk, then still."""
    share = (torch.linspace(0.0, 1.0, STEPS + 1) / arrival).clamp_max(1.0)
    return torch.lerp(starts[:, None], ends[:, None], share[None, :, None])


def by_way_of(
    starts: torch.Tensor, middles: torch.Tensor, ends: torch.Tensor, halfway: float = 0.4
) -> torch.Tensor:
    """(B, T + 1, 3) straight to middles (B, 3), then straight to ends, then two steps still."""
    share = torch.linspace(0.0, 1.0, STEPS + 1)[None, :, None]
    first = torch.lerp(starts[:, None], middles[:, None], (share / halfway).clamp_max(1.0))
    second = ((share - halfway) / (0.85 - halfway)).clamp(0.0, 1.0)
    return torch.lerp(first, ends[:, None].expand_as(first), second)


def standing(points: torch.Tensor) -> torch.Tensor:
    """(B, T + 1, 3) still at points (B, 3)."""
    return points[:, None].expand(-1, STEPS + 1, -1).clone()


def wandering(
    starts: torch.Tensor, source: torch.Generator, step: float = 0.02
) -> torch.Tensor:
    """(B, T + 1, 3) from starts (B, 3) with changing velocity, `step` m per step or so."""
    pushes = torch.randn(len(starts), STEPS, 3, generator=source)
    velocity = torch.zeros_like(starts)
    path, here = [starts], starts
    for index in range(STEPS):
        velocity = 0.6 * velocity + 0.5 * step * pushes[:, index]
        here = here + velocity
        path.append(here)
    return torch.stack(path, 1)


def gripper_patterns(count: int, source: torch.Generator) -> torch.Tensor:
    """(count, T + 1) openings in 0..1: constant, opening, closing, or any at every step."""
    share = torch.linspace(0.0, 1.0, STEPS + 1)
    begin, end = torch.rand(2, count, 1, generator=source)
    ramps = begin + (end - begin) * share
    noise = 0.2 * (torch.rand(count, STEPS + 1, generator=source) - 0.5)
    return (ramps + noise).clamp(0.02, 0.98)


def tilted_hands(
    count: int, source: torch.Generator, largest: float = 0.8
) -> torch.Tensor:
    """(count, T + 1, 3, 3) hands that point down but for a tilt that changes on the way [rad]."""
    axes = torch.randn(count, 1, 3, generator=source)
    axes = axes / axes.norm(dim=-1, keepdim=True)
    first, last = largest * torch.rand(2, count, 1, 1, generator=source)
    share = torch.linspace(0.0, 1.0, STEPS + 1)[None, :, None]
    down = torch.diag(torch.tensor([1.0, -1.0, -1.0]))
    return _rotation(axes * (first + (last - first) * share)) @ down


def motions(
    keypoints: Keypoints, seed: int, per_keypoint: int = 4, anywhere: int = 12
) -> Trajectory:
    """A mixed batch for numeric checks, around these keypoints, in an order without meaning."""
    source = generator(seed)
    places = torch.stack([where.float() for where in keypoints.values()]) if keypoints else None
    parts = [
        lines(points_in_workspace(anywhere, source), points_in_workspace(anywhere, source)),
        wandering(points_in_workspace(anywhere, source), source),
        wandering(points_in_workspace(anywhere, source), source, step=0.004),
    ]
    if places is not None:
        close = points_around(places, per_keypoint, source)
        far = points_in_workspace(len(close), source)
        parts += [
            lines(far, points_around(places, per_keypoint, source)),
            lines(close, points_in_workspace(len(close), source)),
            wandering(points_around(places, per_keypoint, source), source, step=0.004),
        ]
    positions = torch.cat(parts)
    positions = positions[torch.randperm(len(positions), generator=source)]
    return with_hand(positions, source)


def with_hand(positions: torch.Tensor, source: torch.Generator) -> Trajectory:
    """Positions (B, T + 1, 3) with gripper and rotations of all kinds."""
    count = len(positions)
    return Trajectory(
        positions, gripper_patterns(count, source), STEP_DURATION, tilted_hands(count, source)
    )


def shaken(trajectory: Trajectory, by: float, source: torch.Generator) -> Trajectory:
    """The same motions with noise of that size on every position [m] and opening."""
    return Trajectory(
        trajectory.positions + by * torch.randn(trajectory.positions.shape, generator=source),
        trajectory.gripper + by * torch.randn(trajectory.gripper.shape, generator=source),
        trajectory.step_duration, trajectory.rotations,
    )


def pointing_down(
    positions: torch.Tensor, gripper: float | torch.Tensor = 1.0
) -> Trajectory:
    """Positions (B, T + 1, 3) with a hand pointing straight down and a gripper opening."""
    count, length = positions.shape[:2]
    down = torch.diag(positions.new_tensor([1.0, -1.0, -1.0]))
    opening = torch.as_tensor(gripper, dtype=positions.dtype)
    return Trajectory(
        positions, opening.expand(count, length).clone(), STEP_DURATION,
        down.expand(count, length, 3, 3).clone(),
    )


def _rotation(vectors: torch.Tensor) -> torch.Tensor:
    """(..., 3) rotation vectors [rad] to (..., 3, 3)."""
    x, y, z = vectors.unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([
        torch.stack([zero, -z, y], -1), torch.stack([z, zero, -x], -1),
        torch.stack([-y, x, zero], -1),
    ], -2)
    angle = vectors.norm(dim=-1).clamp_min(1e-6)[..., None, None]
    sine = angle.clamp_max(math.pi).sin() / angle
    return torch.eye(3) + sine * skew + (1 - angle.cos()) / angle.square() * (skew @ skew)
