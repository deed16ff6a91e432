"""A wrench is stated where and along whose axes its frame says."""

from dataclasses import dataclass, field

import franky
import numpy as np
import pytest
from builtin_interfaces.msg import Time
from hypothesis import given
from hypothesis import strategies as st

from franka_bridge.wrench import external_wrench, wrench_message
from vls_core.control import fr3

HALF_TURN = fr3.HAND_ROTATION / 2
HAND = franky.Affine(
    [0.0, 0.0, fr3.HAND_TO_END_EFFECTOR], [0.0, 0.0, np.sin(HALF_TURN), np.cos(HALF_TURN)]
)
WRENCHES = st.lists(st.floats(-50.0, 50.0), min_size=6, max_size=6).map(np.array)


@dataclass
class HandMadeState:
    """What of a franky.RobotState counts here; franky makes none without a robot."""

    K_F_ext_hat_K: np.ndarray
    F_T_EE: franky.Affine = field(default_factory=lambda: HAND)
    EE_T_K: franky.Affine = field(default_factory=franky.Affine)


def test_the_state_of_franky_has_what_is_read():
    for name in ('K_F_ext_hat_K', 'F_T_EE', 'EE_T_K'):
        assert isinstance(getattr(franky.RobotState, name), property)


@given(WRENCHES)
def test_with_the_hand_configured_the_estimate_is_taken_as_it_is(wrench):
    assert external_wrench(HandMadeState(wrench)) == pytest.approx(wrench, abs=1e-9)


def test_a_force_at_the_flange_has_a_lever_arm_at_the_end_effector():
    state = HandMadeState(np.array([10.0, 0.0, 0.0, 0.0, 0.0, 0.0]), F_T_EE=franky.Affine())
    force, torque = np.split(external_wrench(state), 2)
    # The hand is turned by -45 degrees about z and the flange lies behind it.
    along = np.array([np.cos(np.pi / 4), np.sin(np.pi / 4), 0.0])
    assert force == pytest.approx(10.0 * along)
    lever = np.array([0.0, 0.0, -fr3.HAND_TO_END_EFFECTOR])
    assert torque == pytest.approx(np.cross(lever, force))


@given(WRENCHES, st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_where_the_stiffness_frame_lies_does_not_change_the_power(wrench, x, z):
    # The same wrench on the same motion does the same work in whatever frame it is stated.
    offset = franky.Affine([x, 0.0, z], [0.0, 0.0, np.sin(0.3), np.cos(0.3)])
    moved = external_wrench(HandMadeState(wrench, EE_T_K=offset))
    turn, shift = offset.matrix[:3, :3], offset.matrix[:3, 3]
    linear, angular = np.array([0.1, -0.2, 0.3]), np.array([0.5, 0.4, -0.3])
    at_stiffness_frame = turn.T @ (linear + np.cross(angular, shift))
    power = wrench[:3] @ at_stiffness_frame + wrench[3:] @ (turn.T @ angular)
    assert moved[:3] @ linear + moved[3:] @ angular == pytest.approx(power, abs=1e-9)


def test_the_message_names_its_frame():
    stamp = Time(sec=3, nanosec=4)
    message = wrench_message(stamp, np.arange(6.0))
    assert message.header.frame_id == 'fr3_hand_tcp'
    assert message.header.stamp == stamp
    force, torque = message.wrench.force, message.wrench.torque
    assert (force.x, force.y, force.z) == (0.0, 1.0, 2.0)
    assert (torque.x, torque.y, torque.z) == (3.0, 4.0, 5.0)
