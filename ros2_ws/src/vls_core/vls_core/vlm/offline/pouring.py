"""Pour: what is held is tilted about the axis along which the fingers open, over the target.

Only a policy that turns the hand can carry it out; one that keeps it pointing down will time out
in the stage that tilts.
"""

from __future__ import annotations

import math

from vls_core.rewards.program import (
    AlignAxis,
    Elapsed,
    Grasped,
    GripperIntent,
    HoldGripper,
    KeepUpright,
    Reach,
    Reached,
    Stage,
    Tilted,
)
from vls_core.types import ObjectKind, SceneObject
from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.carrying import Heights, pick_up
from vls_core.vlm.offline.draft import Draft, stage_name
from vls_core.vlm.offline.grounding import Grounding
from vls_core.vlm.offline.places import find_spot
from vls_core.vlm.offline.syntax import Manner, Relation

LIP_CLEARANCE = 0.06
"""Between the target's top and the lowest point of what is tilted [m]."""
TILT = math.radians(110.0)
"""Of the hand while it pours [rad]."""
TILTED = math.radians(90.0)
"""From where on it counts as pouring [rad]."""
POURING_TIME = 3.0
UPRIGHT_TIME = 2.0
"""How long to keep tilted, and then upright again [s]."""
_HOLD = HoldGripper(state='closed')


def draft(ground: Grounding) -> Draft:
    """The stages of pouring. Raises NotUnderstoodError."""
    action = ground.command.action
    subject = ground.one(action.thing, ObjectKind.GRASPABLE)
    if subject.kind is not ObjectKind.GRASPABLE:
        raise NotUnderstoodError(f'the {subject.name} is not something to pick up and pour from')
    place = action.place
    if place is None or place.relation not in (Relation.IN, Relation.ON, Relation.ABOVE):
        raise NotUnderstoodError('to pour, say "pour the <object> into the <target>"')
    if action.length is not None:
        raise NotUnderstoodError('I cannot measure what I pour; leave out the length')
    if Manner.UPRIGHT in ground.command.manner:
        raise NotUnderstoodError(f'the {subject.name} cannot be poured from and kept upright')
    spot = find_spot(place, subject, None, ground)
    stages = pick_up(subject.name, Heights()) + _pour(subject, spot.landmark)
    return Draft(
        subject.name, spot.landmark, stages,
        f'pour from the {subject.name} into the {spot.landmark}, and keep holding it',
        ('pouring needs a policy that turns the hand; one that keeps it pointing down times out',),
    )


def _pour(subject: SceneObject, target: str) -> tuple[Stage, ...]:
    # The lip comes round towards the robot, half the vessel's height from the hand.
    half = round(float(subject.extent[2]) / 2, 3)
    offset, height = (half, 0.0, 0.0), round(half + LIP_CLEARANCE, 3)
    over = Reach(object=target, height=height, offset=offset)
    arrived = Reached(keypoint=f'{target}.top', offset=(half, 0.0, height), distance=0.03)
    forward_and_up = (round(math.sin(TILT), 3), 0.0, round(-math.cos(TILT), 3))
    return (
        Stage(
            name=stage_name(f'carry the {subject.name} over the {target}'),
            terms=(over, KeepUpright(), _HOLD),
            completion=(Grasped(), arrived),
            timeout=15.0,
            gripper=GripperIntent.CLOSED,
        ),
        Stage(
            name=stage_name(f'pour from the {subject.name} into the {target}'),
            terms=(over, AlignAxis(axis='z', direction=forward_and_up), _HOLD),
            completion=(Tilted(angle=round(TILTED, 3)), Elapsed(duration=POURING_TIME)),
            timeout=15.0,
            gripper=GripperIntent.CLOSED,
        ),
        Stage(
            name=stage_name(f'hold the {subject.name} upright again'),
            terms=(over, KeepUpright(), _HOLD),
            completion=(Grasped(), arrived, Elapsed(duration=UPRIGHT_TIME)),
            timeout=15.0,
            gripper=GripperIntent.CLOSED,
        ),
    )
