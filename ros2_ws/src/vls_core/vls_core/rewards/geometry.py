"""Shapes rewards measure with: the hand as spheres, objects as boxes."""

from __future__ import annotations

from functools import cache

import torch

HAND_SPHERE_CENTERS = (
    (0.0, 0.0, 0.0),
    (0.0, 0.0, 0.018),
    (0.0, -0.048, 0.018),
    (0.0, 0.048, 0.018),
    (0.0, 0.0, 0.073),
    (0.0, -0.065, 0.079),
    (0.0, 0.065, 0.079),
    (0.0, 0.0, 0.18),
)
"""Offsets from the end effector [m] while it points down, fingers opening along y."""
HAND_SPHERE_RADII = (0.035, 0.039, 0.034, 0.034, 0.048, 0.054, 0.054, 0.075)
"""A small object between the fingers, the open fingers, the hand, and the wrist above it [m]."""


def box_signed_distance(
    points: torch.Tensor, center: torch.Tensor, extent: torch.Tensor
) -> torch.Tensor:
    """(..., 3) points to (...) distance from an axis-aligned box, negative inside [m]."""
    outside = (points - center).abs() - extent / 2
    away = (outside.clamp_min(0.0).square().sum(-1) + 1e-12).sqrt()
    return away + outside.amax(-1).clamp_max(0.0)


@cache
def hand_spheres(
    dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """HAND_SPHERE_CENTERS (S, 3) and HAND_SPHERE_RADII (S,) as tensors [m]."""
    # Made once, perhaps in inference mode: tensors born there could never be differentiated.
    with torch.inference_mode(False):
        return (
            torch.tensor(HAND_SPHERE_CENTERS, dtype=dtype, device=device),
            torch.tensor(HAND_SPHERE_RADII, dtype=dtype, device=device),
        )
