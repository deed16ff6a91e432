"""Motions start at home, are smooth, and stay where the arm may go."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bridge.motions import DURATION, STEP, inside_workspace, sinusoids, through
from vls_core.control import fr3

TIMES = np.arange(0.0, DURATION, 0.005)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_sinusoids_start_at_rest_at_home_and_stay_in_the_workspace(seed):
    motion = sinusoids(seed)
    np.testing.assert_allclose(motion.at(0.0), fr3.HOME_JOINT_POSITIONS)
    np.testing.assert_allclose(motion.at(-1.0), fr3.HOME_JOINT_POSITIONS)
    assert inside_workspace(motion.sample(TIMES[::10]))
    velocity = np.diff(motion.sample(TIMES), axis=0) / 0.005
    assert np.abs(velocity[0]).max() < 0.01
    assert 0.2 < np.abs(velocity).max() < 1.0


def test_the_seed_decides_the_motion():
    assert (sinusoids(3).at(1.0) == sinusoids(3).at(1.0)).all()
    assert (sinusoids(3).at(1.0) != sinusoids(4).at(1.0)).any()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(3, 20))
def test_a_motion_through_positions_passes_them_in_time_and_smoothly(seed, count):
    positions = np.random.default_rng(seed).normal(0.0, 0.1, (count, 7)).cumsum(axis=0)
    motion = through(positions)
    np.testing.assert_allclose(motion.sample(STEP * np.arange(count)), positions, atol=1e-9)
    np.testing.assert_allclose(motion.at(-1.0), positions[0])
    np.testing.assert_allclose(motion.at(count * STEP), positions[-1])
    edges = STEP * np.arange(1, count - 1)
    before, at, after = (motion.sample(edges + offset) for offset in (-1e-6, 0.0, 1e-6))
    np.testing.assert_allclose((at - before) / 1e-6, (after - at) / 1e-6, atol=1e-2)


@pytest.mark.parametrize(('margin', 'inside'), [(0.0, True), (0.2, False)])
def test_a_margin_to_the_border_of_the_workspace_counts(margin, inside):
    assert inside_workspace(fr3.HOME_JOINT_POSITIONS[None], margin) == inside
