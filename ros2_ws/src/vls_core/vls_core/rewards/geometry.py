"""Shapes rewards measure with: the hand as spheres, objects as boxes."""

from __future__ import annotations

import torch

HAND_SPHERE_CENTERS = (
    (0.0, 0.0, 0.0),
    (0.0, 0.0, 0.05),
    (0.0, -0.06, 0.11),
    (0.0, 0.0, 0.11),
    (0.0, 0.06, 0.11),
    (0.0, 0.0, 0.20),
)
"""Offsets from the end effector [m] while it points down, fingers opening along y."""
HAND_SPHERE_RADII = (0.035, 0.04, 0.045, 0.045, 0.045, 0.07)
"""The first two cover the fingers and a small object between them, the others the hand [m]."""


def box_signed_distance(
    points: torch.Tensor, center: torch.Tensor, extent: torch.Tensor
) -> torch.Tensor:
    """(..., 3) points to (...) distance from an axis-aligned box, negative inside [m]."""
    outside = (points - center).abs() - extent / 2
    away = (outside.clamp_min(0.0).square().sum(-1) + 1e-12).sqrt()
    return away + outside.amax(-1).clamp_max(0.0)
