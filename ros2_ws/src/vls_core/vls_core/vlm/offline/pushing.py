"""Push, slide and pull: which way, how far, and whether there is room for it."""

from __future__ import annotations

import numpy as np

from vls_core.rewards.program import Displaced, Near
from vls_core.types import ObjectKind, SceneObject
from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline import drawers
from vls_core.vlm.offline.draft import Draft
from vls_core.vlm.offline.grounding import Grounding
from vls_core.vlm.offline.places import CLEARANCE, WORKSPACE_TOLERANCE
from vls_core.vlm.offline.push_stages import (
    PUSH_HEIGHT,
    STANDOFF,
    TOUCHING,
    Push,
    half_width,
    push_stages,
)
from vls_core.vlm.offline.syntax import Direction, Heading, Verb, Way

FINGER_RADIUS = 0.025
"""Of the closed fingers around the end effector [m]."""
HAND_RADIUS = 0.12
HAND_HEIGHT = 0.08
"""Of the hand, across, and of its underside over the fingertips [m]."""
FLATTEST = 0.025
"""Lower things would pass under the fingers [m]."""
SHORTEST, LONGEST = 0.02, 0.40
"""Of a push [m]."""
STRAYED = 0.03
"""By which what is pushed may end up to the side of where it was to go [m]."""


def draft(ground: Grounding) -> Draft:
    """The stages of a push or pull. Raises NotUnderstoodError."""
    action = ground.command.action
    subject = ground.one(action.thing, ObjectKind.GRASPABLE)
    if action.verb is Verb.PULL and action.heading is None and drawers.has_handle(subject):
        return drawers.opening(subject, action.length)
    push = _push(subject, action.heading, action.length, action.verb, ground)
    _require_room(push, ground)
    verb = 'pull' if action.verb is Verb.PULL else 'push'
    notes: tuple[str, ...] = ()
    if push.target is None:
        notes = ('directions are those of the robot: forward is away from its base',)
    return Draft(subject.name, push.target, push_stages(push, verb),
                 f'{verb} the {subject.name} {push.said}', notes)


def _push(
    subject: SceneObject, heading: Heading | None, length: float | None, verb: Verb,
    ground: Grounding,
) -> Push:
    if subject.kind is ObjectKind.OBSTACLE:
        raise NotUnderstoodError(f'the {subject.name} is an obstacle; I keep clear of it')
    if subject.top[2] < FLATTEST:
        raise NotUnderstoodError(f'the {subject.name} is too flat to {verb.value}')
    if heading is None and verb is Verb.PULL:
        heading = Heading('towards the robot', Direction.BACKWARD)
    if heading is None:
        raise NotUnderstoodError(
            f'"{verb.value} the {subject.name}" does not say which way; say to what, or: left, '
            'right, forward or back, by how many cm'
        )
    if heading.way is Way.UP_TO:
        return _push_to(subject, heading, length, ground)
    if length is None:
        raise NotUnderstoodError(
            f'"{verb.value} the {subject.name} {heading.as_said}" does not say how far; '
            'say for example "by 10 cm"'
        )
    if not SHORTEST <= length <= LONGEST:
        raise NotUnderstoodError(
            f'I can {verb.value} by {100 * SHORTEST:.0f} to {100 * LONGEST:.0f} cm, '
            f'not by {100 * length:g} cm'
        )
    if heading.direction is not None:
        way = np.array(heading.direction.value)
    else:
        way, _ = _way_to(subject, ground.one(heading.landmark))
        way = -way if heading.way is Way.AWAY else way
    x, y = (round(float(value), 3) + 0.0 for value in way)
    moved = Displaced(object=subject.name, direction=(x, y, 0.0), distance=round(length, 4),
                      sideways=STRAYED)
    return Push(subject, way, length, (moved,), None, f'{heading.as_said} by {100 * length:g} cm')


def _push_to(
    subject: SceneObject, heading: Heading, length: float | None, ground: Grounding
) -> Push:
    target = ground.one(heading.landmark, ObjectKind.SURFACE, ObjectKind.GRASPABLE)
    if length is not None:
        raise NotUnderstoodError(
            f'"to the {target.name}" and "by {100 * length:g} cm" are two goals; say one, or '
            f'"towards the {target.name} by {100 * length:g} cm"'
        )
    if target.kind is ObjectKind.OBSTACLE:
        raise NotUnderstoodError(f'the {target.name} is an obstacle; I push nothing against it')
    if target.name == subject.name:
        raise NotUnderstoodError(f'the {subject.name} cannot be pushed to itself')
    way, distance = _way_to(subject, target)
    contact = _contact_distance(subject, target, way)
    near = round(contact + TOUCHING, 3)
    if distance <= near:
        raise NotUnderstoodError(f'the {subject.name} is at the {target.name} already')
    return Push(
        subject, way, distance - contact,
        (Near(object=subject.name, target=target.name, distance=near),),
        target.name, f'to the {target.name}',
    )


def _way_to(subject: SceneObject, target: SceneObject) -> tuple[np.ndarray, float]:
    """Unit vector (2,) and distance [m] from one centre to another, horizontally."""
    offset = (target.center - subject.center)[:2]
    distance = float(np.linalg.norm(offset))
    if distance < CLEARANCE:
        raise NotUnderstoodError(f'the {subject.name} is where the {target.name} is')
    return offset / distance, distance


def _contact_distance(subject: SceneObject, target: SceneObject, way: np.ndarray) -> float:
    """Between the centres of two boxes when one touches the other along a unit vector (2,) [m]."""
    widths = (subject.extent + target.extent)[:2] / 2
    return float(min(widths[axis] / abs(way[axis]) for axis in (0, 1) if way[axis]))


def _require_room(push: Push, ground: Grounding) -> None:
    """Raises NotUnderstoodError: there is no room behind, on the way, or at the end."""
    subject, way = push.subject, push.way
    behind = subject.center[:2] - way * (half_width(subject, way) + STANDOFF)
    end = subject.center[:2] + way * push.distance
    for point, what in ((behind, 'the fingers would start'), (end, 'it would end')):
        x, y = point
        if not ground.workspace.contains(np.array([x, y, PUSH_HEIGHT]), WORKSPACE_TOLERANCE):
            raise NotUnderstoodError(
                f'the {subject.name} cannot be pushed {push.said}: {what} at ({x:.2f}, {y:.2f}) '
                'm, out of the workspace'
            )
    for item in ground.scene.objects:
        if item.name in (subject.name, push.target):
            continue
        tall = item.top[2] > HAND_HEIGHT
        fingers = HAND_RADIUS if tall else FINGER_RADIUS
        load = HAND_RADIUS if tall else float(subject.extent[:2].max()) / 2
        if _swept(behind, behind, fingers, item) or _swept(
                subject.center[:2], end, load, item):
            raise NotUnderstoodError(
                f'the {subject.name} cannot be pushed {push.said}: the {item.name} is in the way'
            )


def _swept(start: np.ndarray, end: np.ndarray, radius: float, item: SceneObject) -> bool:
    """Whether a disc [m] that goes from start to end (2,) touches an object's box."""
    reach = item.extent[:2] / 2 + radius + CLEARANCE
    shares = np.linspace(0.0, 1.0, 41)[:, None]
    offsets = np.abs(start + shares * (end - start) - item.center[:2])
    return bool((offsets < reach).all(1).any())
