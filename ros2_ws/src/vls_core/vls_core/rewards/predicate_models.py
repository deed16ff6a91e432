"""The predicates that end a stage, as data; `completion.py` has the function of each kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vls_core.rewards.model import (
    Direction,
    KeypointName,
    Metres,
    Name,
    Number,
    Seconds,
    Strict,
    Vector,
)
from vls_core.rewards.term_models import NOWHERE


class Grasped(Strict):
    """Something is between the fingers: they are closed, but not entirely."""

    kind: Literal['grasped'] = 'grasped'


class Lifted(Strict):
    """The end effector is at least this high above the table."""

    kind: Literal['lifted'] = 'lifted'
    height: Metres = Field(0.10, description='of the end effector above the table [m]')


class Carried(Strict):
    """Something is between the fingers, and the end effector is this high above the table."""

    kind: Literal['carried'] = 'carried'
    height: Metres = Field(0.10, description='of the end effector above the table [m]')


class Near(Strict):
    """An object is within this distance of another one, height included."""

    kind: Literal['near'] = 'near'
    object: Name
    target: Name
    distance: Metres = Field(0.06, description='between the centres [m]')


class Apart(Strict):
    """An object is at least this far from another one, horizontally."""

    kind: Literal['apart'] = 'apart'
    object: Name
    target: Name
    distance: Metres = Field(0.15, description='between the centres [m]')


class Inside(Strict):
    """The centre of an object is within the box of another one, as in a bowl or a drawer."""

    kind: Literal['inside'] = 'inside'
    object: Name
    target: Name


class Above(Strict):
    """The end effector is horizontally within this distance of the centre of an object."""

    kind: Literal['above'] = 'above'
    object: Name
    distance: Metres = Field(0.03, description='horizontal distance [m]')
    offset: Vector = Field(NOWHERE, description='displacement of the place, e.g. beside it [m]')


class Reached(Strict):
    """The end effector is within this distance of a named point."""

    kind: Literal['reached'] = 'reached'
    keypoint: KeypointName
    offset: Vector = Field(NOWHERE, description='displacement of the goal from it [m]')
    distance: Metres = Field(0.02, description='[m]')


class Released(Strict):
    """The fingers are open."""

    kind: Literal['released'] = 'released'


class Retreated(Strict):
    """The end effector is at least this far above the top of an object."""

    kind: Literal['retreated'] = 'retreated'
    object: Name
    height: Metres = Field(0.08, description='above the top of the object [m]')


class On(Strict):
    """An object is seen horizontally within this distance of a place on or beside another one."""

    kind: Literal['on'] = 'on'
    object: Name
    target: Name
    distance: Metres = Field(0.06, description='horizontal distance [m]')
    offset: Vector = Field(NOWHERE, description='displacement of the place, e.g. beside it [m]')


class Displaced(Strict):
    """An object has moved at least this far along a direction since the stage began.

    Something that was pushed and went crooked has also moved that far; `sideways` tells the two
    apart.
    """

    kind: Literal['displaced'] = 'displaced'
    object: Name
    direction: Direction
    distance: Metres = Field(0.05, gt=0.0, description='[m]')
    sideways: Metres | None = Field(
        None, gt=0.0, description='how far off the line it may be [m]; null for any distance'
    )


class Moved(Strict):
    """The end effector has moved at least this far along a direction since the stage began."""

    kind: Literal['moved'] = 'moved'
    direction: Direction
    distance: Metres = Field(0.05, gt=0.0, description='[m]')


class Tilted(Strict):
    """The hand is tilted from straight down by at least this much."""

    kind: Literal['tilted'] = 'tilted'
    angle: Number = Field(1.0, gt=0.0, le=3.14, description='[rad]')


class Elapsed(Strict):
    """The stage has lasted this long."""

    kind: Literal['elapsed'] = 'elapsed'
    duration: Seconds = Field(1.0, description='[s]')


Predicate = Annotated[
    Grasped | Lifted | Carried | Above | Reached | Released | Retreated | On | Near | Apart
    | Inside | Displaced | Moved | Tilted | Elapsed,
    Field(discriminator='kind'),
]
