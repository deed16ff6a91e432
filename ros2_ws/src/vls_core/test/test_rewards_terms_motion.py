"""How fast, how evenly, and when to rest."""

import numpy as np
import pytest
from term_examples import STEP_DURATION, evaluate, line, plan, stand

from vls_core.rewards import program

START = np.array([0.4, 0.0, 0.3])


def at_speed(speed, steps=16):
    """Steady motion [m/s]."""
    return line(START, START + [0, speed * steps * STEP_DURATION, 0], steps=steps)


def test_too_fast_costs_the_length_of_path_that_is_too_much():
    term = program.SpeedLimit(speed=0.1)
    assert evaluate(term, at_speed(0.0999)).item() == 0.0
    excess = 0.2 * 16 * STEP_DURATION
    assert evaluate(term, at_speed(0.3)).item() == pytest.approx(-excess, abs=1e-6)


def test_a_limit_outweighs_arriving_sooner():
    """A limit that any goal outweighs would be none."""
    goal = START + [0, 0.3, 0]
    fast, slow = line(START, goal), at_speed(0.1)
    reach = program.ReachPoint(keypoint='cube', offset=tuple(goal - [0.5, 0.0, 0.02]))
    limit = program.SpeedLimit(speed=0.1)
    both = [evaluate(reach, way) + evaluate(limit, way) for way in (slow, fast)]
    assert both[0] > both[1]


def test_resting_is_asked_for_at_the_end_alone():
    term = program.Dwell(last_share=0.5)
    arrive = line(START, START + [0, 0.2, 0], steps=8).positions[0]
    rest = np.tile(arrive[-1], (8, 1))
    assert evaluate(term, plan(np.concatenate([arrive, rest]))).item() == pytest.approx(
        0.0, abs=1e-12)
    assert evaluate(term, plan(np.concatenate([rest, arrive]))).item() < -0.05


def test_resting_all_the_time_is_staying_where_one_is():
    term = program.Dwell(last_share=1.0)
    assert evaluate(term, stand(START)).item() == 0.0
    assert evaluate(term, at_speed(0.05)).item() < -0.01


def test_a_steady_motion_is_smooth_and_a_jolt_is_not():
    jolt = at_speed(0.1).positions[0].numpy().copy()
    jolt[9:] += [0, 0.05, 0]
    assert evaluate(program.Smooth(), at_speed(0.1)).item() == pytest.approx(0.0, abs=1e-9)
    assert evaluate(program.Smooth(), plan(jolt)).item() < -1e-3
