"""The stages of a push: over behind the object, down, along, and away.

The fingers are closed. What is pulled is taken along by fingers that are put down behind it, seen
from where it goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.rewards.model import Vector
from vls_core.rewards.program import (
    GripperIntent,
    HoldGripper,
    Near,
    Predicate,
    Reach,
    Reached,
    ReachPoint,
    Retreated,
    Stage,
)
from vls_core.types import SceneObject
from vls_core.vlm.offline.carrying import RETREAT_HEIGHT, RETREAT_REACH
from vls_core.vlm.offline.draft import stage_name

STANDOFF = 0.05
"""From the side of the object to the fingers before they push [m]."""
APPROACH_HEIGHT = 0.12
"""Of the fingers over the object's centre on the way to behind it [m]."""
PUSH_HEIGHT = 0.02
"""Of the fingertips over the table at least [m]."""
HIGHEST_CONTACT = 0.04
"""Tall things are pushed no higher than this over the table, so that they do not topple [m]."""
IN_PLACE = 0.015
"""From where the fingers are to start pushing, at most [m]."""
SLOWEST = 0.01
"""Of a push that makes progress [m/s]."""
TOUCHING = 0.015
"""Free space at which one thing has been pushed to another [m]."""
STILL_TOUCHING = 0.03
"""Free space afterwards: what was close enough once must not fail by a measurement [m]."""
_SHUT = HoldGripper(state='closed')


@dataclass(frozen=True)
class Push:
    """A push of a subject along a horizontal unit vector (2,), over a distance [m]."""

    subject: SceneObject
    way: np.ndarray
    distance: float
    done: tuple[Predicate, ...]
    target: str | None
    said: str

    @property
    def height(self) -> float:
        """Of the fingers with respect to the subject's centre [m]."""
        low = float(self.subject.center[2])
        return round(min(max(low, PUSH_HEIGHT), max(HIGHEST_CONTACT, PUSH_HEIGHT)) - low, 3) + 0.0

    def offset(self, along: float, height: float) -> Vector:
        """From the subject's centre, along the push and up [m]."""
        x, y = (round(float(along * value), 3) + 0.0 for value in self.way)
        return (x, y, round(height, 3) + 0.0)


def half_width(item: SceneObject, way: np.ndarray) -> float:
    """Of a box along a horizontal unit vector (2,), from its centre [m]."""
    return float(np.abs(way) @ item.extent[:2] / 2)


def push_stages(push: Push, verb: str) -> tuple[Stage, ...]:
    """What a push takes; verb is how it is called."""
    name = push.subject.name
    half = half_width(push.subject, push.way)
    above = push.offset(-half - STANDOFF, push.height + APPROACH_HEIGHT)
    behind = push.offset(-half - STANDOFF, push.height)
    # The point moves along with the object. The centre of the fingers never gets there, but it is
    # so close that they go slowly, and that being off sideways costs as much as being behind.
    side = push.offset(-half, push.height)
    return (
        Stage(
            name=stage_name(f'go over behind the {name}'),
            terms=(ReachPoint(keypoint=name, offset=above), _SHUT),
            completion=(Reached(keypoint=name, offset=above, distance=0.03),),
            timeout=15.0,
        ),
        Stage(
            name=stage_name(f'come down behind the {name}'),
            terms=(ReachPoint(keypoint=name, offset=behind), _SHUT),
            completion=(Reached(keypoint=name, offset=behind, distance=IN_PLACE),),
            timeout=10.0,
        ),
        Stage(
            name=stage_name(f'{verb} the {name} {push.said}'),
            terms=(ReachPoint(keypoint=name, offset=side), _SHUT),
            completion=push.done,
            timeout=20.0 + round(push.distance / SLOWEST, 1),
        ),
        Stage(
            name=stage_name(f'retreat from the {name}'),
            terms=(Reach(object=name, height=RETREAT_REACH,
                         offset=push.offset(-half - STANDOFF, 0.0)), _SHUT),
            completion=(Retreated(object=name, height=RETREAT_HEIGHT),
                        *(_still(item) for item in push.done if isinstance(item, Near))),
            timeout=8.0,
            gripper=GripperIntent.FREE,
        ),
    )


def _still(near: Near) -> Near:
    return near.model_copy(
        update={'distance': round(near.distance + STILL_TOUCHING - TOUCHING, 3)}
    )
