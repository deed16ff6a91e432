"""Whether several answers to one question mean the same task, whatever their wording.

A program is reduced to what it is for: subject, target, what is done one after the other and
where, and what is stayed clear of. Names of stages, weights, time-outs and margins do not count,
nor whether a goal was written as a height over an object or as an offset from a named point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vls_core.rewards.keypoints import TOP, object_of, position
from vls_core.rewards.program import (
    AlignAxis,
    Avoid,
    AvoidObstacles,
    Code,
    Displace,
    Grasp,
    Lift,
    Place,
    Reach,
    ReachPoint,
    Retract,
    RewardProgram,
    SoftChoice,
    Term,
    Waypoint,
)
from vls_core.rewards.term_models import UP
from vls_core.types import ObjectKind, Scene
from vls_core.vlm.answer import Answer
from vls_core.vlm.author import DisagreementError

GOAL_TOLERANCE = 0.05
"""Goals this close to each other are the same [m]."""
SAME_DIRECTION = 0.9
"""Cosine of the angle up to which directions are the same."""


@dataclass(frozen=True)
class Winner:
    """The answer most others agree with.

    Attributes:
        index: among the answers.
        supporters: answers that agree with it, itself included.
    """

    index: int
    supporters: int


@dataclass(frozen=True, eq=False)
class Step:
    """One thing a program does.

    Attributes:
        verb: 'take', 'put', 'go to', 'pass', 'leave', 'lift', 'move' or 'turn'.
        things: names of the objects it is done with.
        goal: (3,) where the end effector is to be [m]; None if that is nowhere in particular.
        direction: (3,) of unit length; None if there is none.
        distance: to move [m].
    """

    verb: str
    things: tuple[str, ...] = ()
    goal: np.ndarray | None = None
    direction: np.ndarray | None = None
    distance: float = 0.0

    def __str__(self) -> str:
        return ' '.join((self.verb, *self.things))

    def agrees(self, other: Step, tolerance: float) -> bool:
        """Whether the other one does the same at the same place."""
        if (self.verb, self.things) != (other.verb, other.things):
            return False
        if abs(self.distance - other.distance) > tolerance:
            return False
        if self.direction is not None and self.direction @ other.direction < SAME_DIRECTION:
            return False
        return self.goal is None or bool(np.linalg.norm(self.goal - other.goal) <= tolerance)


def majority(
    answers: Sequence[Answer], scene: Scene, count: int, tolerance: float = GOAL_TOLERANCE
) -> Winner:
    """The answer that more than half of all `count` votes agree with; the first of such.

    Raises:
        DisagreementError: there is none; it lists what they disagree about.
    """
    disagreements = [
        [differences(one, other, scene, tolerance) for other in answers] for one in answers
    ]
    supporters = [sum(not found for found in row) for row in disagreements]
    index = int(np.argmax(supporters))
    if 2 * supporters[index] > count:
        return Winner(index, supporters[index])
    everything = [text for row in disagreements for found in row for text in found]
    raise DisagreementError(tuple(dict.fromkeys(everything)))


def differences(
    one: Answer, other: Answer, scene: Scene, tolerance: float = GOAL_TOLERANCE
) -> tuple[str, ...]:
    """What two answers disagree about, one sentence each; none if they mean the same."""
    if one.program is None or other.program is None:
        kinds = (_outcome(one), _outcome(other))
        return () if kinds[0] == kinds[1] else (_versus('outcome', *kinds),)
    first, second = one.program, other.program
    found = []
    for field in ('subject', 'target'):
        values = (str(getattr(first, field)), str(getattr(second, field)))
        if values[0] != values[1]:
            found.append(_versus(field, *values))
    found += _different_steps(steps(first, scene), steps(second, scene), tolerance)
    avoided = [', '.join(sorted(avoided_objects(item, scene))) for item in (first, second)]
    if avoided[0] != avoided[1]:
        found.append(_versus('stays clear of', *avoided))
    return tuple(found)


def steps(program: RewardProgram, scene: Scene) -> tuple[Step, ...]:
    """What a program does, in order. Steps that only clear the way for others are left out.

    Raises:
        UnknownObjectError: it names something that is not in the scene.
    """
    found: list[Step] = []
    for stage in program.stages:
        for term in stage.terms:
            for step in _steps_of(term, scene):
                if not found or not found[-1].agrees(step, GOAL_TOLERANCE):
                    found.append(step)
    return _essential(found)


def avoided_objects(program: RewardProgram, scene: Scene) -> frozenset[str]:
    """Names of all objects it stays clear of at some time. Raises UnknownObjectError."""
    names: set[str] = set()
    for stage in program.stages:
        for term in stage.terms:
            if isinstance(term, Avoid):
                names.add(term.object)
            elif isinstance(term, AvoidObstacles):
                names |= {item.name for item in scene.of_kind(ObjectKind.OBSTACLE)}
            elif isinstance(term, Code) and term.obstacle is not None:
                names.add(object_of(term.obstacle, scene).name)
    return frozenset(names)


def _steps_of(term: Term, scene: Scene) -> Iterator[Step]:
    if isinstance(term, Grasp):
        yield Step('take', (term.object,), scene[term.object].center)
    elif isinstance(term, Place):
        goal = scene[term.object].top + np.array(term.offset)
        yield Step('put', (term.subject, term.object), goal)
    elif isinstance(term, Reach):
        offset = np.array(term.offset) + term.height * np.array(UP)
        yield _going('go to', f'{term.object}.{TOP}', offset, scene)
    elif isinstance(term, ReachPoint | Waypoint):
        verb = 'pass' if isinstance(term, Waypoint) else 'go to'
        yield _going(verb, term.keypoint, term.offset, scene)
    elif isinstance(term, SoftChoice):
        yield Step('go to', tuple(sorted(term.keypoints)))
    elif isinstance(term, Code) and term.goal is not None:
        yield _going('go to', term.goal, term.goal_offset, scene)
    elif isinstance(term, Lift):
        yield Step('lift')
    elif isinstance(term, Retract):
        yield Step('leave', (object_of(term.keypoint, scene).name,))
    elif isinstance(term, Displace | AlignAxis):
        yield _turning_or_moving(term)


def _going(verb: str, keypoint: str, offset: Sequence[float], scene: Scene) -> Step:
    name = object_of(keypoint, scene).name
    return Step(verb, (name,), position(keypoint, scene) + np.asarray(offset))


def _turning_or_moving(term: Displace | AlignAxis) -> Step:
    length = float(np.linalg.norm(term.direction))
    direction = np.array(term.direction) / (length or 1.0)
    if isinstance(term, Displace):
        return Step('move', direction=direction, distance=term.distance)
    return Step('turn', (term.axis,), direction=direction)


def _essential(found: Sequence[Step]) -> tuple[Step, ...]:
    """Without lifts on the way, approaches to what is taken or put next, and the retreat."""
    last = len(found) - 1
    going = [step for index, step in enumerate(found) if step.verb != 'lift' or index == last]
    kept = [step for step, following in pairwise(going) if not _approaches(step, following)]
    kept += going[-1:]
    while len(kept) > 1 and kept[-1].verb in ('go to', 'leave', 'lift') and any(
        step.verb == 'put' for step in kept[:-1]
    ):
        kept.pop()
    return tuple(kept)


def _approaches(step: Step, following: Step) -> bool:
    return (
        step.verb == 'go to' and following.verb in ('take', 'put')
        and step.things == following.things[-1:]
    )


def _different_steps(
    first: Sequence[Step], second: Sequence[Step], tolerance: float
) -> list[str]:
    texts = [', '.join(map(str, steps_)) for steps_ in (first, second)]
    if [(step.verb, step.things) for step in first] != [
        (step.verb, step.things) for step in second
    ]:
        return [_versus('steps', *texts)]
    return [
        _versus(f'where to {one}', _place(one), _place(other))
        for one, other in zip(first, second, strict=True) if not one.agrees(other, tolerance)
    ]


def _place(step: Step) -> str:
    if step.goal is not None:
        return f'({", ".join(f"{value:.2f}" for value in step.goal)}) m'
    where = ', '.join(f'{value:.1f}' for value in step.direction)
    return f'{step.distance:g} m along ({where})'


def _outcome(answer: Answer) -> str:
    return answer.outcome.replace('_', ' ')


def _versus(what: str, one: str, other: str) -> str:
    return f'{what}: {" or ".join(sorted((one or "nothing", other or "nothing")))}'
