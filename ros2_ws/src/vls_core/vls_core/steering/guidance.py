"""Reward gradients on the clean estimate, per particle, calibrated, bounded.

Jacobian-free by default: the reward is differentiated with respect to the predicted clean chunk,
not through the network, so guidance costs reward calls but no network call. The direction can be
given from outside instead, which is how backpropagation through the network comes in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from vls_core.steering.errors import ShapeMismatchError

ActionReward = Callable[[torch.Tensor], torch.Tensor]
"""Normalised clean actions (B, H, D) to rewards (B,)."""

SHRINKING = 0.3
"""Factor on the next step after one that did not help."""
DEAD = 1e-12
"""A gradient smaller than this, per metre of reward, is none."""


@dataclass(frozen=True)
class Guidance:
    """How a clean estimate may be moved.

    Attributes:
        inner_steps: gradient evaluations a move is divided into.
        trust: largest root mean square of a move, in standard deviations of the actions.
        fade: distance from a perfect reward below which steps shrink [m]; 0 never fades.
        momentum: share of the direction before that is kept, 0..1. Early actions move the whole
            rest of a chunk and late ones next to nothing; momentum is what gets the late ones
            right in few evaluations. It starts anew where a step did not help (O'Donoghue and
            Candes, Adaptive Restart for Accelerated Gradient Schemes, 2015).
    """

    inner_steps: int
    trust: float
    fade: float = 0.0
    momentum: float = 0.0


@dataclass(frozen=True)
class Guided:
    """Moved estimates (B, H, D), and which particles (B,) ran into the trust region."""

    clean: torch.Tensor
    saturated: torch.Tensor


def root_mean_square(values: torch.Tensor) -> torch.Tensor:
    """(B, H, D) to (B, 1, 1), over everything that belongs to one particle."""
    return values.square().mean((1, 2), keepdim=True).sqrt()


def reward_gradient(
    reward: ActionReward, clean: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rewards (B, 1, 1) of clean actions (B, H, D), and each one's own gradient (B, H, D).

    A gradient that is not finite counts as none; so does that of a reward autograd cannot follow.

    Raises:
        ShapeMismatchError: the reward is not one number per particle.
    """
    with torch.enable_grad():
        leaf = clean.detach().requires_grad_(True)
        rewards = reward(leaf)
        if rewards.shape != clean.shape[:1]:
            raise ShapeMismatchError(
                f'a reward has to be of shape ({len(clean)},), one number per particle; '
                f'this one is of shape {tuple(rewards.shape)}'
            )
        gradient = torch.zeros_like(clean)
        if rewards.requires_grad:
            (gradient,) = torch.autograd.grad(rewards.sum(), leaf)
    finite = gradient.isfinite().all(2, keepdim=True).all(1, keepdim=True)
    return rewards.detach().view(-1, 1, 1), torch.where(finite, gradient, 0.0)


def calibration(gradient: torch.Tensor) -> torch.Tensor | None:
    """Median size of the gradients (B, H, D) of unguided particles; None if all are dead.

    Dividing by it makes the unit of the reward cancel.
    """
    sizes = root_mean_square(gradient).flatten()
    alive = sizes[sizes > DEAD]
    return alive.median() if len(alive) else None


def guide(
    reward: ActionReward,
    clean: torch.Tensor,
    strength: torch.Tensor,
    scale: torch.Tensor,
    guidance: Guidance,
    clip: Callable[[torch.Tensor], torch.Tensor],
    free: torch.Tensor | float = 1.0,
    first_direction: torch.Tensor | None = None,
    level: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> Guided:
    """Moves clean estimates uphill, without leaving the policy's neighbourhood.

    A step that would lower a particle's reward is not taken but tried again smaller, so that
    strong guidance settles at the optimum instead of jumping across it.

    Args:
        clean: (B, H, D) clean estimates of the policy, normalised.
        strength: (B, 1, 1) total move in units of one standard deviation of the actions, at most.
        scale: gradient size that counts as 1, from `calibration`.
        clip: limits actions to the range of the demonstrations.
        free: (H, 1) 1 where actions may be moved, 0 where they are committed.
        first_direction: (B, H, D) to go first, in place of the reward's own gradient.
        level: gradients to directions, see `levelling`.
    """
    moved, step = clean, strength / guidance.inner_steps
    best, gradient = reward_gradient(reward, clean)
    if first_direction is not None:
        gradient = first_direction
    saturated = torch.zeros(len(clean), dtype=torch.bool, device=clean.device)
    velocity = torch.zeros_like(clean)
    for left in reversed(range(guidance.inner_steps)):
        direction = free * gradient / scale
        if level is not None:
            direction = free * level(direction)
        direction = direction / root_mean_square(direction).clamp_min(1.0)
        velocity = guidance.momentum * velocity + direction
        length = step * (-best / guidance.fade).clamp(0, 1) if guidance.fade else step
        wish = clean + free * (clip(moved + length * velocity) - clean)
        candidate, cut = _within(clean, wish, strength, guidance.trust)
        if left:
            rewards, new_gradient = reward_gradient(reward, candidate)
        else:
            rewards, new_gradient = reward(candidate).view(-1, 1, 1), gradient
        better = rewards > best
        moved = torch.where(better, candidate, moved)
        saturated = torch.where(better.flatten(), cut, saturated)
        gradient = torch.where(better, new_gradient, gradient)
        best = torch.where(better, rewards, best)
        velocity = torch.where(better, velocity, 0.0)
        step = torch.where(better, step, step * SHRINKING)
    return Guided(torch.where(strength > 0, moved, clean), saturated & (strength.flatten() > 0))


def _within(
    center: torch.Tensor, values: torch.Tensor, strength: torch.Tensor, trust: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Values no further from the center than strength and trust allow, and (B,) whether trust did
    not allow what was wanted.
    """
    move = values - center
    size = root_mean_square(move)
    share = (strength.clamp_max(trust) / size.clamp_min(1e-12)).clamp_max(1.0)
    return center + move * share, (size > trust).flatten()
