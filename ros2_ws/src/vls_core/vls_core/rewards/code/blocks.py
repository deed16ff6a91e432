"""Rewards of any number of particles, always evaluated for the same number at once.

A reward that could see how many particles there are could be one thing for the number that
verification tries and another for that of a controller. So there is only one number: others are
cut into blocks of it, and the last block is filled up with copies of the last particle.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from vls_core.rewards.code.compiler import CompiledReward
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.limits import MAXIMUM_PARTICLES

BLOCK = MAXIMUM_PARTICLES
"""Particles of every evaluation: what torch does for 32 takes hardly less time."""


def in_blocks(
    compiled: CompiledReward, keypoints: Mapping[str, torch.Tensor], positions: torch.Tensor,
    gripper: torch.Tensor,
) -> torch.Tensor:
    """(B,) values of as many particles as there are.

    Args:
        positions: (B, T + 1, 3) [m].
        gripper: (B, T + 1) opening.

    Raises:
        RewardCodeError: it fails, or gives something else than one number for each particle.
    """
    values = [
        _filled(compiled, keypoints, *piece)
        for piece in zip(positions.split(BLOCK), gripper.split(BLOCK), strict=True)
    ]
    return torch.cat(values)


def _filled(
    compiled: CompiledReward, keypoints: Mapping[str, torch.Tensor], positions: torch.Tensor,
    gripper: torch.Tensor,
) -> torch.Tensor:
    particles = len(positions)
    if particles == 0:
        return positions.new_zeros(0)
    if particles < BLOCK:
        chosen = torch.arange(BLOCK, device=positions.device).clamp_max(particles - 1)
        positions, gripper = positions[chosen], gripper[chosen]
    values = compiled(keypoints, positions, gripper)
    if values.shape != (BLOCK,):
        raise RewardCodeError(
            f'the reward has shape {tuple(values.shape)}; one value for each of the {BLOCK} '
            'particles is expected'
        )
    return values[:particles]
