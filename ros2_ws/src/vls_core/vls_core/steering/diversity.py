"""Early repulsion between particles, so that they do not all take the same way."""

from __future__ import annotations

import math

import torch

from vls_core.steering.guidance import root_mean_square


def repulsion(clean: torch.Tensor) -> torch.Tensor:
    """Direction (B, H, D) of unit root mean square that moves each particle away from the others.

    Gradient of a Gaussian kernel with the median distance as its width; zero for a single
    particle.
    """
    count = len(clean)
    if count < 2:
        return torch.zeros_like(clean)
    flat = clean.detach().flatten(1)
    difference = flat.unsqueeze(1) - flat.unsqueeze(0)
    squared = difference.square().sum(-1)
    width = squared[squared > 0].median() / math.log(count + 1) if (squared > 0).any() else 1.0
    kernel = torch.exp(-squared / width)
    away = (kernel.unsqueeze(-1) * difference).sum(1).view_as(clean)
    # A particle that has broken down pushes nobody.
    away = torch.where(away.isfinite(), away, 0.0)
    return away / root_mean_square(away).clamp_min(1e-12)
