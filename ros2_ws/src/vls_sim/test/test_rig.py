"""The rig is deterministic, resets fully, follows targets and holds what it grasped."""

import numpy as np
import pytest

from vls_core.types import InvalidValueError, ObjectKind
from vls_sim.rig import POSITION_NOISE, NotResetError, Rig
from vls_sim.scene_catalogue import CATALOGUE


def drive(rig, goals):
    for goal in goals:
        rig.step(np.array(goal), 1.0)
    state = rig.robot_state()
    return np.concatenate([state.joint_positions, rig.data.qpos, [state.stamp]])


GOALS = [(0.40 + 0.01 * step, -0.01 * step, 0.30 - 0.01 * step) for step in range(15)]


def test_the_same_seed_and_steps_lead_to_the_same_state(rig):
    rig.reset(7, 'obstacle')
    first = drive(rig, GOALS)
    rig.reset(8, 'moved_object')
    drive(rig, GOALS[:4])
    rig.reset(7, 'obstacle')
    np.testing.assert_array_equal(drive(rig, GOALS), first)


def test_a_reset_brings_arm_gripper_and_objects_back(rig):
    rig.reset(1, 'none')
    before = rig.robot_state()
    for _ in range(12):
        rig.step(np.array([0.5, 0.1, 0.2]), 0.0)
    assert rig.robot_state().gripper_width < 0.02
    rig.reset(1, 'none')
    after = rig.robot_state()
    np.testing.assert_array_equal(after.joint_positions, before.joint_positions)
    assert after.gripper_width == before.gripper_width
    assert after.stamp == before.stamp


def test_home_is_over_the_table_with_the_hand_open_and_downward(rig):
    rig.reset(0, 'none')
    state = rig.robot_state()
    np.testing.assert_allclose(state.end_effector_position, [0.40, 0.0, 0.30], atol=1e-3)
    np.testing.assert_allclose(np.abs(state.end_effector_quaternion), [1, 0, 0, 0], atol=1e-3)
    assert state.gripper_width == pytest.approx(0.08, abs=1e-3)


def test_objects_stand_where_the_layout_says(rig):
    for shift in ('none', 'moved_object', 'moved_target', 'obstacle', 'other_target'):
        layout = rig.reset(11, shift)
        for item in rig.scene().objects:
            np.testing.assert_allclose(item.center, layout.positions[item.name], atol=1e-3)


def test_the_arm_follows_a_slow_target_within_5_mm(rig):
    rig.reset(0, 'none')
    position = rig.robot_state().end_effector_position
    for _ in range(25):
        position = position + [0.002, 0.003, -0.004]
        rig.step(position, 1.0)
    rig.step(position, 1.0)
    distance = rig.robot_state().end_effector_position - position
    assert np.linalg.norm(distance) < 0.005


def test_targets_below_the_table_are_raised_into_the_workspace(rig):
    rig.reset(0, 'none')
    for height in np.linspace(0.30, -0.10, 30):
        rig.step(np.array([0.40, 0.02, height]), 1.0)
    assert rig.robot_state().end_effector_position[2] > 0.005


def test_the_gripper_keeps_on_between_its_two_thresholds(rig):
    rig.reset(0, 'none')
    home = np.array([0.40, 0.0, 0.30])
    rig.step(home, 0.5)
    assert rig.robot_state().gripper_width > 0.079
    rig.step(home, 0.0)
    for _ in range(14):
        rig.step(home, 0.5)
    assert rig.robot_state().gripper_width < 0.01


def test_the_scene_looks_like_one_of_perception(rig):
    layout = rig.reset(2, 'none')
    scene = rig.scene()
    assert set(scene.names) == {item.name for item in CATALOGUE}
    cube = scene[layout.subject]
    assert cube.kind is ObjectKind.GRASPABLE
    assert [key.name for key in cube.keypoints] == ['center', 'top']
    np.testing.assert_allclose(cube.keypoints[1].position, cube.top)
    np.testing.assert_allclose(cube.extent, 0.04, atol=1e-3)


def test_noise_on_the_scene_has_the_stated_size(rig):
    rig.reset(2, 'none')
    generator, truth = np.random.default_rng(0), rig.scene()
    errors = np.array([
        noisy.center - true.center
        for _ in range(40)
        for noisy, true in zip(rig.scene(generator).objects, truth.objects, strict=True)
    ])
    assert errors.std() == pytest.approx(POSITION_NOISE, rel=0.1)
    assert abs(errors.mean()) < 5e-4


@pytest.mark.parametrize('position, gripper', [
    ([np.nan, 0, 0.3], 1.0), ([0.4, 0.0], 1.0), ([0.4, 0.0, 0.3], np.inf)
])
def test_a_step_refuses_what_is_not_a_target(rig, position, gripper):
    rig.reset(0, 'none')
    with pytest.raises(InvalidValueError):
        rig.step(np.array(position), gripper)


def test_a_rig_must_be_reset_before_use():
    rig = Rig()
    with pytest.raises(NotResetError):
        rig.step(np.array([0.4, 0.0, 0.3]), 1.0)
    with pytest.raises(NotResetError):
        rig.score()
