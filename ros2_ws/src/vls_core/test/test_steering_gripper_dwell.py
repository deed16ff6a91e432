"""A gripper finishes what it was told, and then does what it is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from vls_core.steering.gripper_dwell import GripperDwell

TIMES = np.arange(8) * 0.1


def run(dwell, openings, times=TIMES):
    """Asks step by step, and executes what is kept."""
    asked = []
    for time, opening in zip(times, openings, strict=True):
        kept, = dwell.kept(np.array([time]), np.array([opening]))
        dwell.executed(time, kept)
        asked.append(kept)
    return asked


def test_what_began_to_close_is_not_opened_before_the_time_is_up():
    asked = run(GripperDwell(0.45), [1, 0, 1, 1, 1, 1, 1, 1])
    assert asked == [1, 0, 0, 0, 0, 0, 1, 1]


def test_a_whole_plan_is_kept_like_its_steps():
    dwell = GripperDwell(0.45)
    dwell.executed(-0.1, 1.0)
    plan = np.array([1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert dwell.kept(TIMES, plan).tolist() == [1, 0, 0, 0, 0, 0, 1, 1]
    assert dwell.kept(TIMES, plan).tolist() == [1, 0, 0, 0, 0, 0, 1, 1]  # asking changes nothing


@given(some.lists(some.sampled_from([0.0, 0.5, 1.0]), min_size=8, max_size=8))
def test_without_a_duration_everything_is_asked_for_as_planned(openings):
    assert run(GripperDwell(0.0), openings) == openings


@given(some.lists(some.sampled_from([0.0, 1.0]), min_size=8, max_size=8))
def test_between_two_changes_there_is_at_least_the_duration(openings):
    asked = run(GripperDwell(0.25), openings)
    changes = [time for time, one, other in zip(TIMES[1:], asked, asked[1:], strict=False)
               if one != other]
    assert all(late - early >= 0.25 - 1e-9
               for early, late in zip(changes, changes[1:], strict=False))


def test_half_open_is_no_command():
    asked = run(GripperDwell(0.3), [1, 0.5, 0, 0.5, 0, 0, 0, 0])
    assert asked == pytest.approx([1, 0.5, 0, 0.5, 0, 0, 0, 0])
