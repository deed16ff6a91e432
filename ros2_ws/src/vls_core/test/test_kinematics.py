"""The batched kinematics agree with pinocchio, link by link, and so do their gradients."""

from functools import cache
from pathlib import Path

import numpy as np
import pinocchio as pin
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.kinematics import LINK_NAMES, _fixed_placements, forward_kinematics

postures = st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).map(
    lambda shares: fr3.JOINT_LOWER_LIMITS
    + np.array(shares) * (fr3.JOINT_UPPER_LIMITS - fr3.JOINT_LOWER_LIMITS)
)


def random_postures(*shape, seed=0):
    shares = torch.rand(*shape, 7, generator=torch.Generator().manual_seed(seed)).double()
    lower, upper = (torch.tensor(limit) for limit in
                    (fr3.JOINT_LOWER_LIMITS, fr3.JOINT_UPPER_LIMITS))
    return lower + shares * (upper - lower)


@cache
def manufacturers_model():
    franky_sim = pytest.importorskip('franky_sim')
    return pin.buildModelFromUrdf(str(Path(franky_sim.__file__).parent / 'assets' / 'fr3.urdf'))


@settings(max_examples=100)
@given(postures)
def test_every_link_is_where_the_manufacturers_description_puts_it(posture):
    model = manufacturers_model()
    data = model.createData()
    pin.framesForwardKinematics(model, data, np.concatenate([posture, np.zeros(2)]))
    poses = forward_kinematics(torch.tensor(posture))
    for index, name in enumerate(LINK_NAMES):
        expected = data.oMf[model.getFrameId(name)]
        np.testing.assert_allclose(poses.rotations[index], expected.rotation, atol=1e-6)
        np.testing.assert_allclose(poses.positions[index], expected.translation, atol=1e-6)


@settings(max_examples=50)
@given(postures)
def test_jacobian_and_gradient_are_pinocchios_jacobian(posture):
    model = manufacturers_model()
    expected = pin.computeFrameJacobian(
        model, model.createData(), np.concatenate([posture, np.zeros(2)]),
        model.getFrameId('fr3_hand_tcp'), pin.ReferenceFrame.LOCAL_WORLD_ALIGNED,
    )[:, :7]
    joints = torch.tensor(posture)
    np.testing.assert_allclose(forward_kinematics(joints).jacobian(), expected, atol=1e-5)
    gradient = torch.autograd.functional.jacobian(
        lambda joints: forward_kinematics(joints).positions[-1], joints
    )
    np.testing.assert_allclose(gradient, expected[:3], atol=1e-5)


def test_gradients_of_all_poses_agree_with_finite_differences():
    def poses(joints):
        result = forward_kinematics(joints)
        return result.rotations, result.positions

    assert torch.autograd.gradcheck(poses, random_postures(2).requires_grad_(True))


def test_a_posture_in_a_batch_is_placed_like_alone():
    joints = random_postures(4, 3)
    batch = forward_kinematics(joints)
    assert batch.rotations.shape == (4, 3, 9, 3, 3) and batch.positions.shape == (4, 3, 9, 3)
    for row in range(4):
        for column in range(3):
            alone = forward_kinematics(joints[row, column])
            torch.testing.assert_close(batch.rotations[row, column], alone.rotations)
            torch.testing.assert_close(batch.positions[row, column], alone.positions)


def test_an_empty_batch_has_no_poses():
    assert forward_kinematics(torch.zeros(0, 5, 7)).positions.shape == (0, 5, 9, 3)


def test_single_precision_is_good_to_micrometres():
    joints = random_postures(50)
    single = forward_kinematics(joints.float())
    assert single.positions.dtype == torch.float32
    torch.testing.assert_close(
        single.positions.double(), forward_kinematics(joints).positions, atol=2e-6, rtol=0.0
    )


def test_constants_first_made_in_inference_mode_can_be_differentiated_later():
    _fixed_placements.cache_clear()
    with torch.inference_mode():
        forward_kinematics(random_postures())
    joints = random_postures().requires_grad_(True)
    forward_kinematics(joints).positions.sum().backward()
    assert joints.grad.abs().sum() > 0


def test_control_and_rewards_place_the_end_effector_alike():
    kinematics = Fr3Kinematics()
    for joints in random_postures(20):
        position, _ = kinematics.forward(joints.numpy())
        np.testing.assert_allclose(
            forward_kinematics(joints).positions[-1], position, atol=1e-9
        )
