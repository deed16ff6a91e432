"""What is still to come of a chunk, for an arm that follows it and for one that does not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from two_way_policy import LEFT_END, box, observation

from vls_core.steering.chunk import MAXIMUM_DEPARTURE, steps_due, still_to_come, to_chunk
from vls_core.trajectory import Trajectory

STEP = 1.0 / 15.0
START = np.array([0.4, 0.0, 0.3])
SPEED = 0.3
ROBOT = observation(box('goal', LEFT_END)).robot


@pytest.fixture
def chunk():
    """Along y from START at SPEED, beginning at time 10."""
    positions = START + np.outer(np.arange(17), [0.0, SPEED * STEP, 0.0])
    plan = Trajectory(torch.from_numpy(positions).float()[None], torch.ones(1, 17), STEP)
    return to_chunk(plan, 10.0, 1, 'p')


def arm(now, where):
    return replace(ROBOT, stamp=now, end_effector_position=np.asarray(where))


def on_the_way(now):
    return START + [0.0, SPEED * (now - 10.0), 0.0]


def test_the_rest_begins_at_the_hand_and_ends_as_the_chunk_does(chunk):
    rest = still_to_come(chunk, arm(10.5, on_the_way(10.5) + [0.01, 0.0, 0.0]))
    assert rest.positions.shape == (1, 9, 3)
    np.testing.assert_allclose(rest.positions[0, 0], on_the_way(10.5) + [0.01, 0, 0], atol=1e-6)
    np.testing.assert_allclose(rest.positions[0, 1], on_the_way(10.5 + STEP), atol=1e-6)


def test_nothing_is_left_of_a_chunk_that_is_over(chunk):
    assert still_to_come(chunk, arm(chunk.end_time, on_the_way(chunk.end_time))) is None
    assert steps_due(chunk, chunk.end_time) == chunk.horizon


def test_an_arm_that_stayed_where_it_was_does_not_follow(chunk):
    late = 10.0 + 1.2 * MAXIMUM_DEPARTURE / SPEED
    assert still_to_come(chunk, arm(late, START)) is None
    assert still_to_come(chunk, arm(late, on_the_way(late))) is not None
