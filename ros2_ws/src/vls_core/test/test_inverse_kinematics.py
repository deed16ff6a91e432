"""The batched inverse kinematics is control's: same accuracy, same elbow, same refusals."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError
from vls_core.inverse_kinematics import follow_with_arm
from vls_core.kinematics import LINK_NAMES, forward_kinematics
from vls_core.types import InvalidValueError

LOWER, UPPER = torch.tensor([0.35, -0.35, 0.10]), torch.tensor([0.60, 0.35, 0.45])
ELBOW = LINK_NAMES.index('fr3_link4')
DOWN = torch.diag(torch.tensor([1.0, -1.0, -1.0])).double()
kinematics = Fr3Kinematics()


def paths(seed, particles=6, steps=16, step_length=0.02):
    """Straight paths from home that slide along the borders of a region well within reach."""
    generator = torch.Generator().manual_seed(seed)
    directions = torch.randn(particles, 1, 3, generator=generator, dtype=torch.float64)
    directions /= directions.norm(dim=-1, keepdim=True)
    start = torch.tensor([0.40, 0.0, 0.30]).double()
    along = start + step_length * directions * torch.arange(1, steps + 1).view(1, -1, 1)
    return torch.minimum(torch.maximum(along, LOWER), UPPER)


def by_control(path, start=fr3.HOME_JOINT_POSITIONS):
    joints, seed = [], start
    for position in path.numpy():
        seed = kinematics.solve(position, fr3.DOWNWARD_QUATERNION, seed)
        joints.append(seed)
    return torch.tensor(np.array(joints))


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), step_length=st.floats(0.0, 0.03))
def test_the_hand_is_on_the_path_and_points_down(seed, step_length):
    path = paths(seed, step_length=step_length)
    arm = follow_with_arm(path, fr3.HOME_JOINT_POSITIONS)
    poses = forward_kinematics(arm.joint_positions)
    assert arm.joint_positions.shape == (6, 16, 7) and arm.position_errors.shape == (6, 16)
    errors = (poses.positions[..., -1, :] - path).norm(dim=-1)
    assert errors.max() < 1e-3
    torch.testing.assert_close(arm.position_errors, errors)
    assert (poses.rotations[..., -1, :, :] - DOWN).abs().max() < 2e-3
    assert (arm.joint_positions >= torch.tensor(fr3.JOINT_LOWER_LIMITS)).all()
    assert (arm.joint_positions <= torch.tensor(fr3.JOINT_UPPER_LIMITS)).all()


@pytest.mark.parametrize('seed', [0, 1])
def test_the_elbow_is_where_control_takes_it(seed):
    path = paths(seed)
    joints = follow_with_arm(path, fr3.HOME_JOINT_POSITIONS).joint_positions
    controlled = torch.stack([by_control(particle) for particle in path])
    elbows = (forward_kinematics(each).positions[..., ELBOW, :] for each in (joints, controlled))
    first, second = elbows
    assert (first - second).norm(dim=-1).max() < 0.005


def test_from_an_arm_turned_aside_it_still_follows_control():
    start = fr3.HOME_JOINT_POSITIONS + np.array([0.4, 0.1, -0.4, 0.1, 0.2, 0.1, 0.1])
    position, _ = kinematics.forward(start)
    share = torch.linspace(0.0, 1.0, 16).double().unsqueeze(-1)
    goal = torch.tensor([0.5, -0.1, 0.25]).double()
    path = (torch.tensor(position) * (1 - share) + goal * share).unsqueeze(0)
    arm = follow_with_arm(path, start)
    assert arm.position_errors.max() < 1e-3
    first = forward_kinematics(arm.joint_positions[0]).positions[:, ELBOW]
    second = forward_kinematics(by_control(path[0], start)).positions[:, ELBOW]
    assert (first - second).norm(dim=-1).max() < 0.03


@pytest.mark.parametrize('end', [(0.40, 0.0, 1.2), (0.95, 0.0, 0.3), (0.15, 0.0, 0.05)])
def test_what_control_refuses_is_not_reached(end):
    share = torch.linspace(0.0, 1.0, 40).double().unsqueeze(-1)
    path = torch.tensor([0.40, 0.0, 0.30]).double() * (1 - share) + share * torch.tensor(end)
    errors = follow_with_arm(path.unsqueeze(0), fr3.HOME_JOINT_POSITIONS).position_errors[0]
    seed, refused = fr3.HOME_JOINT_POSITIONS, len(path)
    for step, position in enumerate(path.numpy()):
        try:
            seed = kinematics.solve(position, fr3.DOWNWARD_QUATERNION, seed)
        except UnreachableError:
            refused = step
            break
    assert 5 < refused < len(path)
    assert errors[: refused - 1].max() < 1e-3
    assert errors[refused + 1 :].max() > 1e-3


def test_a_path_is_followed_like_alone():
    path = paths(2)
    batch = follow_with_arm(path, fr3.HOME_JOINT_POSITIONS).joint_positions
    alone = [follow_with_arm(each.unsqueeze(0), fr3.HOME_JOINT_POSITIONS).joint_positions
             for each in path]
    torch.testing.assert_close(batch, torch.cat(alone))


def test_the_gradient_moves_the_hand_as_asked_and_does_not_turn_it():
    path = paths(3, particles=2, steps=5).requires_grad_(True)
    weight = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0)).double()
    poses = forward_kinematics(follow_with_arm(path, fr3.HOME_JOINT_POSITIONS).joint_positions)
    moved, turned = (
        torch.autograd.grad(value, path, retain_graph=True)[0]
        for value in ((poses.positions[..., -1, :] * weight).sum(),
                      poses.rotations[..., -1, 0, 1].sum())
    )
    torch.testing.assert_close(moved, weight, atol=0.02, rtol=0.02)
    assert turned.abs().max() < 0.05


def test_the_gradient_of_the_elbow_agrees_with_finite_differences():
    start = by_control(torch.tensor([[0.48, 0.12, 0.25]]).double())[-1].numpy()
    path = torch.tensor([[[0.48, 0.13, 0.25]]]).double()

    def elbow_height(path):
        joints = follow_with_arm(path, start, refinements=3).joint_positions
        return forward_kinematics(joints).positions[0, 0, ELBOW, 2]

    (gradient,) = torch.autograd.grad(
        elbow_height(live := path.clone().requires_grad_(True)), live
    )
    offsets = 1e-4 * torch.eye(3).double()
    slopes = torch.stack([
        (elbow_height(path + offset) - elbow_height(path - offset)) / 2e-4 for offset in offsets
    ])
    torch.testing.assert_close(gradient[0, 0], slopes, atol=0.02, rtol=0.02)


def test_single_precision_in_single_precision_out():
    path = paths(4).float().requires_grad_(True)
    arm = follow_with_arm(path, fr3.HOME_JOINT_POSITIONS)
    assert arm.joint_positions.dtype == arm.position_errors.dtype == torch.float32
    assert arm.position_errors.max() < 1e-3
    (gradient,) = torch.autograd.grad(arm.joint_positions.sum(), path)
    assert gradient.dtype == torch.float32 and torch.isfinite(gradient).all()


def test_at_the_edge_of_reach_values_and_gradients_stay_finite():
    path = torch.linspace(0.4, 1.2, 30).double().view(1, -1, 1) * torch.tensor([1.0, 0.0, 0.7])
    path.requires_grad_(True)
    joints = follow_with_arm(path, fr3.HOME_JOINT_POSITIONS).joint_positions
    (gradient,) = torch.autograd.grad(joints.sum(), path)
    assert torch.isfinite(joints).all() and torch.isfinite(gradient).all()


def test_no_steps_need_no_joints():
    arm = follow_with_arm(torch.zeros(3, 0, 3), fr3.HOME_JOINT_POSITIONS)
    assert arm.joint_positions.shape == (3, 0, 7)


def test_nonsense_is_refused():
    good = paths(0)
    with pytest.raises(InvalidValueError, match='B, T, 3'):
        follow_with_arm(good[0], fr3.HOME_JOINT_POSITIONS)
    with pytest.raises(InvalidValueError, match='7 finite'):
        follow_with_arm(good, fr3.HOME_JOINT_POSITIONS[:6])
    with pytest.raises(InvalidValueError, match='not finite'):
        follow_with_arm(good / 0.0, fr3.HOME_JOINT_POSITIONS)
