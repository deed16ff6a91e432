"""Lags and distances put into a recording come out again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bridge.measure import NoSamplesError, measure, tracking
from benchmarks.bridge.motions import DURATION, sinusoids
from benchmarks.bridge.recording import Recording

TIMES = np.arange(-0.2, DURATION + 0.1, 0.005)
MOTION = sinusoids(0)


def recorded(positions, references=None, pace=1.0, error=''):
    references = np.empty((0, 7)) if references is None else references
    return Recording(
        times=TIMES, robot_times=7.0 + pace * TIMES, positions=positions,
        velocities=np.gradient(positions, 0.005, axis=0),
        reference_times=TIMES[: len(references)], references=references, error=error,
    )


@settings(max_examples=15)
@given(st.integers(0, 590))
def test_the_lag_that_was_put_in_is_found(milliseconds):
    found = tracking(TIMES, MOTION.sample(TIMES - 1e-3 * milliseconds), MOTION.sample)
    assert found.lag == pytest.approx(1e-3 * milliseconds, abs=1.1e-3)
    assert found.best_rms < 1e-3
    assert found.best_rms <= found.rms


def test_noise_is_a_distance_and_no_lag():
    noise = np.random.default_rng(0).normal(0.0, 0.005, (len(TIMES), 7))
    found = measure(recorded(MOTION.sample(TIMES) + noise), MOTION, ended=False)
    assert found.best_rms_mrad == pytest.approx(5.0, rel=0.1)
    assert found.lag_ms == pytest.approx(0.0, abs=5.0)


def test_a_perfect_hand_is_where_it_should_be():
    found = measure(recorded(MOTION.sample(TIMES - 0.05)), MOTION, ended=False)
    assert found.end_effector_rms_mm < 0.5
    assert found.end_effector_lag_ms == pytest.approx(50.0, abs=2.0)


def test_rates_and_paces_are_those_of_the_clocks():
    found = measure(recorded(MOTION.sample(TIMES), pace=0.8), MOTION, ended=False)
    assert found.sample_rate == pytest.approx(200.0, rel=0.01)
    assert found.robot_pace == pytest.approx(0.8)
    assert found.followed == pytest.approx(DURATION, abs=0.01)


def test_references_are_judged_by_their_differences():
    references = MOTION.sample(TIMES)
    calm = measure(recorded(references, references), MOTION, ended=False)
    assert sum(calm.violations.values()) == 0
    assert calm.reference_period_ms == pytest.approx(5.0)
    references[100:] += 0.1
    jumping = measure(recorded(references, references), MOTION, ended=False)
    assert jumping.violations['jerk'] > 0
    assert jumping.reference_jerk_max > 100 * calm.reference_jerk_max


def test_a_motion_that_was_ended_has_no_tracking_but_references():
    positions = MOTION.sample(TIMES)
    found = measure(recorded(positions, positions), MOTION, ended=True)
    assert found.best_rms_mrad is None
    assert found.lag_ms is None
    assert found.violations is not None


def test_without_references_nothing_is_said_about_them():
    found = measure(recorded(MOTION.sample(TIMES)), MOTION, ended=False)
    assert found.violations is None
    assert found.reference_jerk_max is None


def test_too_few_measurements_are_an_error():
    with pytest.raises(NoSamplesError):
        tracking(TIMES[:20], MOTION.sample(TIMES[:20]), MOTION.sample)
