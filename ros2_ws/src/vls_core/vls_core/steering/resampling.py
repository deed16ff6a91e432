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
