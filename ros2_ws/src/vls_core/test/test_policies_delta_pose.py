import numpy as np
import pinocchio as pin
import torch
from hypothesis import given
from hypothesis import strategies as st
from two_way_policy import START, TwoWayPolicy, observation

from vls_core.policies.delta_pose import delta_pose_trajectory, rotation_matrix
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import sample_base, sample_steered

angles = st.lists(st.floats(-3, 3), min_size=3, max_size=3)
START_POSITION = torch.as_tensor(START, dtype=torch.float32)


@given(angles)
def test_rotation_vectors_become_the_rotations_pinocchio_knows(vector):
    made = rotation_matrix(torch.tensor(vector, dtype=torch.float64))
    np.testing.assert_allclose(made.numpy(), pin.exp3(np.array(vector)), atol=1e-5)


def test_no_rotation_has_a_finite_gradient():
    vector = torch.zeros(2, 3, dtype=torch.float64)
    assert torch.autograd.gradcheck(rotation_matrix, vector.requires_grad_(True), atol=1e-4)


def test_steps_add_up_in_the_base_frame():
    actions = torch.zeros(1, 2, 7)
    actions[0, :, 0], actions[0, :, 5] = 0.1, torch.pi / 4
    plan = delta_pose_trajectory(actions, torch.zeros(3), torch.eye(3), 1.0, 0.1)
    torch.testing.assert_close(plan.positions[0, -1], torch.tensor([0.2, 0.0, 0.0]))
    quarter = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    torch.testing.assert_close(plan.rotations[0, -1], quarter, atol=1e-5, rtol=0)


class TurningPolicy(TwoWayPolicy):
    """Seven actions of which the demonstrations keep rotation at 0 and the gripper open."""

    action_width = 7

    def __init__(self):
        super().__init__()
        self.means = torch.cat([self.means[..., :3], torch.zeros(2, 16, 3),
                                torch.ones(2, 16, 1)], 2)

    def decode(self, actions, seen):
        metric = actions * torch.tensor([0.01] * 3 + [0.1] * 3 + [1.0])
        return delta_pose_trajectory(metric, START_POSITION, torch.eye(3), 1.0, 1 / 15)


class Turned:
    """Asks for a turn of 0.5 rad about x within the chunk, and for a closed gripper at its end."""

    def terms(self, trajectory):
        wanted = rotation_matrix(torch.tensor([0.5, 0.0, 0.0]))
        turn = -(trajectory.rotations[:, -1] - wanted).square().sum((1, 2)).add(1e-6).sqrt()
        return torch.stack([turn, -trajectory.gripper[:, -4:].square().mean(1)], 1)

    def weights(self, like):
        return like.new_ones(2)

    def __call__(self, trajectory):
        return self.terms(trajectory).sum(1)

    def passes(self, trajectory):
        return torch.ones(trajectory.particles, dtype=torch.bool)


def test_rotation_and_gripper_are_steered_like_position():
    policy, reward = TurningPolicy(), Turned()
    plain = policy.decode(sample_base(policy, observation(), torch.Generator().manual_seed(0), 20),
                          observation())
    chunk = sample_steered(policy, observation(), reward, SteeringConfig(),
                           torch.Generator().manual_seed(0))
    best_plain = reward.terms(plain).amax(0)
    turn, gripper = chunk.term_rewards
    assert turn > -0.15 > float(best_plain[0])
    assert gripper > -0.2 > float(best_plain[1])
