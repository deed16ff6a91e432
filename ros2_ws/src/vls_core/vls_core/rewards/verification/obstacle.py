"""Whether a reward keeps clear of the obstacle it declares.

The obstacle is moved, not the motion: whatever else the reward wants stays the same. Paths through
it must be worse than the same paths with the obstacle taken away, the more so the closer they
come, and paths far from it must not notice it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.arrivals import with_gripper_use
from vls_core.rewards.verification.goal import Judge
from vls_core.rewards.verification.layouts import Keypoints, moved, only
from vls_core.rewards.verification.numeric import spread_of
from vls_core.rewards.verification.outcome import Outcome, failed, passed
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

PATHS = 10
AWAY = ((0.0, 0.9, 0.0), (0.0, -0.9, 0.0))
"""Displacements that take the obstacle out of the way [m]."""
FAR = 0.40
"""From here on the obstacle must not matter [m]."""
NOTICED_FAR = 0.25
"""Share of the effect of touching it that it may have from there."""
BESIDE = 0.15
"""How far out of the way is not inside any more, for what draws motions to itself [m]."""
OUTSIDE = (0.6, 0.0, 0.0)
"""Where a motion is while it is not inside, from the obstacle [m]."""
LEAST_OF_MEAN = 0.2
"""Share of what a mean over all steps takes for one step that this has to cost at least."""
OVERLOOKED = 0.02
"""Share of what other steps cost below which one is overlooked ..."""
SKIPPED = 0.25
"""... and of what steps before as well as after it cost."""
DISTANCES = (0.0, 0.04, 0.07, 0.10, 0.20, 0.40)
NEAREST = 1
"""From which of the distances on something of the cost must be left ..."""
LEAST_OUTSIDE = 0.02
"""... as a share of all of it."""
PUNISHED_SHARE = 0.9
LEAST_EFFECT = 0.01
"""Share of the spread that touching the obstacle has to cost."""


def keeps_clear(
    judge: Judge, obstacle: str, layouts: Sequence[Keypoints], places: Sequence[str], seed: int
) -> Outcome:
    """One outcome over all layouts: the first thing that is wrong, or what touching costs.

    Args:
        places: names of the keypoints to make up motions around.
    """
    cost = float('inf')
    for number, keypoints in enumerate(layouts):
        source = motions.generator(seed + number)
        through = with_gripper_use(_through(keypoints[obstacle].float(), source))
        resting = with_gripper_use(_resting(keypoints[obstacle].float(), source))
        least = LEAST_EFFECT * _spread(judge, keypoints, places, seed + number)
        effect_through = _effect(judge, keypoints, obstacle, through)
        effect_resting = _effect(judge, keypoints, obstacle, resting)
        problem = (
            _not_punished(effect_through, effect_resting, least, obstacle)
            or _overlooks_steps(judge, keypoints, obstacle, float(effect_resting.median()))
            or _noticed_far(judge, keypoints, obstacle, float(effect_resting.median()), source)
            or _not_worst_inside(judge, keypoints, obstacle, resting, least)
        )
        if problem:
            return failed(Check.OBSTACLE, problem)
        cost = min(cost, float(effect_through.median()))
    return passed(Check.OBSTACLE, f'a path through "{obstacle}" costs {cost:.2g}')


def _through(place: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    """(PATHS, T + 1, 3) level paths that pass a place (3,) in their middle [m]."""
    angles = 2 * torch.pi * torch.rand(PATHS, generator=source)
    way = 0.25 * torch.stack([angles.cos(), angles.sin(), torch.zeros(PATHS)], 1)
    middles = place + 0.005 * torch.randn(PATHS, 3, generator=source)
    return motions.lines(middles - way, middles + way)


def _resting(place: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    return motions.standing(place + 0.005 * torch.randn(PATHS, 3, generator=source))


def _spread(judge: Judge, keypoints: Keypoints, places: Sequence[str], seed: int) -> float:
    with torch.no_grad():
        return spread_of(judge(keypoints, motions.motions(only(keypoints, places), seed)))


def _effect(
    judge: Judge, keypoints: Keypoints, obstacle: str, trajectory: Trajectory
) -> torch.Tensor:
    """(B,) what the obstacle costs motions where it is: at least, of the ways to remove it."""
    with torch.no_grad():
        here = judge(keypoints, trajectory)
        removed = [
            judge(moved(keypoints, obstacle, torch.tensor(by)), trajectory) for by in AWAY
        ]
    return torch.stack(removed).amin(0) - here


def _not_punished(
    through: torch.Tensor, resting: torch.Tensor, least: float, obstacle: str
) -> str:
    if (resting < -least).float().mean() > 0.5:
        return f'it is better inside "{obstacle}" than away from it: the sign is wrong'
    if max(float(through.abs().max()), float(resting.abs().max())) <= least:
        return (
            f'it does not change when "{obstacle}" is moved out of the way: '
            'use the keypoint of the thing that is meant'
        )
    if (resting > least).float().mean() < PUNISHED_SHARE:
        return f'staying inside "{obstacle}" is not always worse than staying away from it'
    if (through > least).float().mean() < PUNISHED_SHARE:
        return (
            f'a path through "{obstacle}" is not punished, only some of its steps are looked at: '
            'take the worst or the mean over all steps; a retreat declares a goal instead'
        )
    return ''


def draws(judge: Judge, obstacle: str, keypoints: Keypoints, seed: int) -> bool:
    """Whether being inside it is better than being beside it, above it or below it.

    A way over it is drawn to what is above it, which is something else.
    """
    source = motions.generator(seed)
    resting = with_gripper_use(_resting(keypoints[obstacle].float(), source))
    anywhere = with_gripper_use(motions.standing(motions.points_in_workspace(PATHS, source)))
    with torch.no_grad():
        here = judge(keypoints, resting)
        beside = torch.stack([
            judge(moved(keypoints, obstacle, sign * BESIDE * axis), resting)
            for axis in torch.eye(3) for sign in (-1.0, 1.0)
        ])
        least = LEAST_EFFECT * spread_of(torch.cat([here, judge(keypoints, anywhere)]))
    return bool((here > beside.amax(0) + least).float().mean() > 0.5)


def _overlooks_steps(
    judge: Judge, keypoints: Keypoints, obstacle: str, resting: float
) -> str:
    """What is wrong if being inside at one step, early, middle or late, does not cost anything.

    Args:
        resting: what being inside all the time costs.
    """
    place = keypoints[obstacle].float()
    outside = motions.standing((place + torch.tensor(OUTSIDE)).expand(motions.STEPS, 3))
    inside = outside.clone()
    steps = torch.arange(motions.STEPS)
    inside[steps, steps + 1] = place
    costs = []
    for opening in (0.0, 1.0):
        costs.append(_effect(
            judge, keypoints, obstacle, motions.pointing_down(inside, opening)
        ))
    cost = torch.stack(costs).amax(0)
    if cost.max() < LEAST_OF_MEAN * resting / motions.STEPS:
        return (
            f'being inside "{obstacle}" for a single step costs nothing: look at every step by '
            'itself, not at where they are on average'
        )
    before, after = cost.cummax(0).values, cost.flip(0).cummax(0).values.flip(0)
    overlooked = (cost < OVERLOOKED * cost.max()) | (
        cost < SKIPPED * torch.minimum(before, after)
    )
    if not overlooked.any():
        return ''
    listed = ', '.join(str(int(step) + 1) for step in overlooked.nonzero().flatten()[:8])
    return (
        f'being inside "{obstacle}" costs nothing, or much less than at other steps, at step '
        f'{listed} of {motions.STEPS}: look at every step, and at each by itself'
    )


def _noticed_far(
    judge: Judge, keypoints: Keypoints, obstacle: str, effect: float, source: torch.Generator
) -> str:
    """What is wrong if far away the obstacle still pushes or pulls."""
    place = keypoints[obstacle].float()
    points = motions.points_in_workspace(8 * PATHS, source)
    points = points[(points - place)[:, :2].norm(dim=1) > FAR]
    if len(points) == 0:
        return ''
    trajectory = with_gripper_use(motions.standing(points[:PATHS]))
    with torch.no_grad():
        here = judge(keypoints, trajectory)
        # Further away still, on the other side of the paths.
        further = torch.stack([
            judge(moved(keypoints, obstacle, torch.tensor(by)), trajectory) for by in AWAY
        ])
    if (further.amax(0) - here).median() > NOTICED_FAR * effect:
        return (
            f'it still punishes being {100 * FAR:.0f} cm away from "{obstacle}": '
            'let it end at a margin, e.g. with torch.relu(margin - distance)'
        )
    return ''


def _not_worst_inside(
    judge: Judge, keypoints: Keypoints, obstacle: str, resting: Trajectory, least: float
) -> str:
    """What is wrong if coming closer does not cost more."""
    costs = []
    for distance in DISTANCES:
        sides = [
            moved(keypoints, obstacle, torch.tensor(by)) for by in (
                (distance, 0.0, 0.0), (-distance, 0.0, 0.0),
                (0.0, distance, 0.0), (0.0, -distance, 0.0),
            )
        ]
        with torch.no_grad():
            costs.append(torch.stack([judge(side, resting) for side in sides]).mean())
    rises = torch.stack(costs).diff()
    if float(rises[NEAREST:].sum()) < LEAST_OUTSIDE * float(rises.sum()):
        return (
            f'it does not reach {100 * DISTANCES[NEAREST]:.0f} cm from "{obstacle}", which is '
            'where the inside of a thing still may be: a larger margin'
        )
    falls = rises < -least
    if falls.any():
        at = DISTANCES[int(falls.nonzero()[0])]
        return f'it gets worse again further than {100 * at:.0f} cm away from "{obstacle}"'
    return ''
