"""Dead, false and undefined gradients are told from live ones."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification import gradient
from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.layouts import as_tensors
from vls_core.rewards.verification.report import Check, Verdict

GOAL = torch.tensor([0.5, 0.1, 0.1])
POINTS = as_tensors({'mug': GOAL.tolist()})
SAMPLES = motions.motions(POINTS, 0)


def distances(trajectory):
    offset = trajectory.positions[:, 1:] - GOAL.to(trajectory.positions)
    return (offset.square().sum(-1) + 1e-9).sqrt()


def tilt(trajectory):
    return -(1 + trajectory.rotations[:, 1:, 2, 2]).mean(1)


LIVE = {
    'mean': lambda trajectory: -distances(trajectory).mean(1),
    'end': lambda trajectory: -distances(trajectory)[:, -1],
    'nearest': lambda trajectory: -distances(trajectory).amin(1),
    'keep away': lambda trajectory: -torch.relu(0.15 - distances(trajectory)).amax(1),
    'floor': lambda trajectory: -torch.relu(0.2 - trajectory.positions[:, 1:, 2]).mean(1),
    'gripper': lambda trajectory: -trajectory.gripper[:, 1:].mean(1),
    'upright': tilt,
    'smooth': lambda trajectory: -trajectory.positions.diff(n=2, dim=1).square().sum((1, 2)),
}
DEAD = {
    'constant': lambda trajectory: -1.0 + 0.0 * trajectory.positions[:, -1, 0],
    'now': lambda trajectory: -(trajectory.positions[:, 0] - GOAL).norm(dim=1),
    'next step': lambda trajectory: -distances(trajectory)[:, 0],
    'rounded': lambda trajectory: -(20 * distances(trajectory)[:, -1]).round() / 20,
    'detached': lambda trajectory: -distances(trajectory).detach().mean(1),
    'saturated': lambda trajectory: -distances(trajectory).clamp_max(0.05).mean(1),
    'bump': lambda trajectory: torch.exp(-distances(trajectory)[:, -1] ** 2 / 5e-4) - 1,
    'other gripper': lambda trajectory: -trajectory.gripper[:, 0],
}


@pytest.mark.parametrize('name', LIVE)
def test_live_gradients_pass(name):
    outcome = gradient.live(gradient.differentiate(LIVE[name], SAMPLES))
    assert outcome.verdict is Verdict.PASSED, outcome.text


@pytest.mark.parametrize('name', DEAD)
def test_dead_gradients_fail(name):
    outcome = gradient.live(gradient.differentiate(DEAD[name], SAMPLES))
    assert (outcome.check, outcome.verdict) == (Check.GRADIENT, Verdict.FAILED)


def test_a_gradient_that_is_dead_here_and_there_is_warned_of():
    def saturates_far_away(trajectory):
        return -distances(trajectory)[:, -1].clamp_max(0.55)

    outcome = gradient.live(gradient.differentiate(saturates_far_away, SAMPLES))
    assert outcome.verdict is Verdict.WARNING


def test_what_cannot_be_changed_any_more_has_no_gradient():
    found = gradient.differentiate(LIVE['mean'], SAMPLES)
    everywhere = gradient.differentiate(
        lambda trajectory: -(trajectory.positions - GOAL).square().sum((1, 2)), SAMPLES
    )
    for each in (found, everywhere):
        assert (each.positions[:, 0] == 0).all()
        assert (each.positions[:, 1:] != 0).any()
    assert (found.gripper == 0).all()


@pytest.mark.parametrize('name', sorted(LIVE.keys() - {'upright'}))
def test_true_derivatives_pass(name):
    outcome = gradient.true_derivative(LIVE[name], SAMPLES, 0)
    assert outcome.verdict is Verdict.PASSED, outcome.text


@pytest.mark.parametrize('false', [
    lambda trajectory: -(distances(trajectory) * distances(trajectory).detach()).mean(1),
    lambda trajectory: -distances(trajectory)[:, -1].detach() - 0.1 * distances(trajectory)[:, 3],
    lambda trajectory: -distances(trajectory).mean(1) * distances(trajectory).mean(),
])
def test_false_derivatives_fail(false):
    outcome = gradient.true_derivative(false, SAMPLES, 0)
    assert (outcome.check, outcome.verdict) == (Check.DERIVATIVE, Verdict.FAILED)


@pytest.mark.parametrize('name', LIVE)
def test_smooth_rewards_are_defined_everywhere(name):
    assert gradient.degenerate(LIVE[name], POINTS, {}).verdict is Verdict.PASSED


@pytest.mark.parametrize(('broken', 'word'), [
    (lambda trajectory: -(trajectory.positions[:, -1] - GOAL).square().sum(-1).sqrt(), '"mug"'),
    (lambda trajectory: -1 / (trajectory.positions[:, -1] - GOAL).norm(dim=-1), '"mug"'),
    (lambda trajectory: -trajectory.positions.diff(dim=1).square().sum((1, 2)).sqrt(), 'standing'),
    (lambda trajectory: 1 - torch.exp(50 * distances(trajectory)[:, -1]), '5 m away'),
    (lambda trajectory: -trajectory.positions[:, -1].square().sum(-1).sqrt(), 'origin'),
    (lambda trajectory: -trajectory.gripper[:, -1].sqrt(), 'gradient'),
])
def test_corner_cases_are_named(broken, word):
    outcome = gradient.degenerate(broken, POINTS, {})
    assert (outcome.check, outcome.verdict) == (Check.DEGENERATE, Verdict.FAILED)
    assert word in outcome.text


def test_the_goal_itself_is_a_corner_case():
    above = GOAL + torch.tensor([0.0, 0.0, 0.1])

    def broken(trajectory):
        return -(trajectory.positions[:, -1] - above).square().sum(-1).sqrt()

    assert gradient.degenerate(broken, POINTS, {}).verdict is Verdict.PASSED
    assert gradient.degenerate(broken, POINTS, {'the goal': above}).verdict is Verdict.FAILED


def test_what_only_step_0_spoils_is_nobodys_fault():
    def worst_of_all(trajectory):
        offset = (trajectory.positions - GOAL).square().sum(-1) + 1e-9
        return -torch.relu(0.1 - offset.sqrt()).amax(1)

    found = gradient.differentiate(worst_of_all, SAMPLES)
    assert (found.now > 0).any()
    assert gradient.live(found).verdict is not Verdict.FAILED
