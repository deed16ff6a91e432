"""How much a reward changes over a centimetre: the same for all, roughly, or weights mean nothing.

A distance in metres changes by 0.01 when the whole motion is moved by 1 cm. Rewards may be a
hundred times finer or coarser than that, but not a million times.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.gradient import Gradients
from vls_core.rewards.verification.numeric import Reward, unsatisfied
from vls_core.rewards.verification.outcome import Outcome, failed, passed
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

CENTIMETRE = 0.01
SMALLEST, LARGEST = 1e-4, 1.0
"""What a move of 1 cm may change a reward by."""
UNEVEN = 1e3
"""Largest ratio of a steep gradient (99th percentile) to the median one."""


@dataclass(frozen=True)
class Scale:
    """What was found.

    Attributes:
        per_metre: median change for each metre that the whole motion is moved by; for rewards of
            the shape of a motion alone, that each of its steps is moved by.
    """

    outcome: Outcome
    per_metre: float


def scale(
    reward: Reward, samples: Trajectory, gradients: Gradients, seed: int, unit: float = 1.0
) -> Scale:
    """Measured where the reward is not satisfied; `unit` is what its values are divided by."""
    lacking = unsatisfied(gradients.values)
    chosen = samples[lacking]
    values = gradients.values[lacking]
    change = _change(reward, chosen, values, seed) / unit
    if change < SMALLEST or change > LARGEST:
        size = 'little' if change < SMALLEST else 'much'
        outcome = failed(
            Check.SCALE,
            f'1 cm changes it by {change:.2g}, which is too {size}: it must be within '
            f'{SMALLEST:g} and {LARGEST:g}; give it in metres, and leave weighting to the weight',
        )
        return Scale(outcome, change / CENTIMETRE)
    steep = _unevenness(gradients.gain[lacking])
    if steep > UNEVEN:
        outcome = failed(
            Check.SCALE,
            f'its gradient is {steep:.0f} times as steep at some places as at most: '
            'no exponentials of distances, no poles',
        )
    else:
        outcome = passed(Check.SCALE, f'1 cm changes it by {change:.2g}')
    return Scale(outcome, change / CENTIMETRE)


def _change(reward: Reward, samples: Trajectory, values: torch.Tensor, seed: int) -> float:
    """Median over motions of the largest change among a few moves of 1 cm."""
    source = motions.generator(seed)
    shifts = [sign * CENTIMETRE * axis for axis in torch.eye(3) for sign in (-1, 1)]
    shaken = CENTIMETRE * torch.randn(samples.positions.shape, generator=source)
    with torch.no_grad():
        changes = [
            (reward(_with(samples, samples.positions + by)) - values).abs() for by in shifts
        ]
        largest = float(torch.stack(changes).amax(0).median())
        if largest >= SMALLEST:
            return largest
        others = [
            reward(_with(samples, samples.positions + shaken)),
            reward(_with(samples, samples.positions, (samples.gripper - 0.1).clamp(0, 1))),
            reward(Trajectory(
                samples.positions, samples.gripper, samples.step_duration,
                samples.rotations[torch.arange(samples.particles).roll(1)],
            )) if samples.rotations is not None else values,
        ]
    shape = float(torch.stack([(other - values).abs() for other in others]).amax(0).median())
    return max(largest, shape)


def _unevenness(gain: torch.Tensor) -> float:
    live = gain[gain > 0]
    if len(live) < 2:
        return 1.0
    return float(live.quantile(0.99) / live.median().clamp_min(1e-30))


def _with(
    samples: Trajectory, positions: torch.Tensor, gripper: torch.Tensor | None = None
) -> Trajectory:
    return Trajectory(
        positions, samples.gripper if gripper is None else gripper, samples.step_duration,
        samples.rotations,
    )
