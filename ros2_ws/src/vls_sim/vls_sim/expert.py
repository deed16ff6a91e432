"""A scripted expert that picks the subject up and puts it on the target.

It decides from what it sees now (and its own last gripper command), never from a clock or a phase
counter, so that a policy which sees the same can imitate it, and a disturbed arm simply carries on
from where it is. It takes the straight way and does not know about obstacles.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vls_core.types import Observation
from vls_sim.rig import CONTROL_PERIOD
from vls_sim.scene_catalogue import CUBE_SIZE, item_named

MAXIMUM_SPEED = 0.22
MAXIMUM_ACCELERATION = 0.9
APPROACH_CLEARANCE = 0.12
"""Height over the place of a grasp or a release at which the hand arrives [m]."""

CARRY_HEIGHT = 0.18
RETREAT_HEIGHT = 0.20

_APPROACH_RATE = 5.0  # speed per remaining distance [1/s]
_FUNNEL_RADIUS = 0.006
_FUNNEL_WIDTH = 0.03
_RELEASE_CLEARANCE = 0.004
_ARRIVED = 0.005
_NEAR = 0.03
_CLEAR_OF_TABLE = 0.08
_HELD_WIDTH = (CUBE_SIZE - 0.008, CUBE_SIZE + 0.003)
_RELEASED_WIDTH = CUBE_SIZE + 0.02
_FIRM_GRASP_STEPS = 3


class Phase(StrEnum):
    """What the expert is doing."""

    APPROACH = 'approach'
    GRASP = 'grasp'
    CARRY = 'carry'
    RELEASE = 'release'
    RETREAT = 'retreat'


@dataclass(frozen=True)
class ExpertAction:
    """The next target.

    Attributes:
        position: (3,) where the end effector shall be one control period from now [m].
        gripper: opening, 0 closed or 1 open.
        phase: what for.
        at_rest: the expert has arrived where this phase ends.
    """

    position: np.ndarray
    gripper: float
    phase: Phase
    at_rest: bool


class Expert:
    """Chooses the next target at 15 Hz; one instance per episode.

    Args:
        start: (3,) present target of the end effector [m].
    """

    def __init__(self, start: np.ndarray) -> None:
        self._velocity = np.zeros(3)
        self._target = np.array(start, dtype=np.float64)
        self._closed = False
        self._firm_steps = 0

    def act(self, observation: Observation) -> ExpertAction:
        """The next target. Raises vls_core.types.UnknownObjectError."""
        phase = self._decide(observation)
        waypoint = self._waypoint(phase, observation)
        self._target = self._target + self._step_towards(waypoint)
        at_rest = bool(np.linalg.norm(waypoint - self._target) < _ARRIVED)
        return ExpertAction(self._target.copy(), 0.0 if self._closed else 1.0, phase, at_rest)

    def disturb(self, displacement: np.ndarray) -> None:
        """Tells the expert that the executed target was moved by displacement (3,) [m]."""
        self._target = self._target + displacement

    def _decide(self, observation: Observation) -> Phase:
        if self._closed:
            return self._decide_closed(observation)
        self._firm_steps = 0
        hand = observation.robot.end_effector_position
        subject = observation.scene[observation.subject].center
        if _is_placed(observation):
            opened = observation.robot.gripper_width > _RELEASED_WIDTH
            return Phase.RETREAT if opened else Phase.RELEASE
        if np.linalg.norm(hand - subject) < _ARRIVED:
            self._closed = True
            return Phase.GRASP
        return Phase.APPROACH

    def _decide_closed(self, observation: Observation) -> Phase:
        hand, width = observation.robot.end_effector_position, observation.robot.gripper_width
        subject = observation.scene[observation.subject].center
        near = np.linalg.norm(hand - subject) < _NEAR
        if not near or width < _HELD_WIDTH[0]:
            self._closed = False
            return Phase.APPROACH
        self._firm_steps += width < _HELD_WIDTH[1]
        if self._firm_steps <= _FIRM_GRASP_STEPS:
            return Phase.GRASP
        if np.linalg.norm(hand - _release_point(observation)) < _ARRIVED:
            self._closed = False
            return Phase.RELEASE
        return Phase.CARRY

    def _waypoint(self, phase: Phase, observation: Observation) -> np.ndarray:
        if phase is Phase.APPROACH:
            goal = observation.scene[observation.subject].center
            return self._through_funnel(goal, goal[2] + APPROACH_CLEARANCE)
        if phase is Phase.CARRY:
            return self._through_funnel(_release_point(observation), CARRY_HEIGHT)
        if phase is Phase.RETREAT:
            return np.array([*self._target[:2], RETREAT_HEIGHT])
        return self._target

    def _through_funnel(self, goal: np.ndarray, height: float) -> np.ndarray:
        """A waypoint at height, sinking to the goal (3,) as the hand comes to be over it."""
        lateral = np.hypot(*(goal - self._target)[:2])
        share = np.clip((lateral - _FUNNEL_RADIUS) / _FUNNEL_WIDTH, 0.0, 1.0)
        return np.array([*goal[:2], goal[2] + share * (height - goal[2])])

    def _step_towards(self, waypoint: np.ndarray) -> np.ndarray:
        way = waypoint - self._target
        if np.hypot(*way[:2]) > _FUNNEL_RADIUS + _FUNNEL_WIDTH:
            # Up before across, so that nothing is pushed over.
            way[:2] *= np.clip((self._target[2] - 0.04) / _CLEAR_OF_TABLE, 0.0, 1.0)
        distance = np.linalg.norm(way)
        wanted = way * min(_APPROACH_RATE, MAXIMUM_SPEED / max(distance, 1e-9))
        change = wanted - self._velocity
        largest = MAXIMUM_ACCELERATION * CONTROL_PERIOD
        change *= min(1.0, largest / max(np.linalg.norm(change), 1e-9))
        self._velocity = self._velocity + change
        return self._velocity * CONTROL_PERIOD


def _release_point(observation: Observation) -> np.ndarray:
    target = observation.scene[observation.target]
    support = target.center[2] - target.extent[2] / 2 + item_named(target.name).support_height
    height = support + CUBE_SIZE / 2 + _RELEASE_CLEARANCE
    return np.array([*target.center[:2], height])


def _is_placed(observation: Observation) -> bool:
    offset = observation.scene[observation.subject].center - _release_point(observation)
    return bool(np.hypot(*offset[:2]) < 0.04 and abs(offset[2]) < 0.015)
