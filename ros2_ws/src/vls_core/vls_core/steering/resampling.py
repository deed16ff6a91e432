"""Feynman-Kac resampling on the rewards of clean estimates."""

from __future__ import annotations

import torch


def effective_sample_size(weights: torch.Tensor) -> torch.Tensor:
    """Number of particles that weights (B,) with sum 1 are worth, 1 to B."""
    return 1.0 / weights.square().sum()


def tempered_weights(rewards: torch.Tensor, target_size: float) -> torch.Tensor:
    """Softmax weights (B,) with the sharpness at which the effective sample size is target_size.

    Scale-free: multiplying the rewards by a constant changes nothing. Equal rewards keep equal
    weights.
    """
    centered = rewards - rewards.max()
    spread = centered.abs().max()
    if spread <= 0:
        return torch.full_like(rewards, 1.0 / len(rewards))
    low, high = 0.0, 1.0
    unit = centered / spread
    while effective_sample_size(torch.softmax(high * unit, 0)) > target_size and high < 1e6:
        high *= 2.0
    for _ in range(40):
        middle = (low + high) / 2
        if effective_sample_size(torch.softmax(middle * unit, 0)) > target_size:
            low = middle
        else:
            high = middle
    return torch.softmax(low * unit, 0)


def systematic_resample(weights: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Indices (B,): each particle is taken floor or ceil of B times its weight."""
    count = len(weights)
    offset = torch.rand((), generator=generator, device=weights.device, dtype=weights.dtype)
    positions = (torch.arange(count, device=weights.device) + offset) / count
    return torch.searchsorted(weights.cumsum(0).clamp(max=1.0), positions).clamp(max=count - 1)


def clones(indices: torch.Tensor) -> torch.Tensor:
    """(B,) whether an index was already taken before: copies that need fresh noise."""
    ordered = torch.sort(indices, stable=True)
    repeated = torch.zeros_like(indices, dtype=torch.bool)
    repeated[ordered.indices[1:]] = ordered.values[1:] == ordered.values[:-1]
    return repeated


def resample(
    rewards: torch.Tensor,
    noise: torch.Tensor,
    rungs: torch.Tensor,
    size: float,
    fresh: float,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Resamples within each guided rung, so that every strength keeps its particles.

    Args:
        rewards: (B,) of the clean estimates.
        noise: (B, H, D) noise estimates.
        rungs: (B,) guidance strength of every particle; those of strength 0 stay as they are.
        size: effective sample size to aim for, as a share of a rung's particles.
        fresh: share of fresh noise given to copies; without it they would follow one and the same
            path to the end.

    Returns:
        Indices (B,) of the particles taken, their noise (B, H, D), and the effective sample size
        met in the strongest rung.
    """
    indices = torch.arange(len(rewards), device=rewards.device)
    worth = 1.0
    rewards = rewards.nan_to_num(nan=float(rewards[rewards.isfinite()].min())
                                 if rewards.isfinite().any() else 0.0)
    for rung in rungs.unique(sorted=True).tolist():
        members = (rungs == rung).nonzero().flatten()
        worth = float(len(members))
        if rung > 0 and len(members) > 1:
            weights = tempered_weights(rewards[members], size * len(members))
            worth = float(effective_sample_size(weights))
            indices[members] = members[systematic_resample(weights, generator)]
    taken = noise[indices]
    drawn = torch.randn(taken.shape, generator=generator, dtype=taken.dtype, device=taken.device)
    mixed = (1 - fresh**2) ** 0.5 * taken + fresh * drawn
    return indices, torch.where(clones(indices).view(-1, 1, 1), mixed, taken), worth
