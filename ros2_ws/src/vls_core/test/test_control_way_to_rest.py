"""A stop ends at rest, inside its limits, and all joints come to rest at the same time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.control.errors import LimiterError
from vls_core.control.way_to_rest import WayToRest

ACCELERATION, JERK = np.full(7, 3.0), np.full(7, 60.0)
speeds = st.lists(st.floats(-0.3, 0.3), min_size=7, max_size=7).map(np.array)


@given(speeds)
def test_the_way_starts_as_the_arm_moves_and_ends_at_rest(velocity):
    positions, velocities = WayToRest(ACCELERATION, JERK).of(np.zeros(7), velocity, np.zeros(7))
    assert positions.shape == velocities.shape
    np.testing.assert_allclose(positions[0], 0.0, atol=1e-9)
    np.testing.assert_allclose(velocities[0], velocity, atol=1e-9)
    np.testing.assert_allclose(velocities[-1], 0.0, atol=1e-6)


@given(speeds)
def test_no_joint_is_faster_on_the_way_than_at_its_start(velocity):
    _, velocities = WayToRest(ACCELERATION, JERK).of(np.zeros(7), velocity, np.zeros(7))
    assert (np.abs(velocities) <= np.abs(velocity) + 1e-9).all()


def test_the_slowest_joint_sets_the_time_of_all():
    velocity = np.linspace(0.05, 0.3, 7)
    _, velocities = WayToRest(ACCELERATION, JERK).of(np.zeros(7), velocity, np.zeros(7))
    assert (np.abs(velocities[-2]) > 0.0).all()


def test_a_state_that_is_none_is_an_error():
    with pytest.raises(LimiterError):
        WayToRest(ACCELERATION, JERK).of(np.zeros(7), np.full(7, np.nan), np.zeros(7))
