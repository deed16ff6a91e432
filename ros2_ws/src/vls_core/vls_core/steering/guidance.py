"""Reward gradients on the clean estimate, per particle, calibrated, bounded.

Jacobian-free: the reward is differentiated with respect to the predicted clean chunk, not through
the network, so guidance costs reward calls but no network pass.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

Reward = Callable[[torch.Tensor], torch.Tensor]
"""Normalised clean actions (B, H, D) to rewards (B,)."""


def root_mean_square(values: torch.Tensor) -> torch.Tensor:
    """(B, H, D) to (B, 1, 1), over everything that belongs to one particle."""
    return values.square().mean((1, 2), keepdim=True).sqrt()


def reward_gradient(reward: Reward, clean: torch.Tensor) -> torch.Tensor:
    """Gradient (B, H, D) of each particle's own reward at its clean actions (B, H, D)."""
    with torch.enable_grad():
        leaf = clean.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(reward(leaf).sum(), leaf)
    return gradient


def calibration(reward: Reward, clean: torch.Tensor) -> torch.Tensor:
    """Median gradient size over unguided particles; dividing by it makes reward units cancel."""
    sizes = root_mean_square(reward_gradient(reward, clean)).flatten()
    return sizes.median().clamp_min(1e-12)


def guide(
    reward: Reward,
    clean: torch.Tensor,
    strength: torch.Tensor,
    scale: torch.Tensor,
    inner_steps: int,
    trust: float,
    clip: Callable[[torch.Tensor], torch.Tensor],
) -> torch.Tensor:
    """Moves clean estimates uphill, without leaving the policy's neighbourhood.

    Args:
        clean: (B, H, D) clean estimates of the policy, normalised.
        strength: (B, 1, 1) total move in units of one standard deviation of the actions.
        scale: gradient size that counts as 1, from `calibration`.
        inner_steps: gradient evaluations the move is divided into.
        trust: largest root mean square of the move, in standard deviations.
        clip: limits actions to the range of the demonstrations.

    Returns:
        (B, H, D) guided estimates; particles of strength 0 come back unchanged.
    """
    guided = clean
    for _ in range(inner_steps):
        gradient = reward_gradient(reward, guided) / scale
        gradient = gradient / root_mean_square(gradient).clamp_min(1.0)
        guided = clip(guided + strength / inner_steps * gradient)
    move = guided - clean
    move = move * (trust / root_mean_square(move).clamp_min(1e-12)).clamp_max(1.0)
    return torch.where(strength > 0, clean + move, clean)
