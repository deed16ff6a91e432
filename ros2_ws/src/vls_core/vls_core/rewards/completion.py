"""Predicates that end a stage, judged from what is measured, never from the reward."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vls_core.rewards import keypoints, program
from vls_core.rewards.stage_history import StageHistory, displaced, elapsed, moved
from vls_core.types import Observation, SceneObject

OPEN_WIDTH = 0.065
"""Finger distance from which the gripper counts as open [m]."""

PredicateFunction = Callable[..., bool]


def grasped(predicate: program.Grasped, observation: Observation) -> bool:
    """Closed on something: neither open nor shut."""
    return observation.holds


def lifted(predicate: program.Lifted, observation: Observation) -> bool:
    """End effector high enough above the table."""
    return bool(observation.robot.end_effector_position[2] >= predicate.height)


def carried(predicate: program.Carried, observation: Observation) -> bool:
    """Closed on something that has left the table with the hand."""
    return grasped(program.Grasped(), observation) and lifted(
        program.Lifted(height=predicate.height), observation
    )


def above(predicate: program.Above, observation: Observation) -> bool:
    """End effector horizontally close to the place at the object's centre or beside it."""
    place = observation.scene[predicate.object].center + np.array(predicate.offset)
    offset = observation.robot.end_effector_position - place
    return bool(np.linalg.norm(offset[:2]) <= predicate.distance)


def reached(predicate: program.Reached, observation: Observation) -> bool:
    """End effector close to a named point."""
    goal = keypoints.position(predicate.keypoint, observation.scene) + np.array(predicate.offset)
    distance = np.linalg.norm(observation.robot.end_effector_position - goal)
    return bool(distance <= predicate.distance)


def tilted(predicate: program.Tilted, observation: Observation) -> bool:
    """The approach axis of the hand turned away from straight down."""
    quaternion = observation.robot.end_effector_quaternion
    x, y, _, _ = quaternion / np.linalg.norm(quaternion)
    # The z component of the hand's z axis is 1 - 2 (x^2 + y^2).
    cosine = 2.0 * (x**2 + y**2) - 1.0
    return bool(np.arccos(np.clip(cosine, -1.0, 1.0)) >= predicate.angle)


def released(predicate: program.Released, observation: Observation) -> bool:
    """Fingers open."""
    return observation.robot.gripper_width >= OPEN_WIDTH


def retreated(predicate: program.Retreated, observation: Observation) -> bool:
    """End effector high enough above the object."""
    top = observation.scene[predicate.object].top
    return bool(observation.robot.end_effector_position[2] - top[2] >= predicate.height)


def on(predicate: program.On, observation: Observation) -> bool:
    """One object seen over the place on or beside another one."""
    subject, target = _pair(predicate, observation)
    offset = subject.center - target.center - np.array(predicate.offset)
    return bool(np.linalg.norm(offset[:2]) <= predicate.distance)


def near(predicate: program.Near, observation: Observation) -> bool:
    """One object seen close to another one."""
    subject, target = _pair(predicate, observation)
    return bool(np.linalg.norm(subject.center - target.center) <= predicate.distance)


def apart(predicate: program.Apart, observation: Observation) -> bool:
    """One object seen far from another one, horizontally."""
    subject, target = _pair(predicate, observation)
    offset = subject.center - target.center
    return bool(np.linalg.norm(offset[:2]) >= predicate.distance)


def inside(predicate: program.Inside, observation: Observation) -> bool:
    """The centre of one object seen within the box of another one."""
    subject, target = _pair(predicate, observation)
    offset = np.abs(subject.center - target.center)
    return bool((offset <= target.extent / 2).all())


def _pair(
    predicate: program.On | program.Near | program.Apart | program.Inside,
    observation: Observation,
) -> tuple[SceneObject, SceneObject]:
    return observation.scene[predicate.object], observation.scene[predicate.target]


FUNCTIONS: dict[str, PredicateFunction] = {
    'grasped': grasped,
    'lifted': lifted,
    'carried': carried,
    'above': above,
    'reached': reached,
    'released': released,
    'retreated': retreated,
    'on': on,
    'near': near,
    'apart': apart,
    'inside': inside,
    'tilted': tilted,
}
"""What can be told from the present observation alone."""
HISTORY_FUNCTIONS: dict[str, PredicateFunction] = {
    'displaced': displaced,
    'moved': moved,
    'elapsed': elapsed,
}
"""What also takes how the stage began."""


def complete(
    stage: program.Stage, observation: Observation, history: StageHistory | None = None
) -> bool:
    """Whether every predicate of the stage holds; without a history it begins just now.

    Raises:
        UnknownObjectError: the scene lacks an object or a point of a predicate.
    """
    return not missing(stage, observation, history)


def missing(
    stage: program.Stage, observation: Observation, history: StageHistory | None = None
) -> tuple[str, ...]:
    """Kinds of the predicates that do not hold yet. Arguments and errors as of `complete`."""
    begun = history or StageHistory(observation, 0.0)
    return tuple(item.kind for item in stage.completion if not _holds(item, observation, begun))


def _holds(
    predicate: program.Predicate, observation: Observation, history: StageHistory
) -> bool:
    if predicate.kind in HISTORY_FUNCTIONS:
        return HISTORY_FUNCTIONS[predicate.kind](predicate, observation, history)
    return FUNCTIONS[predicate.kind](predicate, observation)
