"""Curves take over from each other without a jump, however fast new ones come."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.control.merging import Coast, Merge, take_over
from vls_core.control.trajectory import JointPoint, JointTrajectory

DURATION = 0.15
seeds = st.integers(0, 2**32 - 1)


def trajectory(generator, time):
    return JointTrajectory(time + 0.03, 1 / 15, generator.normal(0.0, 0.1, (16, 7)))


def assert_same(before, after, scale=1e-6):
    np.testing.assert_allclose(after.position, before.position, atol=scale)
    np.testing.assert_allclose(after.velocity, before.velocity, atol=1e2 * scale)
    np.testing.assert_allclose(after.acceleration, before.acceleration, atol=1e5 * scale)


@settings(max_examples=100)
@given(seeds, st.lists(st.floats(0.002, 0.4), min_size=1, max_size=30))
def test_position_velocity_and_acceleration_go_on_across_every_take_over(seed, waits):
    generator = np.random.default_rng(seed)
    time, curve = 0.0, Coast(0.0, JointPoint.at_rest(np.zeros(7)), DURATION)
    for wait in waits:
        time += wait
        newer = take_over(curve, trajectory(generator, time), time, DURATION)
        assert_same(curve.sample(time), newer.sample(time))
        assert newer.depth <= 7
        curve = newer


@settings(max_examples=50)
@given(seeds)
def test_derivatives_are_derivatives_inside_a_merge_and_while_coasting(seed):
    generator = np.random.default_rng(seed)
    start = JointPoint(*generator.normal(0.0, 0.3, (4, 7)))
    coast = Coast(0.0, start, DURATION)
    merged = take_over(coast, trajectory(generator, 0.0), 0.0, DURATION)
    for curve in (coast, merged):
        for time in np.linspace(0.01, 0.14, 9):
            before, after = curve.sample(time - 1e-5), curve.sample(time + 1e-5)
            point = curve.sample(time)
            numeric = (after.position - before.position) / 2e-5
            np.testing.assert_allclose(point.velocity, numeric, atol=1e-5)
            numeric = (after.velocity - before.velocity) / 2e-5
            np.testing.assert_allclose(point.acceleration, numeric, atol=1e-2)


def test_coasting_ends_at_rest_not_far_away():
    velocity = np.full(7, 0.5)
    coast = Coast(0.0, JointPoint(np.zeros(7), velocity, np.zeros(7), velocity), DURATION)
    end = coast.sample(10.0)
    np.testing.assert_array_equal(end.velocity, 0.0)
    np.testing.assert_array_equal(end.acceleration, 0.0)
    np.testing.assert_allclose(end.position, 0.5 * DURATION / 2)


def test_after_the_take_over_only_the_new_curve_counts():
    generator = np.random.default_rng(0)
    old, new = trajectory(generator, 0.0), trajectory(generator, 0.0)
    merged = Merge(old, new, 0.2, DURATION)
    assert_same(new.sample(0.36), merged.sample(0.36))
    assert merged.without_settled(0.36) is new


def test_equal_curves_merge_into_themselves():
    curve = trajectory(np.random.default_rng(1), 0.0)
    merged = Merge(curve, curve, 0.2, DURATION)
    for time in (0.2, 0.25, 0.34):
        assert_same(curve.sample(time), merged.sample(time))
        np.testing.assert_allclose(
            merged.sample(time).feedforward, curve.sample(time).velocity
        )


def test_the_speed_of_the_change_itself_is_not_fed_forward():
    still = Coast(0.0, JointPoint.at_rest(np.zeros(7)), DURATION)
    elsewhere = Coast(0.0, JointPoint.at_rest(np.full(7, 0.3)), DURATION)
    middle = Merge(still, elsewhere, 0.0, DURATION).sample(DURATION / 2)
    np.testing.assert_array_equal(middle.feedforward, 0.0)
    assert middle.velocity == pytest.approx(np.full(7, 1.875 * 0.3 / DURATION))
