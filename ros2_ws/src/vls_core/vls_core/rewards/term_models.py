"""The terms a reward program may use, as data; `terms/` has the function of each kind.

Points are named: `keypoint` is the name of an object for its centre, or "object.keypoint" for one
of its named points ("red cube.top", "mug.handle"); see `keypoints.py`. Offsets and directions are
in the base frame (x forward, y left, z up).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vls_core.rewards.model import (
    Direction,
    KeypointName,
    Metres,
    Name,
    Number,
    Share,
    SourceText,
    Strict,
    Vector,
)

UP: Vector = (0.0, 0.0, 1.0)
NOWHERE: Vector = (0.0, 0.0, 0.0)


class _Term(Strict):
    weight: Number = Field(1.0, ge=0.0, le=100.0,
                           description='relative weight, dimensionless')


class Reach(_Term):
    """Bring the end effector to a point above the top of an object."""

    kind: Literal['reach'] = 'reach'
    object: Name = Field(description='name of the object to go to')
    height: Number = Field(0.0, ge=-0.2, le=0.6, description='above the top of the object [m]')
    offset: Vector = Field(NOWHERE, description='further displacement of the goal [m]')


class ReachPoint(_Term):
    """Bring the end effector to a named point, e.g. a handle."""

    kind: Literal['reach_point'] = 'reach_point'
    keypoint: KeypointName = Field(description='name of the point to go to')
    offset: Vector = Field(NOWHERE, description='displacement of the goal from it [m]')


class Waypoint(_Term):
    """Pass through a named point at some time during the chunk."""

    kind: Literal['waypoint'] = 'waypoint'
    keypoint: KeypointName = Field(description='name of the point to pass')
    offset: Vector = Field(NOWHERE, description='displacement of the waypoint from it [m]')


class SoftChoice(_Term):
    """Go to whichever of several points is nearest."""

    kind: Literal['soft_choice'] = 'soft_choice'
    keypoints: tuple[KeypointName, ...] = Field(min_length=2, max_length=8)
    offset: Vector = Field(NOWHERE, description='displacement of the goals from them [m]')


class Grasp(_Term):
    """Come down onto an object from above, and close the gripper around it only once there."""

    kind: Literal['grasp'] = 'grasp'
    object: Name = Field(description='name of the object to take')


class Place(_Term):
    """Bring what is held over an object, lower it, and open the gripper only once there."""

    kind: Literal['place'] = 'place'
    object: Name = Field(description='name of the object to put things on')
    subject: Name = Field(description='name of the object that is held')
    offset: Vector = Field(NOWHERE, description='displacement of the goal, e.g. beside it [m]')


class Lift(_Term):
    """End the chunk at least this high above the table."""

    kind: Literal['lift'] = 'lift'
    height: Metres = Field(0.15, description='of the end effector above the table [m]')


class Displace(_Term):
    """Move the end effector this far along a direction, counted from where the chunk begins."""

    kind: Literal['displace'] = 'displace'
    direction: Direction
    distance: Metres = Field(0.1, gt=0.0, description='to move [m]')


class AnchorContact(_Term):
    """Stay at a named point during the first part of the chunk, so that contact is made first."""

    kind: Literal['anchor_contact'] = 'anchor_contact'
    keypoint: KeypointName = Field(description='name of the point that is touched')
    first_share: Number = Field(0.2, gt=0.0, le=0.5,
                                description='of the chunk, dimensionless; at most half')


class NoBacktrack(_Term):
    """Never move back along a direction once progress has been made along it."""

    kind: Literal['no_backtrack'] = 'no_backtrack'
    direction: Direction


class StayOnLine(_Term):
    """Do not drift sideways from the straight line along a direction through the present pose."""

    kind: Literal['stay_on_line'] = 'stay_on_line'
    direction: Direction


class Retract(_Term):
    """Get at least this far away from a named point."""

    kind: Literal['retract'] = 'retract'
    keypoint: KeypointName = Field(description='name of the point to leave')
    distance: Metres = Field(0.15, gt=0.0, description='to keep from it [m]')


class KeepUpright(_Term):
    """Keep the hand pointing straight down, within a tilt."""

    kind: Literal['keep_upright'] = 'keep_upright'
    tilt: Number = Field(0.1, ge=0.0, le=1.6, description='that is allowed [rad]')


class AlignAxis(_Term):
    """Turn an axis of the hand (z: approach, y: opening of the fingers) into a direction.

    The fingers are alike, so y may point either way.
    """

    kind: Literal['align_axis'] = 'align_axis'
    axis: Literal['x', 'y', 'z'] = 'z'
    direction: Direction


class HoldGripper(_Term):
    """Keep the gripper open or closed during the whole chunk."""

    kind: Literal['hold_gripper'] = 'hold_gripper'
    state: Literal['open', 'closed']


class Avoid(_Term):
    """Keep hand, fingers and what they hold clear of an object along the whole chunk."""

    kind: Literal['avoid'] = 'avoid'
    object: Name = Field(description='name of the object to stay clear of')
    margin: Metres = Field(0.03, description='free space to leave around it [m]')


class AvoidObstacles(_Term):
    """Keep hand, fingers and what they hold clear of every object of kind obstacle."""

    kind: Literal['avoid_obstacles'] = 'avoid_obstacles'
    margin: Metres = Field(0.03, description='free space to leave around each [m]')


class StayAbove(_Term):
    """Keep the end effector above a height over the table during the whole chunk."""

    kind: Literal['stay_above'] = 'stay_above'
    height: Metres = Field(description='above the table [m]')


class SpeedLimit(_Term):
    """Do not move the end effector faster than this."""

    kind: Literal['speed_limit'] = 'speed_limit'
    speed: Number = Field(0.1, gt=0.0, le=2.0, description='of the end effector [m/s]')


class Smooth(_Term):
    """Avoid abrupt changes of velocity along the chunk."""

    kind: Literal['smooth'] = 'smooth'


class Dwell(_Term):
    """Stand still during the last part of the chunk."""

    kind: Literal['dwell'] = 'dwell'
    last_share: Share = Field(0.5, description='of the chunk, dimensionless')


class Code(_Term):
    """A reward written as a function in the closed subset of Python of `code/`.

    What it is for is declared, so that verification can tell whether it does that: it must rise
    towards the goal, and fall inside the obstacle. At least one of the two is needed.
    """

    kind: Literal['code'] = 'code'
    name: str = Field(min_length=1, max_length=40, pattern=r'^[A-Za-z0-9][A-Za-z0-9 _.-]*$',
                      description='a few words for the operator')
    source: SourceText = Field(min_length=1, max_length=6000, description='one function')
    goal: KeypointName | None = Field(None, description='keypoint it leads to')
    goal_offset: Vector = Field(NOWHERE, description='of the goal from that keypoint [m]')
    obstacle: KeypointName | None = Field(None, description='keypoint it keeps clear of')


Term = Annotated[
    Reach | ReachPoint | Waypoint | SoftChoice | Grasp | Place | Lift | Displace | AnchorContact
    | NoBacktrack | StayOnLine | Retract | KeepUpright | AlignAxis | HoldGripper | Avoid
    | AvoidObstacles | StayAbove | SpeedLimit | Smooth | Dwell | Code,
    Field(discriminator='kind'),
]
