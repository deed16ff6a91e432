"""Feynman-Kac resampling on the rewards of clean estimates."""

from __future__ import annotations

import torch

_BISECTIONS = 30


def effective_sample_size(weights: torch.Tensor) -> torch.Tensor:
    """Number of particles (...) that weights (..., B) with sum 1 are worth, 1 to B."""
    return 1.0 / weights.square().sum(-1)


def tempered_weights(rewards: torch.Tensor, target_size: float) -> torch.Tensor:
    """Softmax weights (..., B) with the sharpness at which the sample size is target_size.

    Scale-free: multiplying the rewards by a constant changes nothing. Equal rewards keep equal
    weights.
    """
    centered = rewards - rewards.amax(-1, keepdim=True)
    spread = -centered.amin(-1, keepdim=True)
    unit = centered / spread.clamp_min(1e-30)
    # Bisection on the logarithm of the sharpness.
    low, high = torch.full_like(spread, -10.0), torch.full_like(spread, 20.0)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        size = effective_sample_size(torch.softmax(middle.exp2() * unit, -1)).unsqueeze(-1)
        low, high = torch.where(size > target_size, middle, low), torch.where(
            size > target_size, high, middle
        )
    return torch.where(spread > 0, torch.softmax(low.exp2() * unit, -1), 1.0 / rewards.shape[-1])


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
    guided: torch.Tensor,
    size: float,
    fresh: float,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Resamples within each guided rung, so that every strength keeps its particles.

    Args:
        rewards: (R, K) of the clean estimates of K particles on each of R rungs.
        noise: (R * K, H, D) noise estimates.
        guided: (R,) rungs that take part; the others stay as they are.
        size: effective sample size to aim for, as a share of K.
        fresh: share of fresh noise given to copies; without it they would follow one and the same
            path to the end.

    Returns:
        Indices (R * K,) of the particles taken, their noise (R * K, H, D), and the mean effective
        sample size met on the guided rungs.
    """
    rungs, particles = rewards.shape
    indices = torch.arange(rungs * particles, device=rewards.device).view(rungs, particles)
    weights = tempered_weights(_finite(rewards), size * particles)
    for rung in guided.nonzero().flatten().tolist():
        indices[rung] = indices[rung, systematic_resample(weights[rung], generator)]
    worth = float(effective_sample_size(weights[guided]).mean())
    chosen = indices.flatten()
    taken = noise[chosen]
    drawn = torch.randn(taken.shape, generator=generator, dtype=taken.dtype, device=taken.device)
    mixed = (1 - fresh**2) ** 0.5 * taken + fresh * drawn
    return chosen, torch.where(clones(chosen).view(-1, 1, 1), mixed, taken), worth


def _finite(rewards: torch.Tensor) -> torch.Tensor:
    """What is not finite counts as the worst that is."""
    known = rewards[rewards.isfinite()]
    worst = float(known.min()) if len(known) else 0.0
    return rewards.nan_to_num(nan=worst, posinf=worst, neginf=worst)
