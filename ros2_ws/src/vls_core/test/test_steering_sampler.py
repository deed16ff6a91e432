from dataclasses import replace

import numpy as np
import pytest
import torch
from two_way_policy import LEFT_END, START, TwoWayPolicy, box, observation

from vls_core.rewards.program import Avoid, Reach, Released, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import sample_base, sample_steered
from vls_core.steering.warm_up import warm_up
from vls_core.types import ObjectKind

CONFIG = SteeringConfig(coherence=0.0)


def stage(*terms):
    return Stage(name='test', terms=terms, completion=[Released()])


def run(policy, seen, reward, config=CONFIG, seed=0):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        return sample_steered(policy, seen, reward, config, generator)


def left_goal():
    seen = observation(box('goal', LEFT_END - [0, 0, 0.02]))
    return seen, StageReward(stage(Reach(object='goal')), seen.scene)


def test_without_guidance_the_base_policy_comes_out_bit_for_bit():
    policy = TwoWayPolicy()
    seen, reward = left_goal()
    config = replace(CONFIG, rungs=(0.0,), particles_per_rung=1)
    with torch.no_grad():
        plain = sample_base(policy, seen, torch.Generator().manual_seed(3))
        expected = policy.decode(plain, seen)
    steered = run(policy, seen, reward, config, seed=3)
    assert torch.equal(steered.trajectory.positions, expected.positions)
    assert torch.equal(steered.trajectory.gripper, expected.gripper)


def test_unguided_particles_are_untouched_by_the_guided_ones():
    policy = TwoWayPolicy()
    seen, reward = left_goal()
    generous = replace(CONFIG, tolerance=1e9)  # the mildest rung is always good enough
    with torch.no_grad():
        noise = torch.Generator().manual_seed(5)
        plain = policy.decode(
            sample_base(policy, seen, noise, len(CONFIG.rungs) * CONFIG.particles_per_rung), seen
        )
    chosen = run(policy, seen, reward, generous, seed=5)
    assert chosen.strength == 0.0
    distance = (plain.positions[:4] - chosen.trajectory.positions).abs().amax((1, 2))
    assert distance.min() == 0.0


@pytest.mark.parametrize('denoising_steps', [5, 10, 50])
def test_a_commanded_mode_is_found_and_kept_close_to_the_demonstrations(denoising_steps):
    policy = TwoWayPolicy(denoising_steps, rare=0.1)
    seen, reward = left_goal()
    ends = [run(policy, seen, reward, seed=seed).trajectory.positions[0, -1] for seed in range(20)]
    errors = [float(torch.linalg.norm(end - torch.as_tensor(LEFT_END))) for end in ends]
    assert np.mean(np.array(errors) < 0.04) >= 0.95


def test_a_goal_off_the_demonstrations_is_reached_and_unsteered_is_not():
    policy = TwoWayPolicy()
    goal = START + np.array([0.05, 0.0, 0.10])
    seen = observation(box('goal', goal - [0, 0, 0.02]))
    reward = StageReward(stage(Reach(object='goal')), seen.scene)
    steered = run(policy, seen, reward)
    with torch.no_grad():
        plain = policy.decode(sample_base(policy, seen, torch.Generator(), 64), seen)
    goal = torch.as_tensor(goal)
    assert float(torch.linalg.norm(steered.trajectory.positions[0, -1] - goal)) < 0.03
    assert float(torch.linalg.norm(plain.positions[:, -1] - goal, dim=1).min()) > 0.08


class Scaled:
    """A reward in another unit."""

    def __init__(self, reward, factor):
        self.reward, self.factor = reward, factor

    def __call__(self, trajectory):
        return self.factor * self.reward(trajectory)

    def terms(self, trajectory):
        return self.factor * self.reward.terms(trajectory)

    def weights(self, like):
        return self.reward.weights(like)

    def passes(self, trajectory):
        return self.reward.passes(trajectory)


@pytest.mark.parametrize('factor', [1e-3, 1e3])
def test_a_reward_in_another_unit_gives_the_same_plan(factor):
    """Whole ladder, obstacle and all; what a milder plan is forgiven is in the reward's unit."""
    post = box('post', START + [0.06, 0.06, 0.0], 0.03, ObjectKind.OBSTACLE)
    seen = observation(box('goal', START + [0.096, 0.0, -0.02]), post)
    reward = StageReward(stage(Reach(object='goal'), Avoid(object='post', weight=5)), seen.scene)
    scaled = replace(CONFIG, tolerance=factor * CONFIG.tolerance)
    for seed in range(3):
        plain = run(TwoWayPolicy(), seen, reward, seed=seed)
        other = run(TwoWayPolicy(), seen, Scaled(reward, factor), scaled, seed=seed)
        torch.testing.assert_close(
            plain.trajectory.positions, other.trajectory.positions, atol=2e-4, rtol=0
        )


@pytest.mark.parametrize('factor', [1e-2, 1.0, 10.0])
def test_the_weight_of_a_single_term_does_not_matter(factor):
    policy = TwoWayPolicy()
    seen, _ = left_goal()
    reward = StageReward(stage(Reach(object='goal', weight=factor)), seen.scene)
    strong = replace(CONFIG, rungs=(2.0,))
    scaled = run(policy, seen, reward, replace(strong, tolerance=0.0))
    plain = run(policy, seen, StageReward(stage(Reach(object='goal')), seen.scene), strong)
    torch.testing.assert_close(
        scaled.trajectory.positions, plain.trajectory.positions, atol=2e-3, rtol=0
    )


def test_an_obstacle_on_one_way_sends_the_plan_the_other_way():
    policy = TwoWayPolicy(rare=0.9)  # left is the habit
    obstacle = box('post', START + [0.06, 0.06, 0.0], 0.03, ObjectKind.OBSTACLE)
    goal = box('goal', START + [0.096, 0.0, -0.02])
    seen = observation(goal, obstacle)
    reward = StageReward(stage(Reach(object='goal'), Avoid(object='post', weight=5)), seen.scene)
    for seed in range(5):
        chosen = run(policy, seen, reward, seed=seed)
        assert not reward.collides(chosen.trajectory)[0]


def test_the_policy_is_asked_once_per_denoising_step_and_once_about_the_plans():
    policy = TwoWayPolicy(10)
    seen, reward = left_goal()
    run(policy, seen, reward, replace(CONFIG, plausibility_at=0.0))
    assert policy.calls == 10
    run(policy, seen, reward, replace(CONFIG, tolerance=1e9))
    assert policy.calls == 21


def test_same_seed_same_plan():
    seen, reward = left_goal()
    first, second = (run(TwoWayPolicy(), seen, reward, seed=9) for _ in range(2))
    assert torch.equal(first.trajectory.positions, second.trajectory.positions)


def test_warming_up_asks_the_policy_for_one_chunk():
    policy = TwoWayPolicy(10)
    warm_up(policy, CONFIG)
    assert policy.calls >= 10


@pytest.mark.parametrize('denoising_steps', [10, 50])
def test_resampling_fires_and_meets_its_target(denoising_steps):
    seen, reward = left_goal()
    config = replace(CONFIG, rungs=(1.0,), particles_per_rung=12, resample_size=0.5)
    chunk = run(TwoWayPolicy(denoising_steps), seen, reward, config)
    assert chunk.resamplings >= 2
    assert chunk.effective_sample_size == pytest.approx(6.0, rel=0.02)
    never = run(TwoWayPolicy(denoising_steps), seen, reward, replace(config, resample_size=1.0))
    assert never.resamplings == 0
