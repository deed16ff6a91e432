"""Rewards have to be what they are in float32, and to gain where their gradient says so."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.layouts import as_tensors
from vls_core.rewards.verification.precision import holds_in_float32
from vls_core.rewards.verification.report import Check, Verdict

GOAL = torch.tensor([0.5, 0.1, 0.1])
SAMPLES = motions.motions(as_tensors({'mug': GOAL.tolist()}), 0)


def distances(trajectory):
    offset = trajectory.positions[:, 1:] - GOAL.to(trajectory.positions)
    return (offset.square().sum(-1) + 1e-9).sqrt()


def mean(trajectory):
    return distances(trajectory).mean(1)


def height(trajectory):
    return trajectory.positions[:, 1:, 2].mean(1)


def only_in_float32(trajectory):
    return -mean(trajectory) + (
        2 * (height(trajectory) - height(trajectory).detach())
        if trajectory.positions.dtype == torch.float32 else 0.0
    )


@pytest.mark.parametrize('right', [
    lambda t: -mean(t),
    lambda t: -distances(t).square().mean(1),
    lambda t: -distances(t).amin(1),
    lambda t: -torch.relu(0.2 - distances(t)).amax(1),
    lambda t: -mean(t) - t.positions.diff(n=2, dim=1).norm(dim=-1).mean(1),
    lambda t: -t.gripper[:, 1:].mean(1),
])
def test_ordinary_rewards_hold(right):
    found = holds_in_float32(right, SAMPLES, 0)
    assert found.verdict is Verdict.PASSED, found.text


@pytest.mark.parametrize(('wrong', 'word'), [
    (lambda t: -mean(t) + 3 * ((1e7 - height(t)) - 1e7), 'spread apart'),
    (only_in_float32, 'another one'),
    (lambda t: -mean(t) + 3 * torch.sin(6283 * mean(t)) / 6283, '1 mm'),
])
def test_rewards_that_round_or_ripple_fail(wrong, word):
    found = holds_in_float32(wrong, SAMPLES, 0)
    assert (found.check, found.verdict) == (Check.DERIVATIVE, Verdict.FAILED)
    assert word in found.text
