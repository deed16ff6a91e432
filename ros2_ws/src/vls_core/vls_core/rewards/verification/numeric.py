"""What holds of every reward, whatever it is for: checks of its values.

A reward here is any function of a batch of motions. Each check is one function; what it needs
besides is given to it, so that tests can hand it rewards that break one rule each.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from vls_core.rewards.verification.outcome import Outcome, failed, passed, warning
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

Reward = Callable[[Trajectory], torch.Tensor]
"""A batch of motions to (B,) rewards."""

POSITIVE_NOISE = 1e-3
"""Rewards this little above 0 are numerical noise."""
POSITIVE_SHARE = 0.25
"""Share of the spread by which soft minima may exceed 0: allowed, with a warning."""
EQUAL = 1e-5
"""Share of the spread by which equal rewards may differ: another order of summing."""
UNSATISFIED = 0.02
"""Share of the spread below the best from which a motion counts as not satisfying the reward."""


def shape(reward: Reward, samples: Trajectory) -> Outcome:
    """One number for each particle, of however many."""
    for count in (samples.particles, 2, 1):
        values = reward(samples[:count])
        if not isinstance(values, torch.Tensor) or not values.is_floating_point():
            return failed(Check.SHAPE, 'it must return a tensor of real numbers')
        if values.shape != (count,):
            return failed(
                Check.SHAPE,
                f'of {count} particles it returns shape {tuple(values.shape)} instead of '
                f'({count},): reduce over time and coordinates, never over particles',
            )
    return passed(Check.SHAPE, 'one number for each particle')


def any_length(reward: Reward, samples: Trajectory) -> Outcome | None:
    """Works for chunks of another length; None if it does, what is wrong if not."""
    half = samples.positions.shape[1] // 2
    shorter = Trajectory(
        samples.positions[:, :half], samples.gripper[:, :half], samples.step_duration,
        None if samples.rotations is None else samples.rotations[:, :half],
    )
    if reward(shorter).shape != (samples.particles,):
        return failed(Check.SHAPE, 'with fewer steps it does not return one number per particle')
    return None


def finite(values: torch.Tensor) -> Outcome:
    """No infinities, nothing that is not a number."""
    broken = ~values.isfinite()
    if broken.any():
        return failed(
            Check.FINITE,
            f'infinite or not a number for {_percent(broken)} of the motions: '
            'avoid dividing by, or taking roots or logarithms of, what may be 0',
        )
    return passed(Check.FINITE, f'within {_number(values.min())} .. {_number(values.max())}')


def never_positive(values: torch.Tensor, spread: float) -> Outcome:
    """0 is satisfied, less is worse; soft minima may stick out a little."""
    highest = float(values.max())
    if highest <= max(POSITIVE_NOISE, 1e-4 * spread):
        return passed(Check.RANGE, f'at most {_number(highest)}')
    if highest <= POSITIVE_SHARE * spread:
        return warning(
            Check.RANGE,
            f'up to {_number(highest)} above 0, as soft minima can be; 0 should be best',
        )
    return failed(
        Check.RANGE,
        f'up to {_number(highest)}: a reward is 0 when satisfied and negative otherwise; '
        'is a sign missing?',
    )


def deterministic(reward: Reward, samples: Trajectory, values: torch.Tensor) -> Outcome:
    """The same every time, and the arguments are left as they were."""
    before = (samples.positions.clone(), samples.gripper.clone())
    if not torch.equal(reward(samples), values):
        return failed(Check.DETERMINISTIC, 'the same motions get another reward the second time')
    if not (torch.equal(samples.positions, before[0]) and torch.equal(samples.gripper, before[1])):
        return failed(Check.DETERMINISTIC, 'it writes into its arguments')
    return passed(Check.DETERMINISTIC, 'the same again, arguments untouched')


def independent(reward: Reward, samples: Trajectory, values: torch.Tensor) -> Outcome:
    """A particle's reward does not depend on which others there are, or on their order."""
    count = samples.particles
    tolerance = EQUAL * max(spread_of(values), float(values.abs().max()), 1e-9)
    # The best, the worst and some others alone: a maximum may hide in any larger company.
    alone = {0, count // 2, count - 1, int(values.argmax()), int(values.argmin())}
    companies = [
        torch.arange(count).flip(0), torch.arange(count // 2), torch.arange(count // 2, count),
        *(torch.tensor([index]) for index in sorted(alone)),
    ]
    for company in companies:
        found = reward(samples[company])
        if found.shape != values[company].shape:
            return failed(Check.INDEPENDENT, 'its shape depends on which particles there are')
        if (found - values[company]).abs().max() > tolerance:
            return failed(
                Check.INDEPENDENT,
                'the reward of a particle depends on the others: '
                'reduce over dim=1 or dim=-1, never over dim=0 or over everything',
            )
    return passed(Check.INDEPENDENT, 'particles do not see each other')


def mixes_particles(reward: Reward, samples: Trajectory) -> bool:
    """Whether a reward that is no (B,) depends on more than one particle."""
    with torch.no_grad():
        value = reward(samples)
        other = reward(samples[torch.arange(samples.particles - 1)])
    if not isinstance(value, torch.Tensor) or value.numel() != 1 or other.numel() != 1:
        return False
    return not torch.equal(value.reshape(()), other.reshape(()))


def spread_of(values: torch.Tensor) -> float:
    """Best less worst, the worst twentieth aside unless nothing else differs."""
    if len(values) == 0:
        return 0.0
    highest = values.max()
    robust = float(highest - values.quantile(0.05))
    return robust if robust > 1e-9 else float(highest - values.min())


def unsatisfied(values: torch.Tensor) -> torch.Tensor:
    """(B,) which motions leave something to be wished for."""
    return values < values.max() - UNSATISFIED * spread_of(values)


def _percent(chosen: torch.Tensor) -> str:
    return f'{100 * float(chosen.float().mean()):.0f} %'


def _number(value: torch.Tensor | float) -> str:
    return f'{float(value):.3g}'
