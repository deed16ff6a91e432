"""Cartesian impedance: a spring at the end effector, as compliant in every direction."""

from __future__ import annotations

import franky
import numpy as np

from franka_bridge.arm import ArmState
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference

_TRANSLATION = 1500.0  # N/m
_ROTATION = 80.0  # Nm/rad
_POSTURE = 10.0  # Nm/rad, of the redundant joint to the posture at the start
_TORQUE_RATE = 0.9  # Nm per millisecond; the robot allows 1


class CartesianImpedance:
    """Follows the pose of the end effector that the reference's joints would have.

    The robot may have any end effector configured: what is sent is its pose, found from ours by
    the constant between the two, as measured when following begins.
    """

    def __init__(self) -> None:
        self._kinematics = Fr3Kinematics()

    def begin(self, robot: franky.Robot) -> None:
        """Starts the impedance controller at the present pose."""
        state = robot.state
        ours = self._pose(np.array(state.q))
        self._to_theirs = ours.inverse * state.O_T_EE
        self._tracker = franky.CartesianImpedanceTracker(
            robot,
            translational_stiffness=_TRANSLATION,
            rotational_stiffness=_ROTATION,
            posture_task=franky.PostureTask(np.array(state.q), _POSTURE),
            max_delta_tau=_TORQUE_RATE,
        )

    def follow(self, reference: Reference, measured: ArmState) -> None:
        """Hands the pose to the impedance controller."""
        self._tracker.set_target(self._pose(reference.position) * self._to_theirs)

    def rest_motion(self) -> franky.Motion:
        """Ramps the torque down into damping."""
        return franky.TorqueStopMotion()

    def _pose(self, positions: np.ndarray) -> franky.Affine:
        position, quaternion = self._kinematics.forward(positions)
        return franky.Affine(position, quaternion)
