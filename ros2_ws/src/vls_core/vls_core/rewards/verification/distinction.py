"""Whether the declared goal is the best place, or one of many as good.

`goal.py` asks that no other place is better. Here it is asked how many are as good: those beside
the goal, other keypoints, and motions that are at the goal on average only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.arrivals import arriving, with_gripper_use
from vls_core.rewards.verification.goal import ELSEWHERE, Goal, Judge
from vls_core.rewards.verification.layouts import Keypoints, groups, only
from vls_core.rewards.verification.numeric import UNSATISFIED, spread_of
from vls_core.rewards.verification.outcome import Outcome, failed, warning
from vls_core.rewards.verification.report import Check

BESIDE = 0.12
"""How far from the goal it has to be worse [m]."""
SWING = 0.15
"""How far from the goal motions stay that are there on average only [m]."""
STARTS = 6
_AXES = {
    'in front of': (1, 0, 0), 'behind': (-1, 0, 0), 'left of': (0, 1, 0), 'right of': (0, -1, 0),
    'above': (0, 0, 1),
}
_DIAGONALS = {
    'diagonally in front of': (1, 1, 0), 'diagonally behind': (-1, 1, 0),
}
_BELOW = (
    (0, 0, -1), (1, 0, -1), (-1, 0, -1), (0, 1, -1), (0, -1, -1),
)


@dataclass(frozen=True)
class _Arrangement:
    """One arrangement, and how good it is at best to end at the goal in it."""

    judge: Judge
    keypoints: Keypoints
    place: torch.Tensor
    starts: torch.Tensor
    least: float

    def as_good(self, *ends: torch.Tensor) -> bool:
        """Whether ending at one of these places (3,) is as good as at the goal [m]."""
        return any(self.best(arriving(end, self.starts)) >= self.least for end in ends)

    def best(self, positions: torch.Tensor) -> float:
        """The best reward of these ways (B, T + 1, 3), with any use of the gripper."""
        with torch.no_grad():
            return float(self.judge(self.keypoints, with_gripper_use(positions)).max())

    def beside(self, *way: int) -> torch.Tensor:
        """(3,) a place beside the goal [m]."""
        return self.place + BESIDE * torch.tensor(way, dtype=torch.float32)


def distinguishes(
    judge: Judge, goal: Goal, layouts: Sequence[Keypoints], places: Sequence[str], seed: int,
    obstacles: frozenset[str] = frozenset(),
) -> list[Outcome]:
    """What is as good as the goal in all layouts; nothing if nothing is.

    Args:
        places: names of the keypoints to make up motions around.
        obstacles: names of keypoints that no goal may be mistaken for.
    """
    tried = [
        _arrange(judge, goal, keypoints, places, seed + number)
        for number, keypoints in enumerate(layouts)
    ]
    if all(each.as_good(*(each.beside(*way) for way in _BELOW)) for each in tried):
        return [failed(
            Check.GOAL,
            f'ending {100 * BESIDE:.0f} cm below {goal} is as good as ending there: it must get '
            'worse in all directions, along x, y and z, and by enough to be told from the rest',
        )]
    free = [side for side, way in {**_AXES, **_DIAGONALS}.items()
            if all(each.as_good(each.beside(*way)) for each in tried)]
    if not free and all(_swings(each) for each in tried):
        return [failed(
            Check.GOAL,
            f'motions that are at {goal} only on average, and never come close to it, are as '
            'good as those that end there: take the distance first, and then the mean over time',
        )]
    outcomes = []
    if free:
        outcomes.append(warning(
            Check.GOAL,
            f'ending {100 * BESIDE:.0f} cm {", ".join(free)} {goal} is as good as ending there',
        ))
    return outcomes + _other_keypoints(goal, tried, places, obstacles)


def _arrange(
    judge: Judge, goal: Goal, keypoints: Keypoints, names: Sequence[str], seed: int
) -> _Arrangement:
    place = goal.place(keypoints)
    source = motions.generator(seed)
    starts = motions.points_in_workspace(STARTS, source)
    around = motions.points_around(place[None], STARTS, source, radius=0.25)
    elsewhere = torch.cat([starts, around])
    with torch.no_grad():
        there = judge(keypoints, with_gripper_use(arriving(place, starts, only(keypoints, names))))
        others = judge(
            keypoints, with_gripper_use(motions.lines(elsewhere, elsewhere.roll(1, 0)))
        )
    tolerance = UNSATISFIED * spread_of(torch.cat([there, others]))
    return _Arrangement(judge, keypoints, place, starts, float(there.max()) - tolerance)


def _swings(arrangement: _Arrangement) -> bool:
    """Whether it is as good to be half of the time on one side of the goal, half on the other."""
    ways = []
    half = motions.STEPS // 2
    for angle in torch.tensor([0.0, 1.0, 2.0]):
        side = SWING * torch.stack([angle.cos(), angle.sin(), torch.zeros(())])
        # One step more on the second side, balanced by a longer way to the first one, for means
        # over all steps; as many on both sides for those that leave out what is now.
        for first, reach in ((half, (half + 1) / half), (half + 1, 1.0)):
            ends = arrangement.place + torch.stack([-reach * side, side])
            ways.append(ends[(torch.arange(motions.STEPS + 1) >= first).long()])
    return arrangement.best(torch.stack(ways)) >= arrangement.least


def _other_keypoints(
    goal: Goal, tried: Sequence[_Arrangement], names: Sequence[str], obstacles: frozenset[str]
) -> list[Outcome]:
    """About keypoints of other things at which it is as good to end."""
    owners = groups(tried[0].keypoints)
    outcomes = []
    for name in names:
        if owners[name] == owners[goal.keypoint] or not all(
            (each.keypoints[name].float() - each.place).norm() > ELSEWHERE
            and each.as_good(each.keypoints[name].float()) for each in tried
        ):
            continue
        if name in obstacles:
            outcomes.append(failed(
                Check.GOAL,
                f'ending at "{name}", which is an obstacle, is as good as ending at {goal}',
            ))
        elif all(_preferred_from_half_way(each, name) for each in tried):
            outcomes.append(failed(
                Check.GOAL,
                f'half-way between the two it leads to "{name}" instead of {goal}',
            ))
        else:
            outcomes.append(warning(
                Check.GOAL, f'ending at "{name}" is as good as ending at {goal}'
            ))
    return outcomes


def _preferred_from_half_way(arrangement: _Arrangement, name: str) -> bool:
    other = arrangement.keypoints[name].float()
    middle = torch.lerp(arrangement.place, other, 0.5)[None]
    near = torch.lerp(middle, other[None], 0.5)
    return arrangement.best(motions.lines(middle, near)) > arrangement.best(
        motions.lines(middle, torch.lerp(middle, arrangement.place[None], 0.5))
    ) + max(1e-4, 0.01 * abs(arrangement.least))
