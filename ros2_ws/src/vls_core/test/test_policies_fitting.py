"""Fitting lowers the loss and freezes what it returns; levels and losses are the family's."""

import pytest
import torch
from torch import nn

from vls_core.policies.fitting import (
    Fit,
    NormalisedPolicy,
    denoising_loss,
    fit,
    training_levels,
)
from vls_core.policies.process import DiffusionProcess, FlowProcess, NoiseLevel

PROCESSES = (
    FlowProcess(clean_time=0),
    *(DiffusionProcess(prediction=kind) for kind in ('noise', 'velocity', 'clean')),
)


def test_the_averaged_policy_is_frozen_and_better_than_it_began():
    torch.manual_seed(0)
    policy, inputs = nn.Linear(3, 1), torch.randn(64, 3)
    wanted = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])

    def loss():
        return (policy(inputs) - wanted).square().mean()

    before = loss().item()
    averaged, curve = fit(policy, loss, Fit(300, 0.05, 0.1, 0.9), 'line')
    assert len(curve) == 300
    assert (averaged(inputs) - wanted).square().mean().item() < 0.1 * before
    assert not any(weight.requires_grad for weight in averaged.parameters())


@pytest.mark.parametrize('process', PROCESSES)
def test_every_training_level_has_noise_and_none_is_all_the_same(process):
    levels = training_levels(process)
    assert (levels[:, 2] > 0).all()
    assert len(levels.unique(dim=0)) == len(levels) >= 100


@pytest.mark.parametrize('process', PROCESSES)
def test_only_what_sampling_takes_for_the_clean_actions_has_no_loss(process):
    torch.manual_seed(0)
    levels, clean = training_levels(process), torch.randn(50, 4, 2)
    by_time = {level[0].item(): NoiseLevel(*level.tolist()) for level in levels}

    def perfect(noisy, time):
        return torch.stack([
            _read_as(process, by_time[moment.item()], sample, actions)
            for moment, sample, actions in zip(time, noisy, clean, strict=True)
        ])

    assert denoising_loss(perfect, process, levels, clean).item() < 1e-3
    nothing = denoising_loss(lambda noisy, time: 0 * noisy, process, levels, clean)
    assert nothing.item() > 0.5


def _read_as(process, level, noisy, clean):
    """The prediction that `process.estimate`, which is linear in it, reads as these actions."""
    at_zero, at_one = (process.estimate(noisy, value * torch.ones_like(noisy), level)[0]
                       for value in (0.0, 1.0))
    return (clean - at_zero) / (at_one - at_zero)


def test_without_statistics_nothing_is_limited_and_with_them_actions_are():
    policy = NormalisedPolicy()
    policy.register_statistics(3, 2)
    actions = torch.tensor([[-5.0, 5.0]])
    assert policy.clip(actions).tolist() == [[-5.0, 5.0]]
    policy.action_low.fill_(-1.0)
    policy.action_high.fill_(2.0)
    assert policy.clip(actions).tolist() == [[-1.0, 2.0]]
