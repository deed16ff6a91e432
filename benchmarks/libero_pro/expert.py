"""A scripted expert: picks and places with the simulator's own knowledge of every shape and pose.

It stands in for the people whose demonstrations a policy learns from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.libero_pro.goal import PickAndPlace, pick_and_place
from benchmarks.libero_pro.grasp import Grasp, plan_grasp
from benchmarks.libero_pro.simulation import CLOSED, OPEN, Simulation
from benchmarks.libero_pro.solids import solid

CLEARANCE = 0.06
"""Between what is carried and what it is carried over [m]."""
HOVER = 0.08
"""Of the fingertips above the grasp, before they descend [m]."""
_DROP = 0.02  # m above what is below, when the fingers open
_GAIN = 4.0  # of the proportional controller, in actions of 5 cm or 0.5 rad
_TRANSLATION, _ROTATION = 0.05, 0.5  # m and rad of an action of 1
_ARRIVED, _CLOSE = 0.015, 0.01  # m; a disturbed hand is hardly ever closer
_ALIGNED = 0.15  # rad
_FUNNEL = 6.0  # m of height for every m beside the place
_SQUEEZING, _RELEASING = 10, 6  # steps
_PATIENCE = 80  # steps for one waypoint


@dataclass(frozen=True)
class Waypoint:
    """Where the hand goes, and when it is there.

    Attributes:
        name: of the phase.
        position: (3,) of the point between the fingertips, in the world [m].
        yaw: of the line between the fingers [rad].
        gripper: OPEN or CLOSED, on the way.
        tolerance: [m].
        waits: steps to stay, once there.
        funnel: come down only as far as the hand is over the place.
    """

    name: str
    position: np.ndarray
    yaw: float
    gripper: float
    tolerance: float = _ARRIVED
    waits: int = 0
    funnel: bool = False


class Expert:
    """Plans when it is asked for the first action, and acts until it has gone through its plan.

    Args:
        simulation: begun.

    Raises:
        NotPickAndPlaceError: this expert knows nothing else.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.goal: PickAndPlace = pick_and_place(simulation)
        self._actions = self._act()

    def action(self) -> np.ndarray | None:
        """(7,) the next one, for the state that the simulation is in; None after the last."""
        return next(self._actions, None)

    def _act(self) -> Iterator[np.ndarray]:
        for waypoint in self._waypoints():
            for _ in range(_PATIENCE):
                if self._there(waypoint):
                    break
                yield self._towards(waypoint)
            for _ in range(waypoint.waits):
                yield self._towards(waypoint)

    def _waypoints(self) -> Iterator[Waypoint]:
        """Each is planned when the one before has been reached: things may have been pushed."""
        grasp = self._grasp()
        above = grasp.position + [0.0, 0.0, HOVER]
        yield Waypoint('above', above, grasp.yaw, OPEN)
        grasp = self._grasp()
        yield Waypoint('descend', grasp.position, grasp.yaw, OPEN, _CLOSE, funnel=True)
        yield Waypoint('close', grasp.position, grasp.yaw, CLOSED, np.inf, _SQUEEZING)
        height = self._travel_height(grasp)
        lifted = np.append(grasp.position[:2], height)
        yield Waypoint('lift', lifted, grasp.yaw, CLOSED, 0.03)
        offset = self._held_offset()
        place = self._simulation.place(self.goal.place)
        over = np.append(place[:2] - offset[:2], height)
        yield Waypoint('carry', over, grasp.yaw, CLOSED, 0.01)
        lowered = np.append(over[:2], min(place[2] + grasp.hanging + _DROP, height))
        yield Waypoint('lower', lowered, grasp.yaw, CLOSED)
        yield Waypoint('open', lowered, grasp.yaw, OPEN, np.inf, _RELEASING)
        yield Waypoint('leave', np.append(over[:2], height), grasp.yaw, OPEN, 0.03)

    def _grasp(self) -> Grasp:
        subject = self.goal.subject
        others = [solid(self._simulation, name) for name in self._simulation.obstacles
                  if name != subject]
        thing = solid(self._simulation, subject)
        place = self._simulation.place(self.goal.place)
        below = [*((thing.low + thing.high)[:2] / 2), thing.low[2]]
        return plan_grasp(thing, others, place - below)

    def _held_offset(self) -> np.ndarray:
        """(3,) from the hand to the middle of what it holds [m]."""
        held = solid(self._simulation, self.goal.subject)
        return (held.low + held.high) / 2 - self._simulation.robot().position

    def _travel_height(self, grasp: Grasp) -> float:
        """At which the fingertips carry the thing over everything on the way [m]."""
        others = [
            solid(self._simulation, name).high[2]
            for name in self._simulation.obstacles if name != self.goal.subject
        ]
        hand = grasp.position[2] + CLEARANCE
        return max(hand, *(top + grasp.hanging + CLEARANCE for top in others))

    def _there(self, waypoint: Waypoint) -> bool:
        robot = self._simulation.robot()
        error = waypoint.position - robot.position
        turn = _turn_to(waypoint.yaw, robot.quaternion)
        return bool(
            np.linalg.norm(error) < waypoint.tolerance
            and (np.linalg.norm(turn) < _ALIGNED or not np.isfinite(waypoint.tolerance))
        )

    def _towards(self, waypoint: Waypoint) -> np.ndarray:
        robot = self._simulation.robot()
        error = waypoint.position - robot.position
        if waypoint.funnel:
            # Fingers that come down beside their place would push the thing over.
            aside = max(float(np.linalg.norm(error[:2])) - _CLOSE, 0.0)
            error[2] += min(_FUNNEL * aside, HOVER)
        move = _GAIN * error / _TRANSLATION
        turn = _GAIN / 2 * _turn_to(waypoint.yaw, robot.quaternion) / _ROTATION
        return np.clip(np.concatenate([move, turn, [waypoint.gripper]]), -1.0, 1.0)


def _turn_to(yaw: float, quaternion: np.ndarray) -> np.ndarray:
    """(3,) rotation vector, in the world, to a hand that points down with its fingers at a yaw;
    the shorter of the two ways [rad].
    """
    present = Rotation.from_quat(quaternion)
    turns = [
        (Rotation.from_euler('z', yaw - np.pi / 2 + half) * Rotation.from_euler('x', np.pi)
         * present.inv()).as_rotvec()
        for half in (0.0, np.pi)
    ]
    return min(turns, key=np.linalg.norm)
