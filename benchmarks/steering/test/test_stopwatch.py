from itertools import count

import pytest
import torch

from benchmarks.steering.cost import demo_situation
from benchmarks.steering.denoisers import RealSizePolicy, UNet
from benchmarks.steering.stopwatch import Stopwatch, TimedPolicy, TimedReward
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import sample_steered


@pytest.fixture
def watch():
    ticks = count()
    return Stopwatch(lambda: float(next(ticks)))


def test_parts_add_up_and_the_rest_is_what_remains(watch):
    for _ in range(2):
        with watch.part('network'):
            pass
    watch.lap('reward')
    assert watch.seconds == {'network': 2.0, 'reward': 1.0, 'kinematics': 0.0}
    assert watch.shares(10.0, 2) == {
        'network': 1.0, 'reward': 0.5, 'kinematics': 0.0, 'rest': 3.5
    }


def test_the_way_back_through_reward_and_kinematics_is_counted(watch):
    policy, (observation, reward) = RealSizePolicy(UNet), demo_situation()
    actions = torch.zeros(2, policy.horizon, policy.action_width, requires_grad=True)
    timed_reward = TimedReward(reward, watch)
    rewards = timed_reward(TimedPolicy(policy, watch).decode(actions, observation))
    forward = dict(watch.seconds)
    rewards.sum().backward()
    assert watch.seconds['reward'] > forward['reward']
    assert watch.seconds['kinematics'] > forward['kinematics']
    assert watch.seconds['network'] == 0.0


def test_timing_changes_nothing(watch):
    policy, (observation, reward) = RealSizePolicy(UNet), demo_situation()
    config = SteeringConfig(rungs=(0.0, 2.0), particles_per_rung=1)

    def plan(policy, reward):
        generator = torch.Generator().manual_seed(3)
        return sample_steered(policy, observation, reward, config, generator)

    plain, timed = plan(policy, reward), plan(
        TimedPolicy(policy, watch), TimedReward(reward, watch)
    )
    assert torch.equal(plain.trajectory.positions, timed.trajectory.positions)
    assert watch.seconds['network'] >= policy.denoising_steps
