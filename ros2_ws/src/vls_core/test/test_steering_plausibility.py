"""The policy of these tests knows two plans, all -1 and all +1, and recovers the nearer one."""

from dataclasses import dataclass, field

import pytest
import torch

from vls_core.policies.process import DiffusionProcess, FlowProcess
from vls_core.steering.plausibility import denoising_error


@dataclass
class TwoPlans:
    process: object
    horizon: int = 4
    action_width: int = 2
    denoising_steps: int = 10
    seen: list = field(default_factory=list)

    def predict(self, actions, time, condition):
        level = next(it for it in self.process.levels(10) if it.time == time)
        self.seen.append((actions, level))
        clean = torch.sign(actions.mean((1, 2), keepdim=True)).expand_as(actions)
        noise = (actions - level.signal * clean) / level.noise
        return noise - clean if isinstance(self.process, FlowProcess) else noise


@pytest.fixture(params=[FlowProcess(clean_time=0), DiffusionProcess(prediction='noise')])
def policy(request):
    return TwoPlans(request.param)


def error(policy, actions, progress=0.9, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return denoising_error(policy, actions, torch.zeros(1), progress, generator)


def test_what_the_policy_knows_is_recovered_and_what_lies_between_is_not(policy):
    plans = torch.tensor([-1.0, -0.5, 1.0, 1.5]).view(4, 1, 1).expand(4, 4, 2)
    assert error(policy, plans).tolist() == pytest.approx([0.0, 0.25, 0.0, 0.25], abs=1e-6)


def test_all_plans_are_judged_by_the_same_noise(policy):
    error(policy, torch.zeros(5, 4, 2))
    noisy, _ = policy.seen[0]
    assert torch.equal(noisy, noisy[:1].expand_as(noisy))


def test_the_order_of_plans_does_not_matter(policy):
    plans = torch.randn(6, 4, 2, generator=torch.Generator().manual_seed(1))
    assert torch.equal(error(policy, plans.flip(0)), error(policy, plans).flip(0))


@pytest.mark.parametrize('progress', [0.3, 0.5, 0.9])
def test_the_nearest_level_with_noise_is_taken(policy, progress):
    error(policy, torch.zeros(1, 4, 2), progress)
    _, level = policy.seen[0]
    assert abs(level.progress - progress) < 0.12
    error(policy, torch.zeros(1, 4, 2), 1.0)
    assert policy.seen[1][1].noise > 0
