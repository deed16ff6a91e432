"""Whether a reward is what its gradient says, in the numbers it is used with.

Rewards are used in float32. What cancels there, or asks how fine the numbers are, has other values
or another gradient in float64; what ripples within a millimetre has a gradient that leads nowhere.
"""

from __future__ import annotations

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.gradient import (
    DISAGREEING_SHARE,
    DISAGREEMENT,
    SHAKING,
    Gradients,
    differentiate,
    in_float64,
)
from vls_core.rewards.verification.numeric import Reward, spread_of, unsatisfied
from vls_core.rewards.verification.outcome import Outcome, failed, passed
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

ROUNDING = 1e-4
"""Share of the spread by which float32 and float64 may differ; honest rewards stay below 1e-6."""
MILLIMETRE = 1e-3
EXPECTED_GAIN = 0.1
"""Share of what the gradient promises that a millimetre along it has to bring."""
GAINING_SHARE = 0.75
"""Share of the motions for which it must; honest rewards reach 0.89 at kinks, and 1 elsewhere."""
NOTICEABLE = 1e-4
"""Gradients that promise less than this share of the spread are not tried."""


def holds_in_float32(reward: Reward, samples: Trajectory, seed: int) -> Outcome:
    """The same values and gradient in both precisions, and a gain along the gradient."""
    here = motions.shaken(samples, SHAKING, motions.generator(seed))
    single, double = differentiate(reward, here), differentiate(reward, in_float64(here))
    spread = max(spread_of(double.values), 1e-9)
    apart = float((single.values - double.values).abs().max()) / spread
    if apart > ROUNDING:
        return failed(
            Check.DERIVATIVE,
            f'its values in float32 and float64 are {100 * apart:.2g} % of the spread apart: it '
            'calculates with numbers so large that what matters is rounded away',
        )
    if _other_gradient(single, double) > DISAGREEING_SHARE:
        return failed(
            Check.DERIVATIVE,
            'its gradient is another one in float32 than in float64: it calculates with numbers '
            'so large or so small that what matters is rounded away',
        )
    gaining = _gaining(reward, here, spread)
    if gaining < GAINING_SHARE:
        return failed(
            Check.DERIVATIVE,
            'moving everything 1 mm along its gradient is better for only '
            f'{100 * gaining:.0f} % of the motions: no ripples, no rounding, no jumps',
        )
    return passed(Check.DERIVATIVE, f'{100 * gaining:.0f} % of the motions gain along it')


def _other_gradient(single: Gradients, double: Gradients) -> float:
    """Share of the motions whose gradients differ."""
    size = double.positions.flatten(1).norm(dim=1) + double.gripper.norm(dim=1)
    apart = (
        (single.positions - double.positions).flatten(1).norm(dim=1)
        + (single.gripper - double.gripper).norm(dim=1)
    )
    return float((apart > DISAGREEMENT * (size + 1e-3 * size.max()) + 1e-9).float().mean())


def _gaining(reward: Reward, here: Trajectory, spread: float) -> float:
    """Share of the motions that are better after they moved 1 mm uphill, as one piece.

    As one piece, because rewards of the shape of a motion have kinks everywhere within it.
    """
    by = torch.zeros(here.particles, 1, 3, requires_grad=True)
    values = reward(_shifted(here, by))
    if not values.requires_grad:
        return 1.0
    uphill, = torch.autograd.grad(values.sum(), by)
    way = MILLIMETRE * uphill / uphill.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    promised = (uphill * way).flatten(1).sum(1)
    values = values.detach()
    tried = unsatisfied(values) & (promised > NOTICEABLE * MILLIMETRE * spread)
    if not tried.any():
        return 1.0
    with torch.no_grad():
        gained = reward(_shifted(here, way)) - values
    return float((gained > EXPECTED_GAIN * promised)[tried].float().mean())


def _shifted(trajectory: Trajectory, by: torch.Tensor) -> Trajectory:
    return Trajectory(
        trajectory.positions + by, trajectory.gripper, trajectory.step_duration,
        trajectory.rotations,
    )
