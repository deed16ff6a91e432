"""One function for each family of verbs: checks what was said and asks for the stages."""

from __future__ import annotations

from collections.abc import Callable

from vls_core.rewards.keypoints import grasp_point
from vls_core.types import ObjectKind, SceneObject
from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline import drawers, pointing, pouring, pushing
from vls_core.vlm.offline.carrying import (
    ABOVE_DISTANCE,
    BESIDE_DISTANCE,
    Heights,
    Release,
    hold_above,
    pick_up,
    put_down,
)
from vls_core.vlm.offline.combining import EXAMPLE
from vls_core.vlm.offline.draft import Draft
from vls_core.vlm.offline.grounding import Grounding
from vls_core.vlm.offline.places import Spot, find_spot
from vls_core.vlm.offline.syntax import Manner, Relation, Verb

HIGH = Heights(lift=0.30, lifted=0.26, carry=0.26)
LOW = Heights(lift=0.10, lifted=0.07, carry=0.08)
LIFT_SLACK = 0.04
"""How much lower than aimed for counts as lifted [m]."""
MINIMUM_LIFT, MAXIMUM_LIFT = 0.03, 0.55
NARROWEST = 0.6
"""Share of its own width that something needs below it to stand, dimensionless."""
EXACT_ABOVE = 0.015
"""Horizontally from a spot, before lowering what is stacked or inserted begins [m]."""
INSERT_DEPTH = 0.5
"""Share of its height by which something is inserted before it is let go, dimensionless."""
INSERT_PLAY = 0.004
"""By which an opening has to be wider than what is inserted, in all [m]."""
ROOM_TO_SINK = 0.04
"""By which it has to be wider than what is put in it below its rim, in all [m]."""
ABOVE_RIM = 0.02
"""How far above the rim fingertips stay that put something in something else [m]."""


def draft(ground: Grounding) -> Draft:
    """The stages a command asks for. Raises NotUnderstoodError: with what is wrong or missing."""
    return _VERBS[ground.command.action.verb](ground)


def _pick(ground: Grounding) -> Draft:
    action = ground.command.action
    if action.place is not None and action.place.relation is not Relation.ABOVE:
        return _put(ground)
    subject = _graspable(ground)
    if action.place is not None:
        return _hold_above(ground, subject)
    heights, how_far = _heights(ground), ''
    if action.length is not None:
        how_far = f', lift it by {100 * action.length:g} cm'
        if not MINIMUM_LIFT <= action.length <= MAXIMUM_LIFT:
            raise NotUnderstoodError(
                f'I can lift by {100 * MINIMUM_LIFT:.0f} to {100 * MAXIMUM_LIFT:.0f} cm, '
                f'not by {100 * action.length:g} cm'
            )
        lift = round(float(subject.center[2]) + action.length, 3)
        heights = Heights(lift, round(lift - min(LIFT_SLACK, action.length / 2), 3))
    return Draft(subject.name, None, pick_up(subject.name, heights),
                 f'pick up the {subject.name}{how_far} and hold it')


def _put(ground: Grounding) -> Draft:
    action = ground.command.action
    if action.heading is not None:
        return pushing.draft(ground)
    if action.place is None:
        raise NotUnderstoodError(
            f'"{action.verb.value} the {action.thing}" does not say where to; '
            f'say it like {EXAMPLE}'
        )
    subject = _graspable(ground)
    if action.place.relation is Relation.ABOVE:
        return _hold_above(ground, subject)
    spot = find_spot(action.place, subject, action.length, ground)
    if not spot.beside and action.length is not None:
        raise NotUnderstoodError(
            f'I do not know what {100 * action.length:g} cm means {spot.said}; lengths go with '
            '"left of", "next to" and the like'
        )
    release = Release('on')
    if action.place.relation is Relation.IN:
        release = Release('in', sunk=_sunk(subject, ground.scene[spot.landmark]))
    if spot.beside:
        release = Release('', ABOVE_DISTANCE, BESIDE_DISTANCE)
    way = spot.said if spot.beside else f'to the {spot.landmark}'
    return _carried(ground, subject, spot, release, f'bring the {subject.name} {way}')


def _stack(ground: Grounding) -> Draft:
    subject, spot = _carried_onto(ground, Relation.ON, 'stack the <object> on the <target>')
    target = ground.scene[spot.landmark]
    widths = [float(item.extent[:2].min()) for item in (subject, target)]
    if widths[1] < NARROWEST * widths[0]:
        raise NotUnderstoodError(f'the {target.name} is too narrow to stack the {subject.name} on')
    tolerance = round(min(widths) / 2, 3)
    release = Release('on', EXACT_ABOVE, tolerance)
    return _carried(ground, subject, spot, release,
                    f'stack the {subject.name} on the {target.name}')


def _insert(ground: Grounding) -> Draft:
    subject, spot = _carried_onto(ground, Relation.IN, 'insert the <object> into the <target>')
    target = ground.scene[spot.landmark]
    if (target.extent[:2] < subject.extent[:2] + INSERT_PLAY).any():
        raise NotUnderstoodError(f'the {subject.name} is too wide for the {target.name}')
    if target.extent[2] < subject.extent[2] / 2:
        raise NotUnderstoodError(
            f'the {target.name} is too shallow to hold the {subject.name}; say "put it in"'
        )
    sunk = round(INSERT_DEPTH * min(float(subject.extent[2]), float(target.extent[2])), 3)
    release = Release('into', EXACT_ABOVE, sunk=sunk, inside=True)
    return _carried(ground, subject, spot, release,
                    f'insert the {subject.name} into the {target.name}')


def _sunk(subject: SceneObject, target: SceneObject) -> float:
    """How far below the rim something is let go in what is wide enough [m].

    What is tall tips when it falls. Fingers stay above the rim, as they need room to open.
    """
    if (target.extent[:2] < subject.extent[:2] + ROOM_TO_SINK).any():
        return 0.0
    hanging = float(grasp_point(subject)[2] - subject.center[2] + subject.extent[2] / 2)
    depth = min(INSERT_DEPTH * float(target.extent[2]), hanging - ABOVE_RIM)
    return round(max(depth, 0.0), 3)


def _carried_onto(
    ground: Grounding, relation: Relation, example: str
) -> tuple[SceneObject, Spot]:
    action = ground.command.action
    if action.place is None or action.place.relation is not relation or action.length is not None:
        raise NotUnderstoodError(f'to {action.verb.value} something, say "{example}"')
    subject = _graspable(ground)
    return subject, find_spot(action.place, subject, None, ground)


def _carried(
    ground: Grounding, subject: SceneObject, spot: Spot, release: Release, summary: str
) -> Draft:
    target = ground.scene[spot.landmark]
    heights = _heights(ground).clear_of(subject, target)
    stages = pick_up(subject.name, heights) + put_down(subject.name, spot, heights, release)
    return Draft(subject.name, spot.landmark, stages, summary)


def _hold_above(ground: Grounding, subject: SceneObject) -> Draft:
    action = ground.command.action
    assert action.place is not None
    heights = _heights(ground)
    spot = find_spot(action.place, subject, None, ground)
    height, how_far = heights.carry, ''
    if action.length is not None:
        how_far = f'{100 * action.length:g} cm '
        height = round(action.length + float(subject.extent[2]) / 2, 3)
    return Draft(subject.name, spot.landmark,
                 pick_up(subject.name, heights) + hold_above(subject.name, spot, height),
                 f'hold the {subject.name} {how_far}above the {spot.landmark}')


def _graspable(ground: Grounding) -> SceneObject:
    subject = ground.one(ground.command.action.thing, ObjectKind.GRASPABLE)
    if subject.kind is not ObjectKind.GRASPABLE:
        raise NotUnderstoodError(f'the {subject.name} is not something to pick up')
    return subject


def _heights(ground: Grounding) -> Heights:
    manner = ground.command.manner
    return HIGH if Manner.HIGH in manner else LOW if Manner.LOW in manner else Heights()


_VERBS: dict[Verb, Callable[[Grounding], Draft]] = {
    Verb.PICK: _pick,
    Verb.PUT: _put,
    Verb.MOVE: _put,
    Verb.STACK: _stack,
    Verb.INSERT: _insert,
    Verb.PUSH: pushing.draft,
    Verb.PULL: pushing.draft,
    Verb.OPEN: drawers.draft,
    Verb.CLOSE: drawers.draft,
    Verb.POUR: pouring.draft,
    Verb.PRESS: pointing.draft,
    Verb.TOUCH: pointing.draft,
    Verb.POINT: pointing.draft,
    Verb.HOVER: pointing.draft,
}
