"""Limits are counted where they are broken, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bridge import violations
from vls_core.control.fr3 import HOME_JOINT_POSITIONS
from vls_core.control.robot_limits import FR3

CALM = {'position': 0, 'velocity': 0, 'acceleration': 0, 'jerk': 0}
TIMES = violations.PERIOD * np.arange(400)


def swing(amplitude, frequency=0.25):
    ramp = np.clip(TIMES, 0.0, 1.0)[:, None]
    smooth = ramp**3 * (10 - 15 * ramp + 6 * ramp**2)
    return HOME_JOINT_POSITIONS + smooth * amplitude * np.sin(
        2 * np.pi * frequency * TIMES
    )[:, None]


def test_a_calm_motion_breaks_nothing():
    assert violations.count(swing(0.2)) == CALM


def test_no_references_break_nothing():
    assert violations.count(np.empty((0, 7))) == CALM


def test_standing_beyond_a_joint_limit_is_counted_for_every_reference():
    positions = np.tile(HOME_JOINT_POSITIONS, (50, 1))
    positions[:, 3] = violations.HIGHEST[3] + 0.001
    assert violations.count(positions) == {**CALM, 'position': 50}


@pytest.mark.parametrize(('share', 'broken'), [(0.99, False), (1.01, True)])
def test_constant_speed_counts_beyond_the_limit(share, broken):
    speeding = np.tile(HOME_JOINT_POSITIONS, (20, 1))
    speeding[:, 0] = np.arange(20) * violations.PERIOD * share * violations.FASTEST[0]
    assert bool(violations.count(speeding)['velocity']) == broken


def test_the_speed_limit_is_lower_near_the_joint_limit():
    towards = np.tile(HOME_JOINT_POSITIONS, (20, 1))
    towards[:, 0] = 2.6 + np.arange(20) * violations.PERIOD * 1.4
    assert violations.count(towards)['velocity'] > 0
    assert violations.count(towards[::-1])['velocity'] == 0


@pytest.mark.parametrize(
    ('derivative', 'kind', 'limit'),
    [(2, 'acceleration', violations.ACCELERATION), (3, 'jerk', violations.JERK)],
)
def test_a_polynomial_counts_exactly_beyond_its_limit(derivative, kind, limit):
    for share, broken in ((0.9, False), (1.1, True)):
        steps = np.arange(6)
        # Binomials have constant differences: the last one of order n is 1.
        binomial = np.array([np.prod(steps[index] - np.arange(derivative)) for index in steps])
        rise = binomial / np.prod(np.arange(1, derivative + 1))
        positions = np.tile(HOME_JOINT_POSITIONS, (6, 1))
        positions[:, 2] += share * limit * violations.PERIOD**derivative * rise
        assert bool(violations.count(positions)[kind]) == broken


def test_a_step_breaks_velocity_acceleration_and_jerk():
    positions = np.tile(HOME_JOINT_POSITIONS, (20, 1))
    positions[10:, 1] += 0.1
    counted = violations.count(positions)
    assert counted['position'] == 0
    assert (counted['velocity'], counted['acceleration'], counted['jerk']) == (1, 2, 3)


def test_a_reference_that_does_not_begin_at_rest_is_noticed():
    positions = np.tile(HOME_JOINT_POSITIONS, (20, 1))
    positions[:, 0] += 1.0 * TIMES[:20]
    assert violations.count(positions)['acceleration'] > 0


@settings(max_examples=50)
@given(st.integers(0, 100_000))
def test_both_tables_of_speed_limits_agree(seed):
    # Written down twice on purpose; a misprint in either shows here.
    generator = np.random.default_rng(seed)
    positions = generator.uniform(violations.LOWEST, violations.HIGHEST)
    lower, upper = FR3.velocity_limits(positions)
    np.testing.assert_allclose(violations.fastest_down(positions), lower, atol=1e-12)
    np.testing.assert_allclose(violations.fastest_up(positions), upper, atol=1e-12)
    np.testing.assert_array_equal(violations.LOWEST, FR3.lower)
    np.testing.assert_array_equal(violations.HIGHEST, FR3.upper)
