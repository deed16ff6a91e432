"""The ways in which an arm can be made to follow references."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

import franky

from franka_bridge.arm import ArmState
from vls_core.control.limiter import Reference


class FollowMode(Enum):
    """How references become motion; the values are those of the parameter `mode`."""

    JOINT_IMPEDANCE = 'joint_impedance'
    JOINT_VELOCITY = 'joint_velocity'
    CARTESIAN_IMPEDANCE = 'cartesian_impedance'


class Follower(Protocol):
    """One way to follow references through franky, begun anew every time the arm is armed."""

    def begin(self, robot: franky.Robot) -> None:
        """Starts to follow, holding the present position. Raises what franky raises."""

    def follow(self, reference: Reference, measured: ArmState) -> None:
        """Follows a reference from now on. Raises what franky raises."""

    def rest_motion(self) -> franky.Motion:
        """What brings the arm smoothly to rest and ends."""
