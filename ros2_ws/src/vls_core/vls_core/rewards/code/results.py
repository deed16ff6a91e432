"""What every evaluation of a reward has to give: a finite number for each particle."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from vls_core.rewards.code.blocks import in_blocks
from vls_core.rewards.code.compiler import CompiledReward
from vls_core.rewards.code.errors import RewardCodeError


def evaluated(
    compiled: CompiledReward, keypoints: Mapping[str, torch.Tensor], positions: torch.Tensor,
    gripper: torch.Tensor,
) -> torch.Tensor:
    """(B,) finite values, calculated in blocks of one constant number of particles.

    Args:
        positions: (B, T + 1, 3) [m].
        gripper: (B, T + 1) opening.

    Raises:
        RewardCodeError: it fails, or gives something else than B finite numbers.
    """
    values = in_blocks(compiled, keypoints, positions, gripper)
    if not values.isfinite().all():
        raise RewardCodeError('the reward is not finite')
    return values


def gradients(
    values: torch.Tensor, inputs: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor, ...]:
    """Of each value by its own particle; 0 where a reward does not depend on it.

    Raises:
        RewardCodeError: a gradient is not finite.
    """
    if not values.requires_grad:
        return tuple(torch.zeros_like(item) for item in inputs)
    found = torch.autograd.grad(
        values.sum(), inputs, allow_unused=True, materialize_grads=True
    )
    if not all(item.isfinite().all() for item in found):
        raise RewardCodeError('the gradient is not finite')
    return found
