from dataclasses import replace

import numpy as np
import pytest
import torch
from two_way_policy import box, observation

from vls_core.policies.features import FEATURE_WIDTH, features, is_held
from vls_core.policies.flow import CheckpointError, FlowPolicy, FlowPolicyConfig
from vls_core.policies.training import TrainingConfig, cut_chunks, train
from vls_core.types import ObjectKind, UnknownObjectError

SMALL = FlowPolicyConfig(horizon=4, hidden_width=32, blocks=1)
SEEN = observation(box('cube', [0.4, 0, 0.02], kind=ObjectKind.GRASPABLE),
                   box('plate', [0.5, 0.2, 0.006]), subject='cube', target='plate')


def recording(episodes=3, length=20):
    """An end effector that always moves 1 cm along x per step, 5 mm behind its target."""
    steps = episodes * length
    x = np.tile(np.arange(length) * 0.01, episodes)
    position = np.stack([x, np.zeros(steps), np.full(steps, 0.2)], 1)
    return {
        'episode': np.repeat(np.arange(episodes), length),
        'end_effector_position': position,
        'expert_target_position': position + [0.015, 0.0, 0.0],
        'expert_gripper': np.ones(steps),
        'gripper_width': np.full(steps, 0.08),
        'gripper_command': np.ones(steps),
        'subject_position': np.tile([0.5, 0.0, 0.02], (steps, 1)),
        'target_position': np.tile([0.5, 0.2, 0.0], (steps, 1)),
    }


def test_chunks_are_displacements_and_stand_still_after_the_end():
    chunks = cut_chunks(recording(), 4)
    np.testing.assert_allclose(chunks.actions[0, :, 0], [0.015, 0.01, 0.01, 0.01], atol=1e-6)
    np.testing.assert_allclose(chunks.actions[19, 1:, 0], 0.0, atol=1e-6)


def test_training_lowers_the_loss_and_the_policy_does_as_shown():
    config = TrainingConfig(iterations=400, batch_size=64)
    policy, curve = train(cut_chunks(recording(), 4), SMALL, config)
    assert curve[-1] < 0.7 * curve[0]
    assert not any(parameter.requires_grad for parameter in policy.parameters())


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    policy = FlowPolicy(SMALL)
    policy.action_low.fill_(-1.0)
    policy.save(tmp_path / 'policy.safetensors', note='test')
    loaded = FlowPolicy.load(tmp_path / 'policy.safetensors')
    assert loaded.config == SMALL
    x = torch.randn(2, 4, 4)
    condition = policy.encode(SEEN)
    assert torch.equal(condition, loaded.encode(SEEN))
    assert torch.equal(policy.predict(x, 0.5, condition), loaded.predict(x, 0.5, condition))


def test_a_missing_or_foreign_checkpoint_is_named(tmp_path):
    with pytest.raises(CheckpointError, match='make train'):
        FlowPolicy.load(tmp_path / 'nothing.safetensors')
    garbage = tmp_path / 'garbage.safetensors'
    garbage.write_bytes(b'not a checkpoint')
    with pytest.raises(CheckpointError, match='garbage'):
        FlowPolicy.load(garbage)


def test_decoding_is_differentiable_and_starts_where_the_hand_is():
    policy = FlowPolicy(SMALL)
    actions = torch.randn(2, 4, 4, requires_grad=True)
    trajectory = policy.decode(actions, SEEN)
    np.testing.assert_allclose(trajectory.positions[0, 0].detach().numpy(),
                               SEEN.robot.end_effector_position, atol=1e-6)
    (gradient,) = torch.autograd.grad(trajectory.positions[:, -1].sum(), actions)
    assert torch.equal(gradient[..., :3], torch.ones(2, 4, 3))


def test_the_subject_of_the_task_has_to_be_in_the_scene():
    with pytest.raises(UnknownObjectError, match='there is no "ball"'):
        FlowPolicy(SMALL).encode(replace(SEEN, subject='ball'))


def test_a_held_object_is_where_the_hand_is():
    hand, subject = np.array([0.4, 0.1, 0.2]), np.array([0.0, 0.0, 0.0])
    held = features(hand, np.array(0.04), np.array(0.0), subject, subject)
    free = features(hand, np.array(0.08), np.array(1.0), subject, subject)
    assert held.shape == (FEATURE_WIDTH,)
    np.testing.assert_allclose(held[6:9], hand, atol=1e-6)
    np.testing.assert_allclose(free[6:9], subject, atol=1e-6)


@pytest.mark.parametrize(('width', 'command', 'held'), [
    (0.04, 0.0, True), (0.04, 1.0, False), (0.0, 0.0, False), (0.08, 0.0, False),
])
def test_holding_takes_a_closing_gripper_that_is_not_shut(width, command, held):
    assert bool(is_held(np.array(width), np.array(command))) is held
