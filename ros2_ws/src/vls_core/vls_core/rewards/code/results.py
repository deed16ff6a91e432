"""What every evaluation of a reward has to give: a finite number for each particle."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from vls_core.rewards.code import limits
from vls_core.rewards.code.compiler import CompiledReward
from vls_core.rewards.code.errors import RewardCodeError


def evaluated(
    compiled: CompiledReward, keypoints: Mapping[str, torch.Tensor], positions: torch.Tensor,
    gripper: torch.Tensor,
) -> torch.Tensor:
    """(B,) finite values, of MAXIMUM_PARTICLES at a time.

    Args:
        positions: (B, T + 1, 3) [m].
        gripper: (B, T + 1) opening.

    Raises:
        RewardCodeError: it fails, or gives something else than B finite numbers.
    """
    pieces = zip(
        positions.split(limits.MAXIMUM_PARTICLES), gripper.split(limits.MAXIMUM_PARTICLES),
        strict=True,
    )
    return torch.cat([
        _per_particle(compiled(keypoints, *piece), len(piece[0])) for piece in pieces
    ])


def _per_particle(values: torch.Tensor, particles: int) -> torch.Tensor:
    """(B,) values. Raises RewardCodeError for another shape or values that are not finite."""
    if values.shape != (particles,):
        raise RewardCodeError(
            f'the reward has shape {tuple(values.shape)}; one value for each of the {particles} '
            'particles is expected'
        )
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
