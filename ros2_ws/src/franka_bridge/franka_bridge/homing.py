"""The way home: first straight up, out of whatever stands on the table, then across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError
from vls_core.control.robot_limits import RobotLimits
from vls_core.control.trajectory import JointCurve, JointTrajectory
from vls_core.control.watchdog import TransitionError

_CLEAR_HEIGHT = 0.30
_HIGH_ENOUGH = 0.28
_STEP = 0.05  # s
_SHORTEST = 0.5  # s, for one leg
_PEAK = 1.5  # speed in the middle of a leg over its mean


def require_home_inside(workspace: fr3.WorkspaceBox) -> None:
    """Raises TransitionError if the end effector would be outside of its workspace at home."""
    position, _ = Fr3Kinematics().forward(fr3.HOME_JOINT_POSITIONS)
    if not workspace.contains(position):
        place = ', '.join(f'{value:.2f}' for value in position)
        raise TransitionError(
            f'cannot go home: the end effector would be at ({place}) m, which is not between '
            'workspace_lower and workspace_upper'
        )


def home_waypoints(start: np.ndarray) -> list[np.ndarray]:
    """Joint positions (7,) to go through from the start (7,) to the home position, inclusive."""
    kinematics = Fr3Kinematics()
    position, quaternion = kinematics.forward(start)
    if position[2] >= _HIGH_ENOUGH:
        return [fr3.HOME_JOINT_POSITIONS]
    above = np.array([position[0], position[1], _CLEAR_HEIGHT])
    try:
        lifted = kinematics.solve(above, quaternion, start)
    except UnreachableError:  # far out there is no going straight up
        return [fr3.HOME_JOINT_POSITIONS]
    return [lifted, fr3.HOME_JOINT_POSITIONS]


@dataclass(frozen=True)
class WayHome:
    """A curve that ends at home.

    Attributes:
        curve: to follow.
        end_time: when it rests there [s].
    """

    curve: JointCurve
    end_time: float


def way_home(start: np.ndarray, now: float, speed: float, limits: RobotLimits) -> WayHome:
    """From joint positions (7,) at rest, stopping at every waypoint.

    Args:
        now: when to leave [s].
        speed: share of the robot's joint velocities.
        limits: of the robot.
    """
    positions = [start]
    for end in home_waypoints(start):
        begin = positions[-1]
        shortest = _PEAK * np.abs((end - begin) / (speed * limits.velocity)).max()
        count = int(np.ceil(max(shortest, _SHORTEST) / _STEP))
        share = np.arange(1, count + 1) / count
        level = share**2 * (3.0 - 2.0 * share)
        positions += list(begin + level[:, None] * (end - begin))
    curve = JointTrajectory(now, _STEP, np.array(positions))
    return WayHome(curve, now + (len(positions) + 1) * _STEP)
