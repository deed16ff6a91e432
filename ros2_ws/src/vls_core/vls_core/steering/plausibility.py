"""How much of a plan the policy believes: the error it makes in recovering it from noise."""

from __future__ import annotations

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.policies.process import draw


def denoising_error(
    policy: FrozenPolicy,
    actions: torch.Tensor,
    condition: torch.Tensor,
    progress: float,
    generator: torch.Generator,
) -> torch.Tensor:
    """(B,) mean squared error of the clean estimates of re-noised actions, in deviations^2.

    A plan like the demonstrations is recovered, another one is pulled towards them. All plans get
    the same noise, so that they are compared with each other and not with their luck. Costs one
    network evaluation per plan.

    Args:
        actions: (B, H, D) clean, normalised.
        progress: how much noise: 0 is nothing else, 1 is none; the nearest level is taken.
    """
    levels = policy.process.levels(policy.denoising_steps)[:-1]
    level = min(levels, key=lambda candidate: abs(candidate.progress - progress))
    noisy = level.signal * actions + level.noise * draw(actions[:1], generator)
    prediction = policy.predict(noisy, level.time, condition)
    clean, _ = policy.process.estimate(noisy, prediction, level)
    return (clean - actions).square().mean((1, 2))
