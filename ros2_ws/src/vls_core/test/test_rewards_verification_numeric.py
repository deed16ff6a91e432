"""Each check of values passes what is right and names what is wrong."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification import numeric
from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.layouts import as_tensors
from vls_core.rewards.verification.report import Check, Verdict

GOAL = torch.tensor([0.5, 0.1, 0.1])
SAMPLES = motions.motions(as_tensors({'mug': GOAL.tolist()}), 0)


def distance(trajectory):
    return (trajectory.positions[:, -1] - GOAL).norm(dim=-1)


def reach(trajectory):
    return -distance(trajectory)


VALUES = reach(SAMPLES)


def test_a_plain_reward_passes_everything():
    outcomes = [
        numeric.shape(reach, SAMPLES), numeric.finite(VALUES),
        numeric.never_positive(VALUES, numeric.spread_of(VALUES)),
        numeric.deterministic(reach, SAMPLES, VALUES), numeric.independent(reach, SAMPLES, VALUES),
    ]
    assert {outcome.verdict for outcome in outcomes} == {Verdict.PASSED}
    assert numeric.any_length(reach, SAMPLES) is None


@pytest.mark.parametrize('wrong', [
    lambda trajectory: reach(trajectory).mean(),
    lambda trajectory: trajectory.positions[..., 0],
    lambda trajectory: reach(trajectory).unsqueeze(1),
    lambda trajectory: reach(trajectory).squeeze() if trajectory.particles > 1 else reach(
        trajectory).sum(),
    lambda trajectory: reach(trajectory) > 0,
    lambda trajectory: -1.0,
])
def test_another_shape_is_refused(wrong):
    outcome = numeric.shape(wrong, SAMPLES)
    assert (outcome.check, outcome.verdict) == (Check.SHAPE, Verdict.FAILED)


def test_fixed_lengths_are_noticed():
    def fixed(trajectory):
        return -(trajectory.positions[..., 0] * torch.ones(motions.STEPS + 1)).mean(1)

    assert numeric.any_length(lambda trajectory: reach(trajectory)[:3], SAMPLES) is not None
    with pytest.raises(RuntimeError, match='size'):
        numeric.any_length(fixed, SAMPLES)


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -float('inf')])
def test_numbers_that_are_none_are_refused(value):
    values = VALUES.clone()
    values[3] = value
    assert numeric.finite(values).verdict is Verdict.FAILED


@pytest.mark.parametrize(('values', 'verdict'), [
    (VALUES + 1e-5, Verdict.PASSED),
    (VALUES - VALUES.max() + 0.05, Verdict.WARNING),
    (-VALUES, Verdict.FAILED),
    (VALUES + 1, Verdict.FAILED),
])
def test_only_a_little_above_zero_is_allowed(values, verdict):
    outcome = numeric.never_positive(values, numeric.spread_of(values))
    assert (outcome.check, outcome.verdict) == (Check.RANGE, verdict)


def test_chance_and_memory_are_noticed():
    calls = ['before']

    def forgetful(trajectory):
        calls.append(1)
        return reach(trajectory) * len(calls)

    assert numeric.deterministic(forgetful, SAMPLES, VALUES).verdict is Verdict.FAILED


def test_writing_into_the_arguments_is_noticed():
    own = SAMPLES[slice(None)]
    mine = motions.Trajectory(own.positions.clone(), own.gripper.clone(), 0.1)

    def greedy(trajectory):
        values = reach(trajectory).clone()
        trajectory.positions[:, 1] = 0.0
        return values

    assert numeric.deterministic(greedy, mine, VALUES).verdict is Verdict.FAILED


@pytest.mark.parametrize('wrong', [
    lambda trajectory: reach(trajectory) - reach(trajectory).mean(),
    lambda trajectory: reach(trajectory) * torch.softmax(reach(trajectory), 0),
    lambda trajectory: reach(trajectory)[torch.zeros(trajectory.particles, dtype=torch.long)],
    lambda trajectory: reach(trajectory).cumsum(0),
    lambda trajectory: torch.linspace(-1, 0, trajectory.particles),
])
def test_particles_that_see_each_other_are_noticed(wrong):
    outcome = numeric.independent(wrong, SAMPLES, wrong(SAMPLES))
    assert (outcome.check, outcome.verdict) == (Check.INDEPENDENT, Verdict.FAILED)


def test_a_mean_over_particles_is_recognised():
    assert numeric.mixes_particles(lambda trajectory: reach(trajectory).mean(), SAMPLES)
    assert not numeric.mixes_particles(reach, SAMPLES)
    assert not numeric.mixes_particles(lambda trajectory: torch.tensor(-1.0), SAMPLES)


def test_a_few_outliers_do_not_set_the_spread():
    values = torch.linspace(-1, 0, 100)
    values[0] = -1e6
    assert numeric.spread_of(values) == pytest.approx(1.0, abs=0.06)
    assert numeric.spread_of(torch.zeros(5)) == 0.0
    rare = torch.zeros(100)
    rare[4] = -1.0
    assert numeric.spread_of(rare) == 1.0
    assert numeric.unsatisfied(rare).sum() == 1
