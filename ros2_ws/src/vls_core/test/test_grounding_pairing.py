"""Pictures are paired by their stamps and limited in rate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.grounding.pairing import RateLimit, StampPairing


@settings(max_examples=40)
@given(st.floats(0, 0.05), st.booleans())
def test_pictures_of_one_time_are_a_pair_in_any_order(difference, color_first):
    pairing = StampPairing(0.05)
    if color_first:
        assert pairing.add_color(0.0, 'color') is None
        assert pairing.add_depth(difference, 'depth') == ('color', 'depth')
    else:
        assert pairing.add_depth(difference, 'depth') is None
        assert pairing.add_color(0.0, 'color') == ('color', 'depth')
    assert pairing.add_color(difference, 'again') is None


def test_pictures_of_two_times_are_no_pair_but_the_next_one_is():
    pairing = StampPairing(0.01)
    assert pairing.add_color(0.0, 'old') is None
    assert pairing.add_depth(0.1, 'depth') is None
    assert pairing.add_color(0.1, 'new') == ('new', 'depth')


@pytest.mark.parametrize(('incoming', 'limit', 'expected'), [(8, 5, 5), (30, 5, 5), (3, 5, 3)])
def test_the_average_rate_is_the_lower_of_the_two(incoming, limit, expected):
    gate = RateLimit(limit)
    passed = sum(gate.admits(index / incoming + 1e-9 * index) for index in range(10 * incoming))
    assert passed == pytest.approx(10 * expected, abs=2)


def test_a_pause_does_not_save_up_a_burst():
    gate = RateLimit(1.0)
    assert gate.admits(0.0)
    assert gate.admits(100.0)
    assert sum(gate.admits(100.0 + 0.01 * index) for index in range(50)) <= 1
