"""The whole arm as spheres, and how far it stays from things.

The spheres were fitted to the visual meshes of the manufacturer's description: per link, clusters
of surface points and the smallest ball around each, then rounded, symmetric where the link is.
The surface lies inside them but for 3 mm at most, and the coarser collision meshes but for 8 mm (a
test holds them against both); on average they stand 15 mm proud of it, at joints 55 mm at most.
The fingers are covered at every opening.

Left out: the base, which is bolted down, and link 1, which only turns on the spot.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch

from vls_core.kinematics import LINK_NAMES, forward_kinematics
from vls_core.rewards.signed_distance import SignedDistance

ARM_SPHERES: Final = (
    ('fr3_link2', (0.000, -0.070, 0.012), 0.068),
    ('fr3_link2', (0.000, -0.152, 0.000), 0.069),
    ('fr3_link2', (0.000, 0.000, 0.053), 0.076),
    ('fr3_link3', (0.000, 0.000, -0.071), 0.074),
    ('fr3_link3', (0.078, 0.042, 0.000), 0.072),
    ('fr3_link4', (-0.083, 0.088, -0.006), 0.068),
    ('fr3_link4', (0.000, 0.000, 0.043), 0.070),
    ('fr3_link4', (-0.065, 0.045, 0.019), 0.065),
    ('fr3_link5', (0.000, 0.064, 0.001), 0.068),
    ('fr3_link5', (0.000, 0.101, -0.087), 0.062),
    ('fr3_link5', (0.000, 0.050, -0.174), 0.059),
    ('fr3_link5', (0.000, 0.000, -0.228), 0.063),
    ('fr3_link6', (0.008, 0.001, 0.014), 0.061),
    ('fr3_link6', (0.077, 0.043, 0.002), 0.058),
    ('fr3_link6', (0.087, -0.017, 0.001), 0.057),
    ('fr3_link7', (0.034, 0.034, 0.083), 0.049),
    ('fr3_link7', (-0.003, -0.003, 0.076), 0.051),
    ('fr3_hand', (0.000, -0.065, 0.024), 0.054),
    ('fr3_hand', (0.000, 0.065, 0.024), 0.054),
    ('fr3_hand', (0.000, 0.000, 0.030), 0.048),
    ('fr3_hand', (0.000, 0.000, 0.085), 0.039),
    ('fr3_hand', (0.000, -0.048, 0.085), 0.034),
    ('fr3_hand', (0.000, 0.048, 0.085), 0.034),
)
"""Link, centre in the frame of the link [m] and radius [m]; the last three are the fingers."""


def sphere_centers(joint_positions: torch.Tensor) -> torch.Tensor:
    """Centres (..., S, 3) of ARM_SPHERES in the base frame [m] for joints (..., 7) [rad]."""
    links, centers, _ = _spheres(joint_positions.dtype, joint_positions.device)
    poses = forward_kinematics(joint_positions)
    rotations = poses.rotations.index_select(-3, links)
    turned = (rotations @ centers.unsqueeze(-1)).squeeze(-1)
    return turned + poses.positions.index_select(-2, links)


def sphere_clearances(joint_positions: torch.Tensor, distance: SignedDistance) -> torch.Tensor:
    """Free distance (..., S) around each of ARM_SPHERES for joints (..., 7) [m]."""
    _, _, radii = _spheres(joint_positions.dtype, joint_positions.device)
    return distance(sphere_centers(joint_positions)) - radii


def arm_clearance(joint_positions: torch.Tensor, distance: SignedDistance) -> torch.Tensor:
    """Free distance (...) between the arm and what `distance` measures to [m].

    Args:
        joint_positions: (..., 7), such as (B, T, 7) for plans [rad].
        distance: what to stay clear of.

    Negative where a sphere reaches into it. The gradient is that of the nearest sphere; to push
    on all spheres at once, use `sphere_clearances`.
    """
    return sphere_clearances(joint_positions, distance).amin(-1)


@cache
def _spheres(
    dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    names, centers, radii = zip(*ARM_SPHERES, strict=True)
    # Made once, perhaps in inference mode: tensors born there could never be differentiated.
    with torch.inference_mode(False):
        return (
            torch.tensor([LINK_NAMES.index(name) for name in names], device=device),
            torch.tensor(centers, dtype=dtype, device=device),
            torch.tensor(radii, dtype=dtype, device=device),
        )
