"""The baselines take the right step of a chunk at the right time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bridge.motions import STEP
from benchmarks.bridge.naive import _held, _interpolated
from benchmarks.bridge.streams import HORIZON, Delivery

LINE = np.outer(np.arange(1, HORIZON + 1), np.full(7, 0.01))
CHUNK = Delivery(arrival=1.0, observation=1.0, sequence=1, targets=LINE)


@given(st.floats(1.0, 1.0 + HORIZON * STEP - 1e-6))
def test_interpolation_follows_a_straight_line_from_the_observation_to_the_end(time):
    positions, velocities = _interpolated(CHUNK, time)
    np.testing.assert_allclose(positions, 0.01 * (time - 1.0) / STEP, atol=1e-9)
    np.testing.assert_allclose(velocities, 0.01 / STEP, atol=1e-9)


def test_interpolation_stands_still_after_the_last_step():
    positions, velocities = _interpolated(CHUNK, 10.0)
    np.testing.assert_array_equal(positions, LINE[-1])
    assert not velocities.any()


@pytest.mark.parametrize(('steps', 'index'), [(0.01, 0), (0.99, 0), (1.01, 1), (40.0, 15)])
def test_the_held_step_is_the_one_due_next(steps, index):
    positions, velocities = _held(CHUNK, 1.0 + steps * STEP)
    np.testing.assert_array_equal(positions, LINE[index])
    assert not velocities.any()
