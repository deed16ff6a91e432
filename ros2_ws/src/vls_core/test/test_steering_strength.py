import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.steering.strength import Threshold, schedule_weight, stage_factor


@pytest.mark.parametrize('schedule', ['decay', 'constant', 'grow'])
@pytest.mark.parametrize('steps', [5, 10, 50])
def test_all_schedules_apply_about_the_same_strength_whatever_the_number_of_steps(schedule, steps):
    total = sum(schedule_weight(schedule, index / steps, steps) for index in range(steps))
    assert total == pytest.approx(5.0, rel=0.21)


def test_decay_is_strong_where_there_is_noise_and_grow_where_there_is_none():
    assert schedule_weight('decay', 0.1, 10) > schedule_weight('decay', 0.9, 10)
    assert schedule_weight('grow', 0.1, 10) < schedule_weight('grow', 0.9, 10)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_closer_to_the_end_of_a_stage_the_weaker_but_never_below_the_floor(one, other, floor):
    near, far = max(one, other), min(one, other)
    assert floor - 1e-9 <= stage_factor(near, floor) <= stage_factor(far, floor) <= 1.0
    assert stage_factor(0.0, floor) == pytest.approx(1.0, abs=1e-6)


@given(st.lists(st.floats(0.61, 1.0)))
def test_noise_around_the_threshold_fires_it_once(values):
    threshold = Threshold(high=0.8, low=0.6)
    assert sum(threshold(value) for value in values) <= 1


def test_the_threshold_fires_again_after_a_setback():
    threshold = Threshold(high=0.8, low=0.6)
    assert [threshold(value) for value in (0.5, 0.9, 0.95, 0.5, 0.9)] == [
        False, True, False, False, True]
