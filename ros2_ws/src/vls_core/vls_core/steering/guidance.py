"""Reward gradients on the clean estimate, per particle, calibrated, bounded.

Jacobian-free: the reward is differentiated with respect to the predicted clean chunk, not through
the network, so guidance costs reward calls but no network pass.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

Reward = Callable[[torch.Tensor], torch.Tensor]
"""Normalised clean actions (B, H, D) to rewards (B,)."""

SHRINKING = 0.3
"""Factor on the next step after one that did not help."""


def root_mean_square(values: torch.Tensor) -> torch.Tensor:
    """(B, H, D) to (B, 1, 1), over everything that belongs to one particle."""
    return values.square().mean((1, 2), keepdim=True).sqrt()


def reward_gradient(reward: Reward, clean: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Rewards (B, 1, 1) of clean actions (B, H, D), and each one's own gradient (B, H, D)."""
    with torch.enable_grad():
        leaf = clean.detach().requires_grad_(True)
        rewards = reward(leaf)
        (gradient,) = torch.autograd.grad(rewards.sum(), leaf)
    return rewards.detach().view(-1, 1, 1), gradient


def calibration(reward: Reward, clean: torch.Tensor) -> torch.Tensor:
    """Median gradient size over unguided particles; dividing by it makes reward units cancel."""
    _, gradient = reward_gradient(reward, clean)
    return root_mean_square(gradient).median().clamp_min(1e-12)


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

    A step that would lower a particle's reward is not taken but tried again smaller, so that
    strong guidance settles at the optimum instead of jumping across it.

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
    guided, step = clean, strength / inner_steps
    best, gradient = reward_gradient(reward, guided)
    for _ in range(inner_steps):
        direction = gradient / scale
        direction = direction / root_mean_square(direction).clamp_min(1.0)
        candidate = _within(clean, clip(guided + step * direction), trust)
        rewards, new_gradient = reward_gradient(reward, candidate)
        better = rewards > best
        guided = torch.where(better, candidate, guided)
        gradient = torch.where(better, new_gradient, gradient)
        best = torch.where(better, rewards, best)
        step = torch.where(better, step, step * SHRINKING)
    return torch.where(strength > 0, guided, clean)


def _within(center: torch.Tensor, values: torch.Tensor, trust: float) -> torch.Tensor:
    move = values - center
    return center + move * (trust / root_mean_square(move).clamp_min(1e-12)).clamp_max(1.0)
