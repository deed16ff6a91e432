"""The reward program: what a task asks for, as data.

A program is a list of stages; a stage is a weighted sum of terms (`terms/`, and `code/` for those
written in code), a list of predicates that all have to hold before the next stage begins
(`completion.py`), a time-out, and what the gripper is meant to do. Objects are named, never
indexed, so a program keeps its meaning when they move.

This module is plain data (pydantic): authors write it, the JSON schema of `RewardProgram` is what
a language model is asked to fill in. Unknown fields are errors.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

from pydantic import Field

from vls_core.rewards.keypoints import object_of
from vls_core.rewards.model import NAME_LENGTH, Name, Number, Strict
from vls_core.rewards.predicate_models import (
    Above,
    Apart,
    Carried,
    Displaced,
    Elapsed,
    Grasped,
    Inside,
    Lifted,
    Moved,
    Near,
    On,
    Predicate,
    Reached,
    Released,
    Retreated,
    Tilted,
)
from vls_core.rewards.term_models import (
    AlignAxis,
    AnchorContact,
    Avoid,
    AvoidObstacles,
    Code,
    Displace,
    Dwell,
    Grasp,
    HoldGripper,
    KeepUpright,
    Lift,
    NoBacktrack,
    Place,
    Reach,
    ReachPoint,
    Retract,
    Smooth,
    SoftChoice,
    SpeedLimit,
    StayAbove,
    StayOnLine,
    Term,
    Waypoint,
)
from vls_core.types import Scene

__all__ = [
    'Above', 'AlignAxis', 'AnchorContact', 'Apart', 'Avoid', 'AvoidObstacles', 'Carried', 'Code',
    'Displace', 'Displaced', 'Dwell', 'Elapsed', 'Grasp', 'Grasped', 'GripperIntent',
    'HoldGripper', 'Inside', 'KeepUpright', 'Lift', 'Lifted', 'Moved', 'Near', 'NoBacktrack',
    'On', 'Place', 'Predicate', 'Reach', 'ReachPoint', 'Reached', 'Released', 'Retract',
    'Retreated', 'RewardProgram', 'Smooth', 'SoftChoice', 'SpeedLimit', 'Stage', 'StayAbove',
    'StayOnLine', 'Term', 'Tilted', 'Waypoint', 'scene_hash',
]
STAGE_NAME_LENGTH = NAME_LENGTH
"""Letters that the name of a stage may have."""
MAXIMUM_TERMS = 12
"""Of a stage."""
_NAMING_FIELDS = ('object', 'subject', 'target', 'keypoint', 'goal', 'obstacle')


class GripperIntent(StrEnum):
    """What the gripper is meant to do at the end of a stage."""

    FREE = 'free'
    OPEN = 'open'
    CLOSED = 'closed'


class Stage(Strict):
    """One step of a task."""

    name: Name
    terms: tuple[Term, ...] = Field(min_length=1, max_length=MAXIMUM_TERMS)
    completion: tuple[Predicate, ...] = Field(min_length=1, max_length=8)
    timeout: Number = Field(20.0, gt=0.0, le=300.0, description='seconds')
    gripper: GripperIntent = GripperIntent.FREE


class RewardProgram(Strict):
    """A whole task: what is moved, where to, and the stages that get it there."""

    subject: Name = Field(description='name of the object that is acted on')
    target: Name | None = Field(
        None, description='name of the object it is brought to; null if it goes to none'
    )
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=12)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the program's canonical JSON: equal programs have equal hashes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def names(self) -> frozenset[str]:
        """Every object and keypoint it speaks of; code terms count by what they declare."""
        found = {self.subject, self.target}
        for stage in self.stages:
            for item in (*stage.terms, *stage.completion):
                found |= {getattr(item, key, None) for key in _NAMING_FIELDS}
                found |= set(getattr(item, 'keypoints', ()))
        return frozenset(name for name in found if name is not None)

    @property
    def code_terms(self) -> tuple[Code, ...]:
        """The terms that are written in code, over all stages."""
        return tuple(
            term for stage in self.stages for term in stage.terms if isinstance(term, Code)
        )

    def require_objects(self, scene: Scene) -> None:
        """Raises UnknownObjectError for the first name that is not in the scene."""
        for name in sorted(self.names):
            object_of(name, scene)


def scene_hash(scene: Scene) -> str:
    """SHA-256 of names and kinds: a scene in which things merely moved keeps its hash."""
    content = '\n'.join(sorted(f'{item.name}:{item.kind.name}' for item in scene.objects))
    return hashlib.sha256(content.encode()).hexdigest()
