"""The one layout of a pick-and-place program: which terms in which stage, with which numbers."""

from __future__ import annotations

from vls_core.rewards.program import (
    Above,
    Avoid,
    Grasp,
    Grasped,
    GripperIntent,
    HoldGripper,
    Lift,
    Lifted,
    On,
    Place,
    Reach,
    Released,
    Retreated,
    RewardProgram,
    Stage,
)

MAXIMUM_AVOIDED = 10
"""A stage has room for this many avoidance terms beside its own."""

LIFT_HEIGHT = 0.16
LIFTED_HEIGHT = 0.12
"""Of the end effector above the table: what lifting aims for, and from where on it is done [m]."""
CARRY_HEIGHT = 0.12
"""Of the end effector above the target while carrying [m]."""
ABOVE_DISTANCE = 0.03
"""Horizontally from the target's centre, before lowering begins [m]."""
RETREAT_REACH = 0.15
RETREAT_HEIGHT = 0.08
"""Of the end effector above the target: where the retreat aims, and when it is done [m]."""
ON_DISTANCE = 0.06
"""Horizontally from the target's centre, when the subject counts as on it [m]."""
AVOID_MARGIN = 0.03
AVOID_WEIGHT = 3.0


def pick_and_place(subject: str, target: str, avoided: tuple[str, ...], inside: bool
                   ) -> RewardProgram:
    """The program that brings a subject to a target, clear of at most MAXIMUM_AVOIDED objects.

    Arguments:
        inside: whether one says "in" rather than "on" the target; it only shows in stage names.
    """
    clear = tuple(Avoid(object=name, margin=AVOID_MARGIN, weight=AVOID_WEIGHT) for name in avoided)
    preposition = 'in' if inside else 'on'
    return RewardProgram(
        subject=subject,
        target=target,
        stages=(
            Stage(
                name=f'grasp the {subject}'[:80],
                terms=(Grasp(object=subject), *clear),
                completion=(Grasped(),),
                timeout=15.0,
                gripper=GripperIntent.CLOSED,
            ),
            Stage(
                name=f'lift the {subject}'[:80],
                terms=(Lift(height=LIFT_HEIGHT), HoldGripper(state='closed'), *clear),
                completion=(Grasped(), Lifted(height=LIFTED_HEIGHT)),
                timeout=8.0,
                gripper=GripperIntent.CLOSED,
            ),
            Stage(
                name=f'carry the {subject} to the {target}'[:80],
                terms=(
                    Reach(object=target, height=CARRY_HEIGHT), HoldGripper(state='closed'), *clear
                ),
                completion=(Above(object=target, distance=ABOVE_DISTANCE),),
                timeout=15.0,
                gripper=GripperIntent.CLOSED,
            ),
            Stage(
                name=f'place the {subject} {preposition} the {target}'[:80],
                terms=(Place(object=target, subject=subject), *clear),
                completion=(Released(),),
                timeout=15.0,
                gripper=GripperIntent.OPEN,
            ),
            Stage(
                name=f'retreat from the {target}'[:80],
                terms=(
                    Reach(object=target, height=RETREAT_REACH), HoldGripper(state='open'), *clear
                ),
                completion=(
                    Retreated(object=target, height=RETREAT_HEIGHT),
                    On(object=subject, target=target, distance=ON_DISTANCE),
                ),
                timeout=8.0,
                gripper=GripperIntent.OPEN,
            ),
        ),
    )
