"""Times are taken in pairs and in turns; what is timed is what it is called."""

import itertools

import pytest
import torch

from benchmarks.rewards import __main__ as report
from benchmarks.rewards.latency import (
    CALLS,
    PARTICLES,
    VERIFICATIONS,
    Timing,
    denoising_step,
    reward_calls,
    time_in_turns,
    verifications,
)
from benchmarks.steering.cost import demo_situation
from benchmarks.steering.version import CHECKPOINT
from vls_core.policies.flow import FlowPolicy
from vls_core.rewards.verification.verify import ProgramVerifier


def test_every_call_has_a_step_of_its_own_and_none_is_always_first():
    made = []
    ticks = itertools.count()
    timings = time_in_turns(
        {name: lambda name=name: made.append(name) for name in 'ab'}, lambda: made.append('step'),
        4, clock=lambda: float(next(ticks)),
    )
    measured = made[-16:]
    assert measured == ['a', 'step', 'b', 'step', 'b', 'step', 'a', 'step'] * 2
    assert [len(timing.seconds) for timing in timings] == [4, 4]
    assert {*timings[0].seconds, *timings[0].steps} == {1.0}


def test_ratios_are_over_the_median_step():
    timing = Timing('x', [2.0] * 98 + [10.0] * 2, [1.0] * 99 + [50.0])
    assert timing.median_ratio.value == 2.0
    assert timing.ratio(99) == pytest.approx(10.0)
    assert timing.like_ratio(95) == pytest.approx(2.0)
    assert timing.milliseconds(50) == 2000.0


@pytest.fixture(scope='module')
def situation():
    torch.set_num_threads(1)
    with ProgramVerifier(deadline=60.0) as verifier:
        yield FlowPolicy.load(CHECKPOINT), demo_situation()[0], verifier


def test_a_step_is_one_step_of_all_particles(situation):
    policy, observation, _ = situation
    stepped = denoising_step(policy, observation)()
    assert stepped.shape == (PARTICLES, policy.horizon, policy.action_width)


def test_every_call_gives_rewards_and_gradients(situation):
    calls = reward_calls(*situation)
    assert tuple(calls) == CALLS
    found = {name: call() for name, call in calls.items()}
    for gradients in found.values():
        assert gradients.values.shape == (PARTICLES,)
        assert (gradients.positions[:, 1:] != 0).any()
    here, there = found['code in process'], found['code in the worker']
    assert torch.allclose(here.values, there.values)
    assert torch.allclose(here.positions, there.positions, atol=1e-6)


def test_what_is_verified_is_accepted(situation):
    _, observation, verifier = situation
    calls = verifications(observation.scene, verifier)
    assert tuple(calls) == VERIFICATIONS
    for call in calls.values():
        verdict = call()
        assert verdict.accepted, verdict.reason


def test_the_report_says_what_was_measured(tmp_path, monkeypatch):
    timings = [Timing('vetted stage', [2e-3, 3e-3, 2e-3], [1e-3, 1e-3, 1e-3])]
    monkeypatch.setattr(report, 'measure', lambda calls, verified: timings)
    assert report.run(tmp_path, 3, 1) == timings
    assert '| vetted stage | 2.00' in (tmp_path / 'table.md').read_text()
    assert '"p95_ratio"' in (tmp_path / 'summary.json').read_text()
