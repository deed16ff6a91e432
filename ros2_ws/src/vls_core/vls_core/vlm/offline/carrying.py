"""Pick up, put, stack and insert: what is grasped from above, carried, and let go or held."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.rewards.program import (
    Above,
    Grasp,
    Grasped,
    GripperIntent,
    HoldGripper,
    Inside,
    Lift,
    Lifted,
    On,
    Place,
    Predicate,
    Reach,
    Released,
    Retreated,
    Stage,
)
from vls_core.types import SceneObject
from vls_core.vlm.offline.draft import stage_name
from vls_core.vlm.offline.places import Spot

LIFT_HEIGHT = 0.16
LIFTED_HEIGHT = 0.12
"""Of the end effector above the table: what lifting aims for, and from where on it is done [m]."""
LIFT_OFF = 0.10
"""How far above where its top was a thing is lifted at least [m]."""
PASSING = 0.04
"""Free space between what is carried and what it passes over, at least [m]."""
HIGHEST = 0.50
"""Of the end effector over the table, whatever is carried [m]."""
CARRY_HEIGHT = 0.12
"""Of the end effector above the target while carrying [m]."""
ABOVE_DISTANCE = 0.03
"""Horizontally from the target's centre, before lowering begins [m]."""
RETREAT_REACH = 0.15
RETREAT_HEIGHT = 0.08
"""Of the end effector above the target: where the retreat aims, and when it is done [m]."""
ON_DISTANCE = 0.06
"""Horizontally from the target's centre, when the subject counts as on it [m]."""
BESIDE_DISTANCE = 0.04
"""Horizontally from its spot, when something counts as standing beside something else [m]."""
_HOLD = HoldGripper(state='closed')


@dataclass(frozen=True)
class Heights:
    """Of the end effector: over the table when lifting, over the target when carrying [m]."""

    lift: float = LIFT_HEIGHT
    lifted: float = LIFTED_HEIGHT
    carry: float = CARRY_HEIGHT

    def clear_of(self, subject: SceneObject, target: SceneObject) -> Heights:
        """Higher where a tall thing would not come off what it stands on, or over the target."""
        tall = float(subject.extent[2])
        needed = max(float(subject.top[2]) + LIFT_OFF, float(target.top[2]) + tall + PASSING)
        lift = round(min(max(self.lift, needed), HIGHEST), 3)
        lifted = round(lift - (self.lift - self.lifted), 3)
        return Heights(lift, lifted, round(max(self.carry, tall + PASSING), 3))


@dataclass(frozen=True)
class Release:
    """Where to let go, and how exactly.

    Attributes:
        preposition: "on", "in" or what else names the place.
        above_distance: horizontally from the spot, before lowering begins [m].
        on_distance: horizontally from the spot, when the subject counts as there [m].
        sunk: how much lower than on top of the target to let go [m].
        inside: whether the subject has to end up within the target's box.
    """

    preposition: str
    above_distance: float = ABOVE_DISTANCE
    on_distance: float = ON_DISTANCE
    sunk: float = 0.0
    inside: bool = False


def pick_up(name: str, heights: Heights) -> tuple[Stage, ...]:
    """Grasp and lift; what was lifted stays in the hand."""
    return (
        Stage(
            name=stage_name(f'grasp the {name}'),
            terms=(Grasp(object=name),),
            completion=(Grasped(),),
            timeout=15.0,
            gripper=GripperIntent.CLOSED,
        ),
        Stage(
            name=stage_name(f'lift the {name}'),
            terms=(Lift(height=heights.lift), _HOLD),
            completion=(Grasped(), Lifted(height=heights.lifted)),
            timeout=8.0,
            gripper=GripperIntent.CLOSED,
        ),
    )


def hold_above(name: str, spot: Spot, height: float) -> tuple[Stage, ...]:
    """Carry what is in the hand over a landmark and stay there, at a height above its top [m]."""
    return (
        Stage(
            name=stage_name(f'hold the {name} above the {spot.landmark}'),
            terms=(Reach(object=spot.landmark, height=height), _HOLD),
            completion=(
                Grasped(),
                Above(object=spot.landmark, distance=ABOVE_DISTANCE),
                Retreated(object=spot.landmark, height=max(0.0, height - ABOVE_DISTANCE)),
            ),
            timeout=15.0,
            gripper=GripperIntent.CLOSED,
        ),
    )


def put_down(
    name: str, spot: Spot, heights: Heights, release: Release
) -> tuple[Stage, ...]:
    """Carry what is in the hand to a spot, let go of it there, and retreat."""
    target = spot.landmark
    way = f' {spot.said}' if spot.beside else f' to the {target}'
    place = f' {spot.said}' if spot.beside else f' {release.preposition} the {target}'
    drop = spot.drop + release.sunk
    offset = (spot.offset[0], spot.offset[1], -drop if drop else 0.0)
    return (
        Stage(
            name=stage_name(f'carry the {name}{way}'),
            terms=(Reach(object=target, height=heights.carry, offset=spot.offset), _HOLD),
            completion=(
                Above(object=target, distance=release.above_distance, offset=spot.offset),
            ),
            timeout=15.0,
            gripper=GripperIntent.CLOSED,
        ),
        Stage(
            name=stage_name(f'place the {name}{place}'),
            terms=(Place(object=target, subject=name, offset=offset),),
            completion=(Released(),),
            timeout=15.0,
            gripper=GripperIntent.OPEN,
        ),
        Stage(
            name=stage_name(f'retreat from the {target}'),
            terms=(
                Reach(object=target, height=RETREAT_REACH, offset=spot.offset),
                HoldGripper(state='open'),
            ),
            completion=(
                Retreated(object=target, height=RETREAT_HEIGHT),
                _there(name, spot, release),
            ),
            timeout=8.0,
            gripper=GripperIntent.OPEN,
        ),
    )


def _there(name: str, spot: Spot, release: Release) -> Predicate:
    if release.inside:
        return Inside(object=name, target=spot.landmark)
    return On(object=name, target=spot.landmark, distance=release.on_distance,
              offset=spot.offset)
