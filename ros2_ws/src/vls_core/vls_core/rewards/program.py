"""The reward program: what a task asks for, as data.

A program is a list of stages; a stage is a weighted sum of terms from the vetted library
(`terms.py`), a list of predicates that all have to hold before the next stage begins
(`completion.py`), a time-out, and what the gripper is meant to do. Objects are named, never
indexed, so a program keeps its meaning when they move.

This module is plain data (pydantic): authors write it, the JSON schema of `RewardProgram` is what
a language model is asked to fill in. Unknown fields are errors.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vls_core.types import Scene

Metres = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra='forbid', frozen=True)


class GripperIntent(StrEnum):
    """What the gripper is meant to do at the end of a stage."""

    FREE = 'free'
    OPEN = 'open'
    CLOSED = 'closed'


class _Term(_Strict):
    weight: float = Field(1.0, ge=0.0, le=100.0, description='relative weight, dimensionless')


class Reach(_Term):
    """End the chunk with the end effector at a point above the centre of an object."""

    kind: Literal['reach'] = 'reach'
    object: str = Field(description='name of the object to go to')
    height: float = Field(0.0, ge=-0.2, le=0.6, description='above the top of the object [m]')


class Grasp(_Term):
    """Come down onto an object from above, and close the gripper around it only once there."""

    kind: Literal['grasp'] = 'grasp'
    object: str = Field(description='name of the object to take')


class Place(_Term):
    """Bring what is held over an object, lower it, and open the gripper only once there."""

    kind: Literal['place'] = 'place'
    object: str = Field(description='name of the object to put things on')
    subject: str = Field(description='name of the object that is held')


class Lift(_Term):
    """End the chunk at least this high above the table."""

    kind: Literal['lift'] = 'lift'
    height: Metres = Field(0.15, description='of the end effector above the table [m]')


class Avoid(_Term):
    """Keep hand, fingers and what they hold clear of an object along the whole chunk."""

    kind: Literal['avoid'] = 'avoid'
    object: str = Field(description='name of the object to stay clear of')
    margin: Metres = Field(0.03, description='free space to leave around it [m]')


class Smooth(_Term):
    """Avoid abrupt changes of velocity along the chunk."""

    kind: Literal['smooth'] = 'smooth'


class HoldGripper(_Term):
    """Keep the gripper open or closed during the whole chunk."""

    kind: Literal['hold_gripper'] = 'hold_gripper'
    state: Literal['open', 'closed']


Term = Annotated[
    Reach | Grasp | Place | Lift | Avoid | Smooth | HoldGripper, Field(discriminator='kind')
]


class Grasped(_Strict):
    """Something is between the fingers: they are closed, but not entirely."""

    kind: Literal['grasped'] = 'grasped'


class Lifted(_Strict):
    """The end effector is at least this high above the table."""

    kind: Literal['lifted'] = 'lifted'
    height: Metres = Field(0.10, description='of the end effector above the table [m]')


class Carried(_Strict):
    """Something is between the fingers, and the end effector is this high above the table."""

    kind: Literal['carried'] = 'carried'
    height: Metres = Field(0.10, description='of the end effector above the table [m]')


class Near(_Strict):
    """An object is within this distance of another one, height included."""

    kind: Literal['near'] = 'near'
    object: str
    target: str
    distance: Metres = Field(0.06, description='between the centres [m]')


class Inside(_Strict):
    """The centre of an object is within the box of another one, as in a bowl or a drawer."""

    kind: Literal['inside'] = 'inside'
    object: str
    target: str


class Above(_Strict):
    """The end effector is horizontally within this distance of the centre of an object."""

    kind: Literal['above'] = 'above'
    object: str
    distance: Metres = Field(0.03, description='horizontal distance [m]')


class Released(_Strict):
    """The fingers are open."""

    kind: Literal['released'] = 'released'


class Retreated(_Strict):
    """The end effector is at least this far above the top of an object."""

    kind: Literal['retreated'] = 'retreated'
    object: str
    height: Metres = Field(0.08, description='above the top of the object [m]')


class On(_Strict):
    """An object is seen horizontally within this distance of the centre of another one."""

    kind: Literal['on'] = 'on'
    object: str
    target: str
    distance: Metres = Field(0.06, description='horizontal distance [m]')


Predicate = Annotated[
    Grasped | Lifted | Carried | Above | Released | Retreated | On | Near | Inside,
    Field(discriminator='kind'),
]


class Stage(_Strict):
    """One step of a task."""

    name: str = Field(min_length=1, max_length=80)
    terms: tuple[Term, ...] = Field(min_length=1, max_length=12)
    completion: tuple[Predicate, ...] = Field(min_length=1, max_length=8)
    timeout: float = Field(20.0, gt=0.0, le=300.0, description='seconds')
    gripper: GripperIntent = GripperIntent.FREE


class RewardProgram(_Strict):
    """A whole task: what is moved, where to, and the stages that get it there."""

    subject: str = Field(description='name of the object that is moved')
    target: str = Field(description='name of the object it is brought to')
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=12)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the program's canonical JSON: equal programs have equal hashes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def object_names(self) -> frozenset[str]:
        """Every object the program speaks of."""
        names = {self.subject, self.target}
        for stage in self.stages:
            for item in (*stage.terms, *stage.completion):
                names |= {getattr(item, key) for key in ('object', 'subject', 'target')
                          if hasattr(item, key)}
        return frozenset(names)

    def require_objects(self, scene: Scene) -> None:
        """Raises UnknownObjectError for the first name that is not in the scene."""
        for name in sorted(self.object_names):
            scene[name]


def scene_hash(scene: Scene) -> str:
    """SHA-256 of names and kinds: a scene in which things merely moved keeps its hash."""
    content = '\n'.join(sorted(f'{item.name}:{item.kind.name}' for item in scene.objects))
    return hashlib.sha256(content.encode()).hexdigest()
