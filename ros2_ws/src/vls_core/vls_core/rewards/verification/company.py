"""What a term does with things that it does not declare, or that are obstacles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.arrivals import with_gripper_use
from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.goal import Judge
from vls_core.rewards.verification.layouts import Keypoints, groups
from vls_core.rewards.verification.obstacle import FAR, NOTICED_FAR, draws
from vls_core.rewards.verification.outcome import Outcome, failed, passed, warning
from vls_core.rewards.verification.report import Check

POINTS = 16
SATISFIED = 1e-3
"""Rewards this little below 0 are satisfied."""


def undeclared(
    used: Iterable[str], declaration: Declaration, keypoints: Keypoints
) -> Outcome | None:
    """A warning that names the things a term uses without declaring them; None if there are none.
    """
    owners = groups(keypoints)
    declared = {owners[name] for name in declaration.names}
    others = sorted({owners[name] for name in used} - declared)
    if not others:
        return None
    listed = ', '.join(f'"{name}"' for name in others)
    return warning(
        Check.GOAL, f'it uses {listed} without declaring what for: what it does with that is not '
        'known to be wanted',
    )


def drawn_to_obstacles(
    judge: Judge, used: Iterable[str], obstacles: frozenset[str], layouts: Sequence[Keypoints],
    seed: int,
) -> Outcome | None:
    """A failure if being inside a thing that is an obstacle is better than being away from it."""
    for name in sorted(obstacles.intersection(used)):
        if all(
            draws(judge, name, keypoints, seed + number)
            for number, keypoints in enumerate(layouts)
        ):
            return failed(
                Check.OBSTACLE, f'it is better inside "{name}", which is an obstacle, than away '
                'from it',
            )
    return None


def wants_nothing_else(
    judge: Judge, obstacle: str, used: Iterable[str], layouts: Sequence[Keypoints], seed: int
) -> Outcome:
    """Of a term that only keeps clear: far from all it uses, standing still satisfies it."""
    names = {obstacle, *used}
    for number, keypoints in enumerate(layouts):
        source = motions.generator(seed + number)
        points = motions.points_in_workspace(20 * POINTS, source)
        apart = torch.stack([
            (points - keypoints[name].float())[:, :2].norm(dim=1) for name in sorted(names)
        ]).amin(0)
        points = points[apart > FAR][:POINTS]
        if len(points) == 0:
            continue
        inside = keypoints[obstacle].float()[None]
        with torch.no_grad():
            far = judge(keypoints, with_gripper_use(motions.standing(points)))
            near = judge(keypoints, with_gripper_use(motions.standing(inside)))
        cost = float(far.max() - near.min())
        if float(far.min()) < -max(SATISFIED, NOTICED_FAR * cost):
            return failed(
                Check.OBSTACLE,
                f'far from "{obstacle}", standing still does not satisfy it ({far.min():.2g}): it '
                'wants something else as well; declare it as its goal, or leave it to other terms',
            )
    return passed(Check.OBSTACLE, f'far from "{obstacle}" it wants nothing')
