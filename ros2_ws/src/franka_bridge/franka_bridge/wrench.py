"""The external wrench at the end effector, as the robot estimates it.

The robot states its estimate at the origin of its stiffness frame K, which lies where Desk and the
program that connected last have put it. Here it is moved to `fr3_hand_tcp`, with the lever arm
that takes, so that message and frame belong together whatever is configured. The sign is
libfranka's: what the robot exerts on its surroundings is positive.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pinocchio as pin
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Vector3, WrenchStamped

from vls_core.control import fr3
from vls_core.types import END_EFFECTOR_FRAME

_END_EFFECTOR_IN_FLANGE = pin.SE3(
    pin.utils.rotate('z', fr3.HAND_ROTATION), np.array([0.0, 0.0, fr3.HAND_TO_END_EFFECTOR])
)


class Affine(Protocol):
    """The part of franky.Affine in use: a homogeneous matrix (4, 4)."""

    matrix: np.ndarray


class WrenchState(Protocol):
    """The part of franky.RobotState in use.

    Attributes:
        K_F_ext_hat_K: (6,) force [N] and torque [Nm] at K, in K.
        F_T_EE: end effector in the flange, as configured.
        EE_T_K: stiffness frame in that end effector.
    """

    K_F_ext_hat_K: np.ndarray
    F_T_EE: Affine
    EE_T_K: Affine


def external_wrench(state: WrenchState) -> np.ndarray:
    """(6,) force [N] and torque [Nm] at the origin of `fr3_hand_tcp` and along its axes."""
    in_flange = pin.SE3(np.asarray(state.F_T_EE.matrix)) * pin.SE3(np.asarray(state.EE_T_K.matrix))
    in_end_effector = _END_EFFECTOR_IN_FLANGE.actInv(in_flange)
    return in_end_effector.act(pin.Force(np.array(state.K_F_ext_hat_K))).vector


def wrench_message(stamp: Time, wrench: np.ndarray) -> WrenchStamped:
    """A message in `fr3_hand_tcp` from what `external_wrench` returned, (6,)."""
    message = WrenchStamped()
    message.header.stamp, message.header.frame_id = stamp, END_EFFECTOR_FRAME
    fx, fy, fz, tx, ty, tz = wrench.tolist()
    message.wrench.force = Vector3(x=fx, y=fy, z=fz)
    message.wrench.torque = Vector3(x=tx, y=ty, z=tz)
    return message
