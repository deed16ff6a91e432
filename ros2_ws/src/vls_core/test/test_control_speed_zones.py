"""The speed limit has no steps, holds inside every zone, and can be kept by braking steadily."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.control.speed_zones import SpeedZone, SpeedZones, people_height_zone
from vls_core.types import InvalidValueError

coordinates = st.floats(-2.0, 2.0)
points = st.tuples(coordinates, coordinates, coordinates).map(np.array)
lengths = st.floats(0.01, 1.0)
sizes = st.tuples(lengths, lengths, lengths).map(np.array)
speeds = st.floats(0.02, 2.0)
boxes = st.builds(
    lambda lower, size, speed: SpeedZone('zone', lower, lower + size, speed), points, sizes, speeds
)
zones = boxes | st.builds(people_height_zone, coordinates, speeds)
several = st.builds(
    SpeedZones, st.lists(zones, max_size=4).map(tuple), speeds, st.floats(0.1, 5.0)
)


def inside(zone, shares):
    lower, upper = np.maximum(zone.lower, -3.0), np.minimum(zone.upper, 3.0)
    return lower + shares * (upper - lower)


@given(several, points, points)
def test_the_limit_has_no_steps(limits, first, second):
    # The square of a speed that brakes steadily is linear in the way.
    squares = limits.allowed_speed(first) ** 2 - limits.allowed_speed(second) ** 2
    way = np.linalg.norm(first - second)
    assert abs(squares) <= 2 * limits.braking * way * (1 + 1e-9) + 1e-9


@given(several, points)
def test_the_general_limit_holds_everywhere(limits, position):
    assert 0.0 < limits.allowed_speed(position) <= limits.general_limit


@given(several, st.tuples(*[st.floats(0.0, 1.0)] * 3).map(np.array))
def test_the_limit_of_every_zone_holds_inside(limits, shares):
    for zone in limits.zones:
        assert limits.allowed_speed(inside(zone, shares)) <= zone.maximum_speed * (1 + 1e-9)


@given(several, points, points)
def test_who_brakes_steadily_from_the_limit_keeps_it_on_any_straight_way(limits, start, goal):
    way = np.linalg.norm(goal - start)
    speed = limits.allowed_speed(start)
    for share in np.linspace(0.0, 1.0, 30):
        squared = speed**2 - 2 * limits.braking * share * way
        allowed = limits.allowed_speed(start + share * (goal - start))
        assert np.sqrt(max(squared, 0.0)) <= allowed + 1e-6


def test_the_limit_sinks_on_the_way_to_a_zone():
    limits = SpeedZones((people_height_zone(1.0, 0.2),), 0.9, braking=1.0)
    heights = [0.0, 0.7, 0.9, 1.0, 1.5]
    found = [limits.allowed_speed(np.array([0.3, 0.0, height])) for height in heights]
    expected = [0.9, np.sqrt(0.04 + 0.6), np.sqrt(0.04 + 0.2), 0.2, 0.2]
    np.testing.assert_allclose(found, expected)


def test_where_zones_overlap_the_lowest_limit_counts():
    zone = SpeedZone('feeder', (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 0.5)
    limits = SpeedZones((zone, people_height_zone(0.5, 0.1)), 0.9)
    assert limits.allowed_speed(np.array([0.5, 0.5, 0.6])) == pytest.approx(0.1)


def test_without_zones_the_general_limit_is_all_there_is():
    assert SpeedZones((), 0.9).allowed_speed(np.zeros(3)) == 0.9


def test_a_position_that_is_not_finite_is_refused():
    for limits in (SpeedZones((), 0.9), SpeedZones((people_height_zone(1.0, 0.2),), 0.9)):
        with pytest.raises(InvalidValueError):
            limits.allowed_speed(np.array([0.0, np.nan, 0.0]))


@pytest.mark.parametrize(('lower', 'upper', 'speed'), [
    ((0.0, 0.0), (1.0, 1.0, 1.0), 0.2), ((0.0, 0.0, 1.0), (1.0, 1.0, 1.0), 0.2),
    ((0.0, 0.0, np.nan), (1.0, 1.0, 1.0), 0.2), ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 0.0),
    ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), np.inf),
])
def test_zones_that_make_no_sense_are_refused(lower, upper, speed):
    with pytest.raises(InvalidValueError):
        SpeedZone('zone', lower, upper, speed)


@pytest.mark.parametrize(('general', 'braking'), [(0.0, 1.0), (np.nan, 1.0), (0.9, 0.0)])
def test_limits_that_make_no_sense_are_refused(general, braking):
    with pytest.raises(InvalidValueError):
        SpeedZones((), general, braking)
