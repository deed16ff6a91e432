"""Hover above, point at, touch and press: the closed hand goes there and takes nothing along."""

from __future__ import annotations

from vls_core.rewards.program import (
    Dwell,
    Elapsed,
    HoldGripper,
    Predicate,
    Reach,
    Reached,
    ReachPoint,
    Retreated,
    Stage,
    Term,
)
from vls_core.types import ObjectKind
from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.carrying import RETREAT_HEIGHT, RETREAT_REACH
from vls_core.vlm.offline.draft import Draft, stage_name
from vls_core.vlm.offline.grounding import Grounding
from vls_core.vlm.offline.syntax import Manner, Verb

HEIGHTS = {Manner.HIGH: 0.26, Manner.LOW: 0.06}
HOVER_HEIGHT = 0.12
"""Of the fingertips over the top, if the sentence does not say [m]."""
POINT_HEIGHT = 0.06
LOWEST_HOVER, HIGHEST_HOVER = 0.03, 0.50
PRESS_DEPTH = 0.01
"""Into what is pressed, as far as it gives way [m]."""
HOVER_DISTANCE, TOUCH_DISTANCE = 0.02, 0.015
"""From where the fingertips are to be, at most [m]."""
APPROACH_HEIGHT, APPROACH_DISTANCE = 0.10, 0.03
"""Of the fingertips over the top before they come down, and how exactly they are there [m]."""
STAY = 1.0
"""How long to hover or press at least [s]."""
_SHUT = HoldGripper(state='closed')


def draft(ground: Grounding) -> Draft:
    """The stages of going to something. Raises NotUnderstoodError."""
    action = ground.command.action
    subject = ground.one(action.thing)
    if subject.kind is ObjectKind.OBSTACLE:
        raise NotUnderstoodError(f'the {subject.name} is an obstacle; I keep clear of it')
    if action.length is not None and action.verb is not Verb.HOVER:
        raise NotUnderstoodError(
            f'I do not know what {100 * action.length:g} cm means for "{action.verb.value}"'
        )
    name = subject.name
    said = f'{action.verb.value} the {subject.name}'
    if action.verb in (Verb.HOVER, Verb.POINT):
        height = _height(ground)
        if action.verb is Verb.HOVER:
            said = f'hover {100 * height:g} cm above the {name}'
        done = (_over(name, height, HOVER_DISTANCE), Elapsed(duration=STAY))
        return Draft(name, None, (_go_over(name, said, height, done),), said)
    depth = PRESS_DEPTH if action.verb is Verb.PRESS else 0.0
    return Draft(name, None, _touch(name, said, depth), said)


def _height(ground: Grounding) -> float:
    action, manner = ground.command.action, ground.command.manner
    if action.verb is Verb.POINT:
        return POINT_HEIGHT
    if action.length is None:
        return next((height for key, height in HEIGHTS.items() if key in manner), HOVER_HEIGHT)
    if not LOWEST_HOVER <= action.length <= HIGHEST_HOVER:
        raise NotUnderstoodError(
            f'I can hover {100 * LOWEST_HOVER:.0f} to {100 * HIGHEST_HOVER:.0f} cm above '
            f'something, not {100 * action.length:g} cm'
        )
    return round(action.length, 4)


def _go_over(name: str, said: str, height: float, done: tuple[Predicate, ...]) -> Stage:
    return Stage(
        name=stage_name(said),
        terms=(Reach(object=name, height=height), _SHUT),
        completion=done,
        timeout=15.0,
    )


def _over(name: str, height: float, distance: float) -> Reached:
    """Within a distance of a height over the top [m]."""
    return Reached(keypoint=f'{name}.top', offset=(0.0, 0.0, height), distance=distance)


def _touch(name: str, said: str, depth: float) -> tuple[Stage, ...]:
    goal = ReachPoint(keypoint=f'{name}.top', offset=(0.0, 0.0, 0.0 - depth))
    terms: tuple[Term, ...] = (goal, _SHUT)
    touching = Reached(keypoint=f'{name}.top', distance=TOUCH_DISTANCE)
    if depth:
        terms += (Dwell(weight=0.5),)
    return (
        _go_over(name, f'go above the {name}', APPROACH_HEIGHT,
                 (_over(name, APPROACH_HEIGHT, APPROACH_DISTANCE),)),
        Stage(
            name=stage_name(said),
            terms=terms,
            completion=(touching, Elapsed(duration=STAY)) if depth else (touching,),
            timeout=15.0,
        ),
        Stage(
            name=stage_name(f'retreat from the {name}'),
            terms=(Reach(object=name, height=RETREAT_REACH), _SHUT),
            completion=(Retreated(object=name, height=RETREAT_HEIGHT),),
            timeout=8.0,
        ),
    )
