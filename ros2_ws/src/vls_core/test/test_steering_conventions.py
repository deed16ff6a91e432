"""Steering in every convention a policy may be trained in: the reward has to rise in all."""

from dataclasses import replace

import pytest
import torch
from conventions import PROCESSES
from two_way_policy import LEFT_END, TwoWayPolicy, box, observation

from vls_core.policies.process import DiffusionProcess, FlowProcess
from vls_core.rewards.program import Reach, Released, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import sample_base, sample_steered

SEEN = observation(box('goal', LEFT_END - [0, 0, 0.02]))
REWARD = StageReward(
    Stage(name='go', terms=(Reach(object='goal'),), completion=(Released(),)), SEEN.scene
)
ONE = SteeringConfig(rungs=(2.0,), particles_per_rung=8, coherence=0.0)
processes = pytest.mark.parametrize('process', PROCESSES.values(), ids=PROCESSES.keys())


def steer(process, config, seed=0, rare=0.1):
    generator = torch.Generator().manual_seed(seed)
    return sample_steered(TwoWayPolicy(10, rare, process), SEEN, REWARD, config, generator)


def distance(trajectory):
    return (trajectory.positions[:, -1] - torch.as_tensor(LEFT_END).float()).norm(dim=1)


@processes
@pytest.mark.parametrize('backpropagate', [False, True])
def test_the_rare_mode_is_found_when_asked_for(process, backpropagate):
    config = replace(ONE, backpropagate=backpropagate)
    found = [float(distance(steer(process, config, seed).trajectory)) for seed in range(10)]
    policy = TwoWayPolicy(10, 0.1, process)
    plain = policy.decode(sample_base(policy, SEEN, torch.Generator().manual_seed(0), 10), SEEN)
    assert sum(item < 0.03 for item in found) >= 9
    assert float((distance(plain) < 0.03).float().mean()) <= 0.4


@processes
@pytest.mark.parametrize('extra', [
    {'stochasticity': 1.0}, {'refinements': 3}, {'schedule': 'decay'}, {'guide_last': False},
    {'fade': 0.02}, {'inner_steps': 1}, {'momentum': 0.8, 'last_inner_steps': 16},
    {'levelling': 0.5},
], ids=str)
def test_every_ingredient_still_leads_to_the_goal(process, extra):
    found = [float(distance(steer(process, replace(ONE, **extra), seed, 0.5).trajectory))
             for seed in range(5)]
    assert sum(item < 0.04 for item in found) >= 4


@processes
def test_strength_zero_is_the_base_policy_bit_for_bit(process):
    config = replace(ONE, rungs=(0.0,), particles_per_rung=3)
    policy = TwoWayPolicy(10, 0.5, process)
    plain = policy.decode(sample_base(policy, SEEN, torch.Generator().manual_seed(4), 3), SEEN)
    chosen = steer(process, config, 4, 0.5).trajectory
    assert (plain.positions == chosen.positions).all(2).all(1).any()


@pytest.mark.parametrize(('process', 'sign'), [
    (FlowProcess(clean_time=0), -1), (FlowProcess(clean_time=1), 1),
    (DiffusionProcess('noise'), -1), (DiffusionProcess('velocity'), -1),
    (DiffusionProcess('clean'), 1),
], ids=str)
def test_moving_the_clean_estimate_uphill_moves_the_prediction_as_the_literature_has_it(
    process, sign
):
    """v - w * gradient for pi0, v + w * gradient for GR00T, noise - w * gradient for DDPM."""
    level = process.levels(10)[5]
    noisy = torch.randn(1, 4, 2, generator=torch.Generator().manual_seed(0))
    prediction = torch.zeros_like(noisy)
    uphill = torch.ones_like(noisy)
    with torch.enable_grad():
        leaf = prediction.requires_grad_(True)
        clean, _ = process.estimate(noisy, leaf, level)
        (gradient,) = torch.autograd.grad((clean * uphill).sum(), leaf)
    assert (torch.sign(gradient) == sign).all()
