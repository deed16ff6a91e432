import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.eval.statistics import wilson


def test_agrees_with_published_values():
    """Newcombe 1998, table I: 81 of 263 and 15 of 148."""
    first, second = wilson(81, 263), wilson(15, 148)
    assert (first.low, first.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert (second.low, second.high) == pytest.approx((0.0624, 0.1605), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_rate_and_stays_a_probability(counts):
    interval = wilson(*counts)
    assert 0.0 <= interval.low <= interval.value <= interval.high <= 1.0
    assert interval.low < interval.high


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_successes_and_failures_are_mirror_images(counts):
    successes, trials = counts
    one, other = wilson(successes, trials), wilson(trials - successes, trials)
    assert one.low == pytest.approx(1.0 - other.high)


@given(st.integers(0, 20))
def test_more_trials_narrow_the_interval(successes):
    few, many = wilson(successes, 20), wilson(successes * 10, 200)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize('arguments', [(1, 0), (-1, 5), (6, 5), (1, 2, 0.0), (1, 2, 1.0)])
def test_refuses_what_is_no_proportion(arguments):
    with pytest.raises(ValueError):
        wilson(*arguments)
