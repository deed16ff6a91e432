"""Do the stages follow from each other: what is in the hand, and what is done to the subject?"""

from __future__ import annotations

from collections.abc import Iterator

from vls_core.rewards.check.problems import Problem, Rule
from vls_core.rewards.goals import goal_names
from vls_core.rewards.keypoints import object_of
from vls_core.rewards.program import (
    Carried,
    Grasp,
    Grasped,
    HoldGripper,
    Place,
    Reached,
    Released,
    RewardProgram,
    Stage,
    Term,
    Waypoint,
)
from vls_core.types import Scene

PASSING_DISTANCE = 0.04
"""A hand that passes a point is within this distance long enough to be noticed [m]."""


def bad_order(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    """Grasps and releases out of order, a subject nothing is done to, unfinished waypoints."""
    before: str | None = None
    for stage, held in held_objects(program):
        yield from _bad_grasps(stage, before)
        yield from _bad_releases(stage, held)
        yield from _bad_waypoints(stage)
        before = None if _lets_go(stage) else held
    yield from _unused_subject(program, scene)


def held_objects(program: RewardProgram) -> Iterator[tuple[Stage, str | None]]:
    """Each stage with what is, or comes to be, in the hand during it, as far as terms tell."""
    held: str | None = None
    for stage in program.stages:
        for term in stage.terms:
            if isinstance(term, Grasp):
                held = term.object
        yield stage, held
        if _lets_go(stage):
            held = None


def _bad_grasps(stage: Stage, held: str | None) -> Iterator[Problem]:
    for term in stage.terms:
        if not isinstance(term, Grasp):
            continue
        what = f'"{stage.name}" grasps "{term.object}"'
        if held not in (None, term.object):
            yield Problem(Rule.ORDER, f'{what} while "{held}" is held; put that down before')
        if not _completes_with(stage, Grasped, Carried):
            yield Problem(
                Rule.ORDER, f'{what} but does not wait until it is grasped; add "grasped"'
            )


def _bad_releases(stage: Stage, held: str | None) -> Iterator[Problem]:
    for term in stage.terms:
        if isinstance(term, Place):
            what = f'"{stage.name}" places "{term.subject}"'
            if held != term.subject:
                yield Problem(Rule.ORDER, f'{what}, which is not held; grasp it before')
            if not _completes_with(stage, Released):
                yield Problem(
                    Rule.ORDER, f'{what} but does not wait until it is let go; add "released"'
                )
        if _opens(term) and held is not None:
            yield Problem(
                Rule.ORDER,
                f'"{stage.name}" opens the gripper and drops "{held}"; place it before',
            )


def _bad_waypoints(stage: Stage) -> Iterator[Problem]:
    """A chunk does not know that an earlier one has been there, and would go back."""
    waited_for = {
        item.keypoint: item.distance for item in stage.completion if isinstance(item, Reached)
    }
    for term in stage.terms:
        if isinstance(term, Waypoint) and waited_for.get(term.keypoint, 0.0) < PASSING_DISTANCE:
            yield Problem(
                Rule.ORDER,
                f'"{stage.name}" passes "{term.keypoint}" and would go back to it for as long as '
                'the stage lasts; make it a stage of its own that ends when it is "reached", with '
                f'a distance of at least {PASSING_DISTANCE} m',
            )


def _unused_subject(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    terms = [term for stage in program.stages for term in stage.terms]
    grasped = {term.object for term in terms if isinstance(term, Grasp)}
    if grasped and program.subject not in grasped:
        yield Problem(Rule.ORDER, f'"{program.subject}" is never grasped')
    spoken_of = {object_of(name, scene).name for term in terms for name in goal_names(term)}
    spoken_of |= {term.subject for term in terms if isinstance(term, Place)}
    for stage in program.stages:
        spoken_of |= {getattr(item, 'object', '') for item in stage.completion}
    if not grasped and program.subject not in spoken_of:
        yield Problem(
            Rule.ORDER,
            f'nothing is done to "{program.subject}": no term leads to it and no stage waits for '
            'anything to happen to it',
        )


def _lets_go(stage: Stage) -> bool:
    return any(isinstance(term, Place) or _opens(term) for term in stage.terms)


def _opens(term: Term) -> bool:
    return isinstance(term, HoldGripper) and term.state == 'open'


def _completes_with(stage: Stage, *predicates: type) -> bool:
    return any(isinstance(item, predicates) for item in stage.completion)
