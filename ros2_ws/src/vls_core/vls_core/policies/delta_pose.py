"""Actions that move and turn the end effector: the usual seven numbers, differentiably.

x, y, z displacement [m], rotation vector [rad] and gripper opening per step, as most pretrained
policies for single arms have them once un-normalised. Both displacement and rotation are in the
base frame, each step applied to where the one before it left the hand.
"""

from __future__ import annotations

import torch

from vls_core.trajectory import Trajectory

DELTA_POSE_WIDTH = 7


def delta_pose_trajectory(
    actions: torch.Tensor,
    position: torch.Tensor,
    rotation: torch.Tensor,
    gripper: float,
    step_duration: float,
) -> Trajectory:
    """What metric actions (B, H, 7) do from a pose: position (3,) [m] and rotation (3, 3).

    Args:
        gripper: last commanded opening, 0 closed to 1 open.
    """
    count = len(actions)
    start = position.to(actions).expand(count, 1, 3)
    positions = torch.cat([start, start + actions[..., :3].cumsum(1)], 1)
    turn = rotation.to(actions).expand(count, 3, 3)
    rotations = [turn]
    for step in rotation_matrix(actions[..., 3:6]).unbind(1):
        turn = step @ turn
        rotations.append(turn)
    openings = torch.cat([actions.new_full((count, 1), gripper), actions[..., 6]], 1)
    return Trajectory(positions, openings, step_duration, torch.stack(rotations, 1))


def rotation_matrix(rotation_vectors: torch.Tensor) -> torch.Tensor:
    """Rotation vectors (..., 3) [rad] to matrices (..., 3, 3); smooth at 0 (Rodrigues)."""
    x, y, z = rotation_vectors.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    squared = rotation_vectors.square().sum(-1)
    angle = (squared + 1e-12).sqrt()[..., None, None]
    eye = torch.eye(3, dtype=cross.dtype, device=cross.device)
    sine = torch.sinc(angle / torch.pi)
    half = torch.sinc(angle / (2 * torch.pi))
    return eye + sine * cross + 0.5 * half.square() * (cross @ cross)
