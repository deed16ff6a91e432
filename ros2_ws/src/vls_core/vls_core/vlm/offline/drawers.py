"""Open and close: what has a point called "handle", along the way that point sticks out.

The hand points down, so a handle is taken from above; it has to fit between fingers that open
along y, or be a bar across the way for them to hook behind.
"""

from __future__ import annotations

import numpy as np

from vls_core.rewards.model import Vector
from vls_core.rewards.program import (
    Displace,
    Grasped,
    GripperIntent,
    HoldGripper,
    Moved,
    Reached,
    ReachPoint,
    Released,
    Stage,
    StayOnLine,
)
from vls_core.types import ObjectKind, SceneObject
from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.draft import Draft, stage_name
from vls_core.vlm.offline.grounding import Grounding
from vls_core.vlm.offline.syntax import Verb

HANDLE = 'handle'
OPENING = 0.12
"""How far something is opened if the sentence does not say [m]."""
SHORTEST, LONGEST = 0.02, 0.40
APPROACH_HEIGHT = 0.10
"""Over the handle, before coming down and after letting go [m]."""
STANDOFF = 0.06
"""From the handle to the closed fingers before they push it shut [m]."""
PACE = 0.08
"""Along the way in each chunk [m]."""
STICKS_OUT = 0.01
"""Horizontally from the centre, for a handle to show a way [m]."""


def has_handle(item: SceneObject) -> bool:
    """Whether an object has a point called "handle"."""
    return any(point.name == HANDLE for point in item.keypoints)


def draft(ground: Grounding) -> Draft:
    """The stages of opening or closing. Raises NotUnderstoodError."""
    action = ground.command.action
    subject = ground.one(action.thing)
    if subject.kind is ObjectKind.OBSTACLE:
        raise NotUnderstoodError(f'the {subject.name} is an obstacle; I keep clear of it')
    if action.verb is Verb.OPEN:
        return opening(subject, action.length)
    return _closing(subject, action.length)


def opening(subject: SceneObject, length: float | None) -> Draft:
    """The stages that take hold of the handle, pull it out and let go of it."""
    outward = _outward(subject)
    distance = OPENING if length is None else _checked(length, 'open')
    return Draft(subject.name, None, _open(subject.name, outward, distance),
                 f'open the {subject.name} by {100 * distance:g} cm')


def _closing(subject: SceneObject, length: float | None) -> Draft:
    outward = _outward(subject)
    if length is None:
        raise NotUnderstoodError(
            f'I cannot see how far the {subject.name} is open; say for example '
            f'"close the {subject.name} by 10 cm"'
        )
    distance = _checked(length, 'close')
    return Draft(subject.name, None, _close(subject.name, outward, distance),
                 f'close the {subject.name} by {100 * distance:g} cm')


def _checked(length: float, verb: str) -> float:
    if not SHORTEST <= length <= LONGEST:
        raise NotUnderstoodError(
            f'I can {verb} by {100 * SHORTEST:.0f} to {100 * LONGEST:.0f} cm, '
            f'not by {100 * length:g} cm'
        )
    return round(length, 4)


def _outward(subject: SceneObject) -> Vector:
    """Along x or y, to the side of the box on which the handle is. Raises NotUnderstoodError."""
    points = {point.name: point.position for point in subject.keypoints}
    if HANDLE not in points:
        known = ', '.join(points) or 'none'
        raise NotUnderstoodError(
            f'the {subject.name} has no point called "{HANDLE}" to take hold of; '
            f'its points: {known}'
        )
    offset = (points[HANDLE] - subject.center)[:2]
    axis = int(np.argmax(np.abs(offset)))
    if abs(offset[axis]) < STICKS_OUT:
        raise NotUnderstoodError(
            f'the handle of the {subject.name} is at its centre and shows no way to open it'
        )
    way = [0.0, 0.0, 0.0]
    way[axis] = float(np.sign(offset[axis]))
    return (way[0], way[1], way[2])


def _along(way: Vector, distance: float, height: float = 0.0) -> Vector:
    return (way[0] * distance + 0.0, way[1] * distance + 0.0, height)


def _opposite(way: Vector) -> Vector:
    return (0.0 - way[0], 0.0 - way[1], 0.0)


def _go_to(name: str, what: str, offset: Vector, state: str, tolerance: float) -> Stage:
    handle = f'{name}.{HANDLE}'
    return Stage(
        name=stage_name(f'{what} the handle of the {name}'),
        terms=(ReachPoint(keypoint=handle, offset=offset), HoldGripper(state=state)),
        completion=(Reached(keypoint=handle, offset=offset, distance=tolerance),),
        timeout=15.0,
    )


def _open(name: str, outward: Vector, distance: float) -> tuple[Stage, ...]:
    handle, over = f'{name}.{HANDLE}', (0.0, 0.0, APPROACH_HEIGHT)
    shut, wide = HoldGripper(state='closed'), HoldGripper(state='open')
    return (
        _go_to(name, 'go over', over, 'open', 0.03),
        _go_to(name, 'come down to', (0.0, 0.0, 0.0), 'open', 0.015),
        Stage(
            name=stage_name(f'take hold of the handle of the {name}'),
            terms=(ReachPoint(keypoint=handle), shut),
            completion=(Grasped(),),
            timeout=10.0,
            gripper=GripperIntent.CLOSED,
        ),
        Stage(
            name=stage_name(f'pull the {name} open'),
            terms=(
                Displace(direction=outward, distance=PACE), StayOnLine(direction=outward), shut,
            ),
            completion=(Moved(direction=outward, distance=distance), Grasped()),
            timeout=20.0,
            gripper=GripperIntent.CLOSED,
        ),
        Stage(
            name=stage_name(f'let go of the handle of the {name}'),
            terms=(ReachPoint(keypoint=handle), wide),
            completion=(Released(),),
            timeout=8.0,
            gripper=GripperIntent.OPEN,
        ),
        _go_to(name, 'rise over', over, 'open', 0.05),
    )


def _close(name: str, outward: Vector, distance: float) -> tuple[Stage, ...]:
    inward = _opposite(outward)
    over = _along(outward, STANDOFF, APPROACH_HEIGHT)
    shut = HoldGripper(state='closed')
    return (
        _go_to(name, 'go over before', over, 'closed', 0.03),
        _go_to(name, 'come down before', _along(outward, STANDOFF), 'closed', 0.02),
        _go_to(name, 'touch', (0.0, 0.0, 0.0), 'closed', 0.025),
        Stage(
            name=stage_name(f'push the {name} shut'),
            terms=(Displace(direction=inward, distance=PACE), StayOnLine(direction=inward), shut),
            completion=(Moved(direction=inward, distance=distance),),
            timeout=20.0,
        ),
        _go_to(name, 'rise over', over, 'closed', 0.05),
    )
