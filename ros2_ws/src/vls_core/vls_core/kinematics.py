"""Forward kinematics of the FR3 in torch: batched, differentiable, on any device.

For rewards and checks on many plans at once. Control uses `control/kinematics.py`, which needs no
torch; both read the placements of the links from `control/fr3.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import torch

from vls_core.control import fr3
from vls_core.types import END_EFFECTOR_FRAME, JOINT_COUNT

LINK_NAMES: Final = (
    *(f'fr3_link{number}' for number in range(1, JOINT_COUNT + 1)), 'fr3_hand', END_EFFECTOR_FRAME
)
"""The frames of `LinkPoses`, in order; the link before them, `fr3_link0`, is the base frame."""


@dataclass(frozen=True)
class LinkPoses:
    """Poses of the frames LINK_NAMES in the base frame.

    Attributes:
        rotations: (..., 9, 3, 3); the columns are the axes of each link in the base frame.
        positions: (..., 9, 3) origins of the links [m].
    """

    rotations: torch.Tensor
    positions: torch.Tensor

    def jacobian(self) -> torch.Tensor:
        """(..., 6, 7) velocity of the end effector [m/s], above its turn rate, per joint rate."""
        axes = self.rotations[..., :JOINT_COUNT, :, 2]
        levers = self.positions[..., -1:, :] - self.positions[..., :JOINT_COUNT, :]
        velocities = torch.linalg.cross(axes, levers)
        return torch.cat([velocities, axes], -1).transpose(-1, -2)


def forward_kinematics(joint_positions: torch.Tensor) -> LinkPoses:
    """Poses of all links at joint positions (..., 7) [rad], of any floating dtype."""
    fixed = _fixed_placements(joint_positions.dtype, joint_positions.device)
    flat = joint_positions.reshape(-1, JOINT_COUNT)
    cos, sin = flat.cos().unsqueeze(-1), flat.sin().unsqueeze(-1)
    x, y, z, origin = fixed.joints
    turned = torch.stack([
        cos * x + sin * y, cos * y - sin * x, z.expand(len(flat), -1, -1),
        origin.expand(len(flat), -1, -1),
    ], -1)
    poses = list(turned.unbind(1))
    for index in range(1, JOINT_COUNT):
        poses[index] = poses[index - 1] @ poses[index]
    poses += [poses[-1] @ fixed.hand, poses[-1] @ fixed.end_effector]
    chain = torch.stack(poses, 1).reshape(*joint_positions.shape[:-1], len(LINK_NAMES), 4, 4)
    return LinkPoses(chain[..., :3, :3], chain[..., :3, 3])


@dataclass(frozen=True)
class _FixedPlacements:
    # Columns of the joints' homogeneous placements, 4 times (7, 4); hand and end effector in
    # joint 7, (4, 4) each.
    joints: tuple[torch.Tensor, ...]
    hand: torch.Tensor
    end_effector: torch.Tensor


@cache
def _fixed_placements(dtype: torch.dtype, device: torch.device) -> _FixedPlacements:
    # Made once, perhaps in inference mode: tensors born there could never be differentiated.
    with torch.inference_mode(False):
        joints = torch.eye(4, dtype=torch.float64).repeat(JOINT_COUNT, 1, 1)
        for joint, (origin, turn) in zip(joints, fr3.JOINT_PLACEMENTS, strict=True):
            joint[1:3, 1:3] = _plane_rotation(turn)
            joint[:3, 3] = torch.tensor(origin, dtype=torch.float64)
        hand = torch.eye(4, dtype=torch.float64)
        hand[:2, :2] = _plane_rotation(fr3.HAND_ROTATION)
        hand[2, 3] = fr3.JOINT7_TO_HAND
        end_effector = hand.clone()
        end_effector[2, 3] += fr3.HAND_TO_END_EFFECTOR
        return _FixedPlacements(
            tuple(column.contiguous() for column in joints.to(device, dtype).unbind(-1)),
            hand.to(device, dtype),
            end_effector.to(device, dtype),
        )


def _plane_rotation(angle: float) -> torch.Tensor:
    cos, sin = math.cos(angle), math.sin(angle)
    return torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64)
