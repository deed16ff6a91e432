"""The way home: first straight up, out of whatever stands on the table, then across."""

from __future__ import annotations

import numpy as np

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError

_CLEAR_HEIGHT = 0.30
_HIGH_ENOUGH = 0.28


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
