"""What a term that declares nothing seems to be for, from how it behaves.

Cautious: a goal is inferred only where motions of one piece, started in many places and several
arrangements, all end at the same offset from one of the keypoints that the code uses; an obstacle
only where the whole check of obstacles passes. A wrong term that behaves like a right one for
something else cannot be told from it, so that what is inferred is worth a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.ascent import ascend
from vls_core.rewards.verification.declaration import LARGEST_OFFSET, Declaration
from vls_core.rewards.verification.goal import Goal, Judge
from vls_core.rewards.verification.goal_check import leads_to_goal
from vls_core.rewards.verification.layouts import Keypoints
from vls_core.rewards.verification.numeric import spread_of
from vls_core.rewards.verification.obstacle import keeps_clear
from vls_core.rewards.verification.report import Verdict
from vls_core.trajectory import Trajectory

STARTS = 6
ITERATIONS = 60
NEAR = 0.2
"""Some motions begin this close to the keypoint in question [m]."""
SAME_PLACE = 0.025
"""Ends this close together are the same place [m]."""
AGREEING_SHARE = 0.8
SATISFIED = 0.05
"""A goal is where no more than this share of the spread is missing."""
LEAST_SATISFIED = 0.02
ROUND = 0.005
"""Offsets are inferred in steps of this [m]."""
NOWHERE = (1e3, 1e3, 1e3)


def infer(
    judge: Judge, used: Iterable[str], layouts: Sequence[Keypoints], seed: int
) -> Declaration:
    """The goal or the obstacle it acts upon; empty if neither can be told."""
    names = sorted(set(used))
    for way in (_Way(rigid=True), _Way(rigid=False), _Way(rigid=False, near_only=True)):
        goal = _goal(judge, names, layouts, seed, way)
        if goal is not None:
            outcome = leads_to_goal(judge, goal, layouts, names, seed)
            if outcome.verdict is not Verdict.FAILED:
                return Declaration(goal)
    for name in names:
        if keeps_clear(judge, name, layouts, names, seed).verdict is Verdict.PASSED:
            return Declaration(obstacle=name)
    return Declaration()


@dataclass(frozen=True)
class _Way:
    """How motions look for the goal.

    Attributes:
        rigid: as one piece that stands still; else every step by itself, for rewards with phases.
        near_only: only from close to a keypoint, for rewards that let choose between several.
    """

    rigid: bool
    near_only: bool = False


def _goal(
    judge: Judge, names: Sequence[str], layouts: Sequence[Keypoints], seed: int, way: _Way
) -> Goal | None:
    """The keypoint with the smallest offset at which motions end; None if they end anywhere."""
    candidates = []
    for name in names:
        offsets = torch.cat([
            _offsets(judge, keypoints, name, seed + number, way)
            for number, keypoints in enumerate(layouts)
        ])
        middle = offsets.median(0).values
        close = (offsets - middle).norm(dim=1) < SAME_PLACE
        if close.float().mean() >= AGREEING_SHARE and float(middle.norm()) <= LARGEST_OFFSET:
            candidates.append((round(float(middle.norm()), 3), name, middle))
    if not candidates:
        return None
    _, name, middle = min(candidates, key=lambda item: item[:2])
    rounded = (round(round(float(value) / ROUND) * ROUND, 3) + 0.0 for value in middle)
    return Goal(name, tuple(rounded))


def _offsets(
    judge: Judge, keypoints: Keypoints, name: str, seed: int, way: _Way
) -> torch.Tensor:
    """(N, 3) where motions end, from the keypoint; far away where they say nothing [m]."""
    source = motions.generator(seed)
    place = keypoints[name].float()
    starts = motions.points_around(place[None], STARTS, source, radius=NEAR)
    if not way.near_only:
        starts = torch.cat([motions.points_in_workspace(STARTS, source), starts])
    openings = torch.tensor([0.0, 1.0]).repeat(len(starts) // 2)[:, None]
    begun = motions.pointing_down(motions.standing(starts), openings)

    def reward(trajectory: Trajectory) -> torch.Tensor:
        return judge(keypoints, trajectory)

    with torch.no_grad():
        spread = spread_of(reward(begun))
    ended, values = ascend(reward, begun, rigid=way.rigid, steps=ITERATIONS)
    ends = ended.positions[:, -1]
    offsets = ends - place
    unsatisfied = values < -max(LEAST_SATISFIED, SATISFIED * spread)
    # What never moved was satisfied from the beginning: that is no goal, unless it is the place.
    unmoved = ((ends - starts).norm(dim=1) < SAME_PLACE) & (offsets.norm(dim=1) > SAME_PLACE)
    offsets[unsatisfied | unmoved] = torch.tensor(NOWHERE)
    return offsets
