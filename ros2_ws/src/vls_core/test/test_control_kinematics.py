"""The assembled FR3 model agrees with the manufacturer's, and its inverse with its forward."""

from pathlib import Path

import numpy as np
import pinocchio as pin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError
from vls_core.types import InvalidValueError

kinematics = Fr3Kinematics()
inside = st.lists(st.floats(0.05, 0.95), min_size=7, max_size=7).map(
    lambda shares: fr3.JOINT_LOWER_LIMITS
    + np.array(shares) * (fr3.JOINT_UPPER_LIMITS - fr3.JOINT_LOWER_LIMITS)
)


def angle_between(first, second):
    return 2 * np.arccos(min(1.0, abs(np.dot(first, second))))


@pytest.fixture(scope='module')
def manufacturer():
    franky_sim = pytest.importorskip('franky_sim')
    model = pin.buildModelFromUrdf(str(Path(franky_sim.__file__).parent / 'assets' / 'fr3.urdf'))
    return model, model.createData(), model.getFrameId('fr3_hand_tcp')


def test_forward_agrees_with_the_manufacturers_description(manufacturer):
    model, data, frame = manufacturer
    for positions in np.random.default_rng(0).uniform(
        fr3.JOINT_LOWER_LIMITS, fr3.JOINT_UPPER_LIMITS, (50, 7)
    ):
        pin.framesForwardKinematics(model, data, np.concatenate([positions, np.zeros(2)]))
        expected = data.oMf[frame]
        position, quaternion = kinematics.forward(positions)
        np.testing.assert_allclose(position, expected.translation, atol=1e-6)
        np.testing.assert_allclose(
            pin.Quaternion(quaternion).toRotationMatrix(), expected.rotation, atol=1e-6
        )


def test_home_points_straight_down_above_the_table():
    position, quaternion = kinematics.forward(fr3.HOME_JOINT_POSITIONS)
    np.testing.assert_allclose(position, [0.40, 0.0, 0.30], atol=1e-6)
    assert angle_between(quaternion, fr3.DOWNWARD_QUATERNION) < 1e-6


@settings(max_examples=200)
@given(inside, st.lists(st.floats(-0.05, 0.05), min_size=7, max_size=7))
def test_solving_a_reachable_pose_near_the_seed_gives_that_pose(positions, offset):
    positions = np.clip(
        positions, fr3.JOINT_LOWER_LIMITS + 0.15, fr3.JOINT_UPPER_LIMITS - 0.15
    )
    position, quaternion = kinematics.forward(positions)
    solution = kinematics.solve(position, quaternion, positions + np.array(offset))
    reached_position, reached_quaternion = kinematics.forward(solution)
    assert np.linalg.norm(reached_position - position) < 2e-4
    assert angle_between(reached_quaternion, quaternion) < 2e-3
    assert (solution >= fr3.JOINT_LOWER_LIMITS).all()
    assert (solution <= fr3.JOINT_UPPER_LIMITS).all()


def test_the_table_is_within_reach_pointing_down():
    for x in (0.30, 0.50, 0.65):
        for y in (-0.35, 0.0, 0.35):
            for z in (0.02, 0.30):
                kinematics.solve(
                    np.array([x, y, z]), fr3.DOWNWARD_QUATERNION, fr3.HOME_JOINT_POSITIONS
                )


@pytest.mark.parametrize('position', [(2.0, 0.0, 0.3), (0.0, 0.0, 0.0), (0.5, 0.0, 1.5)])
def test_a_pose_out_of_reach_is_refused(position):
    with pytest.raises(UnreachableError, match='out of reach'):
        kinematics.solve(
            np.array(position), fr3.DOWNWARD_QUATERNION, fr3.HOME_JOINT_POSITIONS
        )


def test_a_pose_that_is_not_finite_is_refused():
    with pytest.raises(InvalidValueError):
        kinematics.solve(
            np.array([0.4, np.nan, 0.3]), fr3.DOWNWARD_QUATERNION, fr3.HOME_JOINT_POSITIONS
        )
