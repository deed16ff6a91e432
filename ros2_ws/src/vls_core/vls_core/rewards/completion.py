"""Predicates that end a stage, judged from what is measured, never from the reward."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vls_core.policies.features import HELD_WIDTH
from vls_core.rewards import program
from vls_core.types import Observation

OPEN_WIDTH = 0.065
"""Finger distance from which the gripper counts as open [m]."""

PredicateFunction = Callable[..., bool]


def grasped(predicate: program.Grasped, observation: Observation) -> bool:
    """Closed on something: neither open nor shut."""
    low, high = HELD_WIDTH
    return observation.gripper_command < 0.5 and low < observation.robot.gripper_width < high


def lifted(predicate: program.Lifted, observation: Observation) -> bool:
    """End effector high enough above the table."""
    return bool(observation.robot.end_effector_position[2] >= predicate.height)


def carried(predicate: program.Carried, observation: Observation) -> bool:
    """Closed on something that has left the table with the hand."""
    return grasped(program.Grasped(), observation) and lifted(
        program.Lifted(height=predicate.height), observation
    )


def above(predicate: program.Above, observation: Observation) -> bool:
    """End effector horizontally close to the object's centre."""
    offset = (
        observation.robot.end_effector_position - observation.scene[predicate.object].center
    )
    return bool(np.linalg.norm(offset[:2]) <= predicate.distance)


def released(predicate: program.Released, observation: Observation) -> bool:
    """Fingers open."""
    return observation.robot.gripper_width >= OPEN_WIDTH


def retreated(predicate: program.Retreated, observation: Observation) -> bool:
    """End effector high enough above the object."""
    top = observation.scene[predicate.object].top
    return bool(observation.robot.end_effector_position[2] - top[2] >= predicate.height)


def on(predicate: program.On, observation: Observation) -> bool:
    """One object seen over another one."""
    scene = observation.scene
    offset = scene[predicate.object].center - scene[predicate.target].center
    return bool(np.linalg.norm(offset[:2]) <= predicate.distance)


def near(predicate: program.Near, observation: Observation) -> bool:
    """One object seen close to another one."""
    scene = observation.scene
    offset = scene[predicate.object].center - scene[predicate.target].center
    return bool(np.linalg.norm(offset) <= predicate.distance)


def inside(predicate: program.Inside, observation: Observation) -> bool:
    """The centre of one object seen within the box of another one."""
    scene = observation.scene
    target = scene[predicate.target]
    offset = np.abs(scene[predicate.object].center - target.center)
    return bool((offset <= target.extent / 2).all())


FUNCTIONS: dict[str, PredicateFunction] = {
    'grasped': grasped,
    'lifted': lifted,
    'carried': carried,
    'above': above,
    'released': released,
    'retreated': retreated,
    'on': on,
    'near': near,
    'inside': inside,
}


def complete(stage: program.Stage, observation: Observation) -> bool:
    """Whether every predicate of the stage holds. Raises UnknownObjectError."""
    return not missing(stage, observation)


def missing(stage: program.Stage, observation: Observation) -> tuple[str, ...]:
    """Kinds of the predicates that do not hold yet. Raises UnknownObjectError."""
    return tuple(
        item.kind for item in stage.completion if not FUNCTIONS[item.kind](item, observation)
    )
