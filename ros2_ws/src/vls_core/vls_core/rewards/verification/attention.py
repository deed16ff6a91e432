"""What a reward with a goal looks at: the end of the motion, and the gripper only as much as due.

With the gripper open, closed or anything between, going to the goal has to pay.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.arrivals import arriving
from vls_core.rewards.verification.goal import ELSEWHERE, Goal, Judge
from vls_core.rewards.verification.gradient import DEAD, Gradients
from vls_core.rewards.verification.layouts import Keypoints
from vls_core.rewards.verification.numeric import UNSATISFIED, spread_of
from vls_core.rewards.verification.outcome import Outcome, failed, passed
from vls_core.rewards.verification.report import Check

END = 0.25
"""Share of the chunk that is its end."""
STARTS = 24
RISING_SHARE = 0.75
"""Share of the unsatisfied straight ways on which it has to rise, whatever the gripper does."""
DOMINATING = 1.5
"""How many times what going to the goal brings the gripper may count."""
_LATE = 0.7


def heeds_the_end(found: Gradients) -> Outcome | None:
    """What is wrong if nothing at the end of the motion ever counts; None if something does."""
    length = found.positions.shape[1]
    end = found.positions[:, length - max(1, int(END * length)):]
    if bool((motions_gain(end) > DEAD * spread_of(found.values)).any()):
        return None
    return failed(
        Check.GOAL,
        f'where the motion is in the last {100 * END:.0f} % of its steps never counts: a goal is '
        'where it ends; look at the last steps too',
    )


def motions_gain(gradient: torch.Tensor) -> torch.Tensor:
    """(B,) what a change by 1 cm along a gradient (B, K, 3) brings."""
    return 0.01 * gradient.flatten(1).norm(dim=1)


def with_any_gripper(
    judge: Judge, goal: Goal, layouts: Sequence[Keypoints], seed: int
) -> Outcome:
    """Going to the goal pays with every use of the gripper, and counts more than that does."""
    for number, keypoints in enumerate(layouts):
        source = motions.generator(seed + number)
        place = goal.place(keypoints)
        starts = torch.cat([
            motions.points_in_workspace(STARTS // 2, source),
            motions.points_around(place[None], STARTS // 2, source, radius=0.3),
        ])
        starts = starts[(starts - place).norm(dim=1) > ELSEWHERE]
        best, gains = [], []
        for name, pattern in _patterns().items():
            share, there, gain = _rising(judge, keypoints, place, starts, pattern)
            if share < RISING_SHARE:
                return failed(
                    Check.GOAL,
                    f'with the gripper {name} it rises on only {100 * share:.0f} % of the '
                    f'straight ways to {goal}: every step towards the goal must pay',
                )
            best.append(there)
            gains.append(gain)
        if max(best) - min(best) > DOMINATING * max(gains):
            return failed(
                Check.GOAL,
                f'what the gripper does counts for {max(best) - min(best):.2g}, all of the way to '
                f'{goal} for {max(gains):.2g}: weigh it less',
            )
    return passed(Check.GOAL, 'rises with every use of the gripper')


def _patterns() -> dict[str, torch.Tensor]:
    late = (torch.arange(motions.STEPS + 1) >= _LATE * motions.STEPS).float()
    return {
        'open': torch.ones_like(late), 'closed': torch.zeros_like(late),
        'half open': torch.full_like(late, 0.5), 'closing at the end': 1 - late,
        'opening at the end': late,
    }


def _rising(
    judge: Judge, keypoints: Keypoints, place: torch.Tensor, starts: torch.Tensor,
    pattern: torch.Tensor,
) -> tuple[float, float, float]:
    """Share of ways to the goal that rise, the best reward there, and what the ways bring."""
    goals = place.expand_as(starts)
    middles = torch.lerp(starts, goals, 0.5)
    ways = (
        motions.standing(starts), motions.lines(starts, torch.lerp(starts, goals, 0.2)),
        motions.lines(starts, goals, 0.8), motions.lines(middles, goals, 0.8),
        motions.lines(middles, starts, 0.8), arriving(place, starts[:3]),
    )
    with torch.no_grad():
        values = judge(keypoints, motions.pointing_down(torch.cat(ways), pattern[None]))
    still, begun, whole, towards, away, there = values.split([len(way) for way in ways])
    spread = spread_of(values)
    best = float(there.max())
    lacking = still < best - UNSATISFIED * spread
    if not lacking.any():
        return 0.0, best, 0.0
    least = 1e-4 * spread
    rises = (whole > begun + least) & (towards > away - least) & (whole > still + least)
    return float(rises[lacking].float().mean()), best, float((whole - still)[lacking].median())
