"""Whether a reward with a goal leads to it in chunks of any length, not only of the usual one."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.goal import ELSEWHERE, Goal, Judge
from vls_core.rewards.verification.layouts import Keypoints
from vls_core.rewards.verification.numeric import UNSATISFIED, spread_of
from vls_core.rewards.verification.outcome import Outcome, failed, passed
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

SHORTEST, LONGEST = 4, 40
"""Steps of the chunks that are tried."""
OFTEN = 400
"""Operations of a reward from which on only every second length is tried, and so on."""
STARTS = 12
BETTER_SHARE = 0.05
"""Share of the places at which it may be better to stay than at the goal."""
RISING_SHARE = 0.5
"""Share of the unsatisfied straight ways on which it has to rise."""


def leads_there_at_any_length(
    judge: Judge, goal: Goal, layouts: Sequence[Keypoints], operations: int, seed: int
) -> Outcome:
    """Going to the goal pays in chunks of other lengths, or the reward cannot be evaluated.

    Args:
        operations: of one evaluation.
    """
    tried = 0
    for steps in range(SHORTEST, LONGEST + 1, 1 + operations // OFTEN):
        keypoints = layouts[steps % len(layouts)]
        try:
            share = _rising(judge, keypoints, goal.place(keypoints), steps, seed + steps)
        except RewardCodeError:
            # Refused by the policy's evaluation too; that it fits few lengths is warned of.
            continue
        tried += 1
        if share < RISING_SHARE:
            return failed(
                Check.GOAL,
                f'in chunks of {steps} steps it rises on only {100 * share:.0f} % of the straight '
                f'ways to {goal}: it must mean the same in chunks of every length',
            )
    return passed(Check.GOAL, f'leads there in chunks of {tried} other lengths')


def _rising(
    judge: Judge, keypoints: Keypoints, place: torch.Tensor, steps: int, seed: int
) -> float:
    """Share of unsatisfied starts from which going to the goal pays; 0 if others are better."""
    source = motions.generator(seed)
    starts = motions.points_in_workspace(STARTS, source)
    starts = starts[(starts - place).norm(dim=1) > ELSEWHERE]
    goals = place.expand_as(starts)
    middles = torch.lerp(starts, goals, 0.5)
    ways = (
        motions.standing(starts), motions.lines(starts, goals, 0.8),
        motions.lines(middles, goals, 0.8), motions.lines(middles, starts, 0.8),
        motions.standing(place[None]),
    )
    values = []
    for opening in (0.0, 1.0):
        with torch.no_grad():
            values.append(judge(keypoints, _of_length(torch.cat(ways), steps, opening)))
    still, whole, towards, away, there = torch.stack(values).amax(0).split(
        [len(way) for way in ways]
    )
    if not torch.stack(values).isfinite().all():
        return 1.0
    spread = spread_of(torch.cat(values))
    lacking = still < there - UNSATISFIED * spread
    if (still > there + UNSATISFIED * spread).float().mean() > BETTER_SHARE:
        return 0.0
    if not lacking.any():
        return 1.0
    least = 1e-4 * spread
    rises = (whole > still + least) & (towards > away - least)
    return float(rises[lacking].float().mean())


def _of_length(positions: torch.Tensor, steps: int, opening: float) -> Trajectory:
    """The same ways (B, T + 1, 3) in another number of steps."""
    resampled = torch.nn.functional.interpolate(
        positions.transpose(1, 2), steps + 1, mode='linear', align_corners=True
    ).transpose(1, 2)
    return motions.pointing_down(resampled.contiguous(), opening)
