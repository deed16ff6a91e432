"""The base policy keeps the contract that steering relies on, whatever its weights."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.spatial.transform import Rotation

from benchmarks.libero_pro.motion import Response
from benchmarks.libero_pro.policy import FAMILIES, HELD_WIDTH, LiberoPolicy, PolicyConfig
from vls_core.policies.flow import CheckpointError
from vls_core.types import ObjectKind, Observation, RobotState, Scene, SceneObject

DOWN = (Rotation.from_euler('z', 0.4) * Rotation.from_euler('x', np.pi)).as_quat()

JOINTS = np.array([0.0, -0.16, 0.0, -2.44, 0.0, 2.23, 0.79])
VELOCITIES = np.array([0.2, -0.3, 0.1, 0.4, 0.0, -0.2, 0.3])


def policy(family='flow'):
    torch.manual_seed(0)
    made = LiberoPolicy(PolicyConfig(
        family, ('bowl', 'plate'), Response(0.005, 0.5), Response(0.03, 0.5), hidden_width=32,
        blocks=2,
    ))
    made.action_mean.copy_(torch.linspace(-0.1, 0.1, 7))
    made.action_deviation.copy_(torch.linspace(0.3, 0.9, 7))
    made.instruction = 'put the bowl on the plate'
    return made.eval().requires_grad_(False)


def observation():
    robot = RobotState(0.0, JOINTS, VELOCITIES, np.array([0.4, 0.1, 0.2]), DOWN, 0.08)
    bowl = SceneObject('bowl', ObjectKind.GRASPABLE, np.array([0.5, 0.0, 0.03]), np.full(3, 0.1))
    return Observation(robot, Scene(0.0, (bowl,)), 'bowl', 'plate', 1.0, HELD_WIDTH)


@pytest.mark.parametrize('family', FAMILIES)
def test_motion_is_embedded_as_the_actions_that_lead_to_it(family):
    made, seen = policy(family), observation()
    actions = 0.3 * torch.randn(3, made.horizon, made.action_width)
    found = made.embed(made.decode(actions, seen), seen)
    torch.testing.assert_close(found, actions, atol=2e-3, rtol=0)


def test_the_simulator_is_asked_for_what_was_planned_within_its_range():
    made, seen = policy(), observation()
    actions = torch.randn(1, made.horizon, made.action_width)
    asked = made.simulator_actions(made.decode(actions, seen), seen.robot)
    wanted = (actions * made.action_deviation + made.action_mean)[0].clamp(-1, 1).numpy()
    assert asked == pytest.approx(wanted, abs=2e-3)


def test_a_trajectory_begins_where_the_hand_is_and_as_it_is_turned():
    made, seen = policy(), observation()
    trajectory = made.decode(torch.randn(2, made.horizon, made.action_width), seen)
    assert trajectory.positions[1, 0].tolist() == pytest.approx([0.4, 0.1, 0.2])
    assert trajectory.rotations[1, 0].numpy() == pytest.approx(
        Rotation.from_quat(DOWN).as_matrix(), abs=1e-6)


def test_decoding_is_differentiable_in_position_turn_and_gripper():
    made, seen = policy(), observation()
    actions = torch.randn(1, made.horizon, made.action_width, requires_grad=True)
    trajectory = made.decode(actions, seen)
    total = trajectory.positions.sum() + trajectory.rotations.sum() + trajectory.gripper.sum()
    total.backward()
    assert (actions.grad.abs().sum(1) > 0).all()


def test_another_sentence_is_another_condition():
    made, seen = policy(), observation()
    before = made.encode(seen)
    made.instruction = 'open the drawer'
    assert not torch.allclose(before, made.encode(seen))


@pytest.mark.parametrize('family', FAMILIES)
def test_a_saved_policy_is_read_back_frozen_and_predicts_the_same(family, tmp_path):
    made, seen = policy(family), observation()
    made.save(tmp_path / 'policy.safetensors')
    read = LiberoPolicy.load(tmp_path / 'policy.safetensors')
    assert read.config == made.config
    assert not any(weight.requires_grad for weight in read.parameters())
    read.instruction = made.instruction
    actions = torch.randn(2, made.horizon, made.action_width)
    torch.testing.assert_close(
        read.predict(actions, 0.5, read.encode(seen)),
        made.predict(actions, 0.5, made.encode(seen)), atol=0.02, rtol=0.02,
    )


def test_what_is_no_checkpoint_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(CheckpointError, match='make demos'):
        LiberoPolicy.load(tmp_path / 'none.safetensors')
    (tmp_path / 'bad.safetensors').write_bytes(b'nonsense')
    with pytest.raises(CheckpointError, match='no checkpoint'):
        LiberoPolicy.load(tmp_path / 'bad.safetensors')


def test_a_diffusion_checkpoint_that_does_not_say_what_it_predicts_is_refused(tmp_path):
    made = policy('diffusion')
    made.save(tmp_path / 'new.safetensors')
    assert LiberoPolicy.load(tmp_path / 'new.safetensors').process == made.process
    silent = {name: value for name, value in asdict(made.config).items() if name != 'prediction'}
    save_file(made.state_dict(), tmp_path / 'old.safetensors', {'config': json.dumps(silent)})
    with pytest.raises(CheckpointError, match='what its network predicts'):
        LiberoPolicy.load(tmp_path / 'old.safetensors')
