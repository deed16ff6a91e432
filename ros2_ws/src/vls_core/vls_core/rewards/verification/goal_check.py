"""Whether a reward leads to the goal it declares.

It must react to the goal's keypoint, be better at the goal than anywhere else that is tried, be 0
or nearly so there, and rise on the straight way to it while the way back falls. All of this holds
in several arrangements of the same things.

"At the goal" is any motion that ends there: early or late, straight, from above or by way of other
things, with any use of the gripper. So rewards with phases, detours or a choice of goals pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.arrivals import arriving, starts_for, with_gripper_use
from vls_core.rewards.verification.ascent import ascend
from vls_core.rewards.verification.goal import ELSEWHERE, Goal, Judge
from vls_core.rewards.verification.layouts import Keypoints, moved, only
from vls_core.rewards.verification.numeric import UNSATISFIED, spread_of
from vls_core.rewards.verification.outcome import Outcome, failed, passed, warning
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

CLOSE = 0.03
"""How far from the declared goal the best place may be [m]."""
BESIDE = 0.25
"""A best place up to here is told by its offset, farther ones by what is there [m]."""
RISING_SHARE = 0.7
"""Share of the unsatisfied straight ways on which it has to rise."""
LEFT_OVER = 0.2
"""Share of the spread that may be missing at the goal."""
SLIGHTLY_LEFT_OVER = 0.05
"""Share of the spread that may be missing at the goal without a warning."""
REFINED = 6


@dataclass(frozen=True)
class _Situation:
    """One arrangement, and what was found out in it.

    Attributes:
        arrivals, values: motions that end at the goal, and their rewards.
        refined, best: the best of them after improving all but their ends, and its reward.
    """

    judge: Judge
    keypoints: Keypoints
    places: Keypoints
    goal: Goal
    place: torch.Tensor
    starts: torch.Tensor
    arrivals: Trajectory
    values: torch.Tensor
    refined: Trajectory
    best: float
    spread: float

    def __call__(self, trajectory: Trajectory) -> torch.Tensor:
        with torch.no_grad():
            return self.judge(self.keypoints, trajectory)

    @cached_property
    def uphill(self) -> tuple[torch.Tensor, float]:
        """Where (3,) the gradient leads from the best motion to the goal, and what that brings."""
        after, values = ascend(
            lambda trajectory: self.judge(self.keypoints, trajectory), self.refined
        )
        return after.positions[0, -1], float(values[0])

    @property
    def tolerance(self) -> float:
        return UNSATISFIED * self.spread


def leads_to_goal(
    judge: Judge, goal: Goal, layouts: Sequence[Keypoints], places: Sequence[str], seed: int
) -> Outcome:
    """One outcome over all layouts: the first thing that is wrong, or how well it does.

    Args:
        places: names of the keypoints to make up motions around.
    """
    left_over, rising = 0.0, 1.0
    for number, keypoints in enumerate(layouts):
        situation = _explore(judge, keypoints, goal, places, seed + number)
        for check in (
            _ignores_keypoint, _leads_beside, _better_elsewhere, _leads_away, _unattainable
        ):
            problem = check(situation)
            if problem:
                return failed(Check.GOAL, problem)
        share = _rising_share(situation)
        if share < RISING_SHARE:
            return failed(
                Check.GOAL,
                f'it rises on only {100 * share:.0f} % of the straight ways to {goal}: '
                'every step towards the goal must pay',
            )
        left_over = max(left_over, -situation.best / max(situation.spread, 1e-9))
        rising = min(rising, share)
    if left_over > SLIGHTLY_LEFT_OVER:
        return warning(
            Check.GOAL, f'leads to {goal}, but {100 * left_over:.0f} % of what is between good '
            'and bad motions is missing even there; 0 should be attainable',
        )
    return passed(
        Check.GOAL, f'best at {goal}, rises on {100 * rising:.0f} % of the ways to it'
    )


def _explore(
    judge: Judge, keypoints: Keypoints, goal: Goal, names: Sequence[str], seed: int
) -> _Situation:
    places = only(keypoints, names)
    source = motions.generator(seed)
    place = goal.place(keypoints)
    starts = starts_for(places, place, source)
    arrivals = with_gripper_use(arriving(place, starts, places))
    elsewhere = with_gripper_use(motions.lines(starts, starts.roll(1, 0)))

    def reward(trajectory: Trajectory) -> torch.Tensor:
        return judge(keypoints, trajectory)

    with torch.no_grad():
        values = reward(arrivals)
        spread = spread_of(torch.cat([values, reward(elsewhere)]))
    first = values.topk(REFINED).indices
    refined, refined_values = ascend(reward, arrivals[first], end_is_held=True)
    best = refined_values.argmax()[None]
    return _Situation(
        judge, keypoints, places, goal, place, starts, arrivals, values, refined[best],
        float(refined_values[best]), spread,
    )


def _ignores_keypoint(situation: _Situation) -> str:
    """What is wrong if the goal's keypoint may be anywhere without changing anything."""
    changes = []
    for by in ((0.15, 0.0, 0.0), (-0.1, 0.15, 0.0), (0.0, 0.0, 0.1), (0.0, 0.0, -0.1)):
        keypoints = moved(situation.keypoints, situation.goal.keypoint, torch.tensor(by))
        with torch.no_grad():
            values = situation.judge(keypoints, situation.arrivals)
        changes.append((values - situation.values).abs().max())
    if float(torch.stack(changes).max()) > 1e-3 * situation.spread:
        return ''
    return (
        f'it hardly changes when "{situation.goal.keypoint}" is moved: '
        'use keypoints[name] of the thing that is meant, and no numbers instead'
    )


def _better_elsewhere(situation: _Situation) -> str:
    """What is wrong if motions that end elsewhere are better than all that end at the goal."""
    others = {f'"{name}"': where.float() for name, where in situation.places.items()}
    others |= {
        f'{100 * reach:.0f} cm {side} it': situation.place + reach * torch.tensor(way)
        for reach in (0.06, 0.12)
        for side, way in (
            ('in front of', (1.0, 0.0, 0.0)), ('behind', (-1.0, 0.0, 0.0)),
            ('left of', (0.0, 1.0, 0.0)), ('right of', (0.0, -1.0, 0.0)),
            ('above', (0.0, 0.0, 1.0)), ('below', (0.0, 0.0, -1.0)),
        )
    }
    anywhere = [('another place', where) for where in situation.starts]
    # Not with the refined ones: improving all steps but the last makes up for a wrong place.
    there = float(situation.values.max())
    best, where = there + situation.tolerance, ''
    for name, place in (*others.items(), *anywhere):
        if (place - situation.place).norm() < ELSEWHERE:
            continue
        value = float(situation(with_gripper_use(arriving(place, situation.starts[:6]))).max())
        if value > best:
            best, where = value, name
    if where:
        return (
            f'ending at {where} is better ({best:.3g}) than ending at the goal '
            f'{situation.goal} ({there:.3g}): is it about the right thing, '
            'and is the sign right?'
        )
    return ''


def _leads_beside(situation: _Situation) -> str:
    """What is wrong if the gradient leads to a place close by: another offset than declared."""
    return _leads_away(situation, BESIDE)


def _leads_away(situation: _Situation, farthest: float = float('inf')) -> str:
    """What is wrong if, from the best motion to the goal, the gradient leads away from it."""
    end, value = situation.uphill
    away = end - situation.place
    # The last step alone, with all others at their best, may count for little.
    better = value > situation.best + 0.1 * situation.tolerance
    if better and CLOSE < away.norm() < farthest:
        off = ', '.join(f'{float(value):.2f}' for value in away)
        there = [
            f' (that is "{name}")' for name, where in situation.keypoints.items()
            if (end - where.float()).norm() < CLOSE
        ]
        return (
            f'its best place is ({off}) m from the declared goal {situation.goal}'
            f'{next(iter(there), "")}: code and declaration must speak of the same place'
        )
    return ''


def _unattainable(situation: _Situation) -> str:
    """What is wrong if even the best motion to the goal leaves much to be wished for."""
    missing = -situation.best
    if missing <= max(0.01, SLIGHTLY_LEFT_OVER * situation.spread):
        return ''
    beyond = situation.refined
    openings = [
        Trajectory(beyond.positions, torch.full_like(beyond.gripper, value),
                   beyond.step_duration, beyond.rotations)
        for value in (-1.0, 2.0, 5.0, 20.0, 80.0)
    ]
    impossible = max(
        (float(values.max()) for values in map(situation, openings) if values.max() <= 0.01),
        default=-torch.inf,
    )
    if impossible > situation.best + situation.tolerance:
        return 'it asks for a gripper opening outside of 0 (closed) .. 1 (open)'
    if missing > LEFT_OVER * situation.spread:
        return (
            f'even at {situation.goal} it is {situation.best:.3g} at best: '
            'it must be 0 when satisfied'
        )
    return ''


def _rising_share(situation: _Situation) -> float:
    """Share of the unsatisfied starts from which it pays to go to the goal, and not away."""
    starts = situation.starts
    apart = (starts - situation.place).norm(dim=1) > ELSEWHERE
    starts = starts[apart]
    goals = situation.place.expand_as(starts)
    use = situation.arrivals.gripper[situation.values.argmax()][None]

    def value(positions: torch.Tensor) -> torch.Tensor:
        return situation(motions.pointing_down(positions, use))

    middles = torch.lerp(starts, goals, 0.5)
    still = value(motions.standing(starts))
    begun = value(motions.lines(starts, torch.lerp(starts, goals, 0.2)))
    whole = value(motions.lines(starts, goals, 0.8))
    towards = value(motions.lines(middles, goals, 0.8))
    away = value(motions.lines(middles, starts, 0.8))
    lacking = still < situation.best - situation.tolerance
    if not lacking.any():
        return 0.0
    least = 1e-4 * situation.spread
    rises = (whole > begun + least) & (towards > away - least) & (whole > still + least)
    return float(rises[lacking].float().mean())
