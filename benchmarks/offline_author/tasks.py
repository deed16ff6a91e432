"""The sentences that are tried, and what the physics must show for each to have been done.

What counts as done is said here on its own, never taken from the program the sentence becomes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from vls_sim.scene_catalogue import PLATE_RADIUS, item_named

RESTING_TOLERANCE = 0.006
"""Of the height of what stands on something; half the height of the plate [m]."""
WIDEST_GAP = 0.10
"""Between two things that stand beside each other [m]."""
ASTRAY = 0.03
"""Of where something was to be pushed, at most, in any horizontal direction [m]."""
TOUCHING = 0.03
"""Between something and what it was pushed to, at most [m]."""
RISEN = 0.15
"""Of what is to be lifted by 20 cm, at least [m]."""

LEFT, RIGHT, FORWARD, BACK = (0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0)
"""In the base frame, seen from the robot, x and y."""


@dataclass(frozen=True)
class Outcome:
    """What the physics says at the end of an episode.

    Attributes:
        before, after: the true centre of every object by name, (3,) [m].
        released: no finger touches the subject.
    """

    before: Mapping[str, np.ndarray]
    after: Mapping[str, np.ndarray]
    released: bool


Judge = Callable[[Outcome], bool]


@dataclass(frozen=True)
class Task:
    """A sentence.

    Attributes:
        name: in tables.
        subject: the object it is about.
        done: whether an outcome is what the sentence asks for.
    """

    name: str
    sentence: str
    subject: str
    done: Judge


def beside(subject: str, target: str, side: tuple[float, float]) -> Judge:
    """On the table, let go of, on one side of the target and not too far from it."""
    def judge(outcome: Outcome) -> bool:
        offset = (outcome.after[subject] - outcome.after[target])[:2]
        half, half_target = (np.array(item_named(name).extent[:2]) / 2
                             for name in (subject, target))
        gap = offset @ side - np.abs(side) @ (half + half_target)
        across = np.abs(offset - offset @ side * np.array(side))
        close = 0.0 <= gap <= WIDEST_GAP and (across <= half_target).all()
        return bool(close) and outcome.released and _on_table(subject, outcome)

    return judge


def stacked(subject: str, target: str) -> Judge:
    """On top of the target, with its centre over it, and let go of."""
    def judge(outcome: Outcome) -> bool:
        offset = outcome.after[subject] - outcome.after[target]
        height = (item_named(subject).extent[2] + item_named(target).extent[2]) / 2
        over = (np.abs(offset[:2]) <= np.array(item_named(target).extent[:2]) / 2).all()
        return bool(over and abs(offset[2] - height) <= RESTING_TOLERANCE) and outcome.released

    return judge


def lifted(subject: str) -> Judge:
    """High above where it was, and held."""
    def judge(outcome: Outcome) -> bool:
        risen = outcome.after[subject][2] - outcome.before[subject][2]
        return bool(risen >= RISEN) and not outcome.released

    return judge


def pushed(subject: str, way: tuple[float, float], distance: float) -> Judge:
    """On the table, close to where it was to go: neither short of it, nor beyond, nor aside."""
    def judge(outcome: Outcome) -> bool:
        goal = outcome.before[subject][:2] + np.array(way) * distance
        missed = np.linalg.norm(outcome.after[subject][:2] - goal)
        return bool(missed <= ASTRAY) and _on_table(subject, outcome)

    return judge


def pushed_to_plate(subject: str) -> Judge:
    """On the table, at the rim of the plate."""
    def judge(outcome: Outcome) -> bool:
        distance = np.linalg.norm((outcome.after[subject] - outcome.after['plate'])[:2])
        gap = distance - PLATE_RADIUS - item_named(subject).extent[0] / 2
        return bool(gap <= TOUCHING) and _on_table(subject, outcome)

    return judge


def _on_table(subject: str, outcome: Outcome) -> bool:
    height = float(outcome.after[subject][2])
    return abs(height - item_named(subject).resting_height) <= RESTING_TOLERANCE


TASKS = (
    Task('right of', 'put the red cube right of the plate', 'red cube',
         beside('red cube', 'plate', RIGHT)),
    Task('in front of', 'put the red cube in front of the plate', 'red cube',
         beside('red cube', 'plate', BACK)),
    Task('stack', 'stack the red cube on the blue cube', 'red cube',
         stacked('red cube', 'blue cube')),
    Task('lift', 'lift the red cube 20 cm', 'red cube', lifted('red cube')),
    Task('push forward', 'push the yellow cube forward by 8 cm', 'yellow cube',
         pushed('yellow cube', FORWARD, 0.08)),
    Task('pull back', 'pull the yellow cube back by 5 cm', 'yellow cube',
         pushed('yellow cube', BACK, 0.05)),
    Task('push left', 'push the green cube left by 8 cm', 'green cube',
         pushed('green cube', LEFT, 0.08)),
    Task('push to', 'push the yellow cube to the plate', 'yellow cube',
         pushed_to_plate('yellow cube')),
)
