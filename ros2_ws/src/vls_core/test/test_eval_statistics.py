import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.eval.statistics import (
    bootstrap_difference,
    bootstrap_grouped_mean,
    bootstrap_mean,
    bootstrap_ratio,
    wilson,
)


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


def test_bootstrap_interval_of_a_mean_covers_it_as_often_as_promised():
    random = np.random.default_rng(0)
    intervals = [
        bootstrap_mean(random.exponential(size=80), confidence=0.9, resamples=400)
        for _ in range(300)
    ]
    covered = np.mean([interval.low <= 1.0 <= interval.high for interval in intervals])
    assert 0.83 < covered < 0.95


def test_bootstrap_agrees_with_the_normal_interval_of_many_samples():
    values = np.random.default_rng(1).normal(3.0, 2.0, 1000)
    interval = bootstrap_mean(values)
    error = 1.96 * values.std() / 1000**0.5
    assert interval.value == values.mean()
    assert (interval.low, interval.high) == pytest.approx(
        (values.mean() - error, values.mean() + error), abs=0.1 * error
    )


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20))
def test_bootstrap_interval_holds_the_mean_and_stays_within_the_values(values):
    interval = bootstrap_mean(values, resamples=50)
    assert interval.low <= interval.value <= interval.high
    assert min(values) - 1e-9 <= interval.low
    assert interval.high <= max(values) + 1e-9


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    values = np.random.default_rng(2).normal(size=30)
    assert bootstrap_mean(values) == bootstrap_mean(values)
    assert bootstrap_mean(values).low != bootstrap_mean(values, seed=1).low


def test_pairing_removes_what_makes_a_trial_hard_for_both():
    random = np.random.default_rng(3)
    difficulty = random.normal(0, 10, 200)
    treated, control = difficulty + 0.5 + random.normal(0, 0.1, 200), difficulty
    paired = bootstrap_difference(treated, control)
    shuffled = bootstrap_difference(treated, random.permutation(control))
    assert paired.low > 0.45
    assert shuffled.high - shuffled.low > 50 * (paired.high - paired.low)


def test_a_difference_changes_sign_with_the_order():
    treated, control = [True, True, False, True], [False, True, False, False]
    one, other = bootstrap_difference(treated, control), bootstrap_difference(control, treated)
    assert one.value == 0.5
    assert (other.value, other.low, other.high) == (-one.value, -one.high, -one.low)


@pytest.mark.parametrize('values', [[], [[1.0]], [np.nan], [np.inf, 1.0]])
def test_refuses_what_has_no_mean(values):
    with pytest.raises(ValueError):
        bootstrap_mean(values)


def test_refuses_trials_that_are_not_paired():
    with pytest.raises(ValueError, match='pairs'):
        bootstrap_difference([1.0, 2.0], [1.0])


def test_a_ratio_of_medians_is_not_moved_by_what_is_slow_now_and_then():
    control = np.random.default_rng(4).normal(10.0, 0.1, 60)
    treated = 1.2 * control
    treated[::10] += 1000.0
    ratio = bootstrap_ratio(treated, control)
    assert ratio.low <= ratio.value <= ratio.high
    assert (ratio.low, ratio.high) == pytest.approx((1.2, 1.2), abs=0.01)
    assert ratio.samples == 60


def test_a_ratio_does_not_depend_on_the_unit():
    random = np.random.default_rng(5)
    treated, control = random.uniform(1, 2, 20), random.uniform(1, 2, 20)
    assert bootstrap_ratio(1000 * treated, 1000 * control).high == pytest.approx(
        bootstrap_ratio(treated, control).high
    )


@pytest.mark.parametrize('treated, control', [
    ([], []), ([1.0, 2.0], [1.0]), ([1.0], [0.0]), ([np.nan], [1.0])
])
def test_refuses_what_has_no_ratio(treated, control):
    with pytest.raises(ValueError):
        bootstrap_ratio(treated, control)


@given(st.lists(st.tuples(st.floats(-10, 10), st.integers(0, 4)), min_size=1, max_size=40))
def test_a_mean_of_groups_is_the_mean_and_lies_in_its_interval(drawn):
    values, groups = zip(*drawn, strict=True)
    found = bootstrap_grouped_mean(values, groups, resamples=50)
    assert found.value == pytest.approx(np.mean(values))
    assert min(values) - 1e-9 <= found.low <= found.value <= found.high <= max(values) + 1e-9
    assert found.samples == len(values)


def test_groups_that_agree_within_make_the_interval_that_of_the_groups():
    random = np.random.default_rng(5)
    one_each = random.normal(size=30)
    grouped = bootstrap_grouped_mean(np.repeat(one_each, 10), np.repeat(range(30), 10).tolist())
    alone = bootstrap_mean(one_each)
    assert grouped.high - grouped.low == pytest.approx(alone.high - alone.low, rel=0.1)


def test_a_single_group_says_nothing_of_others_and_every_sample_needs_one():
    found = bootstrap_grouped_mean([1.0, 2.0, 3.0], ['a', 'a', 'a'])
    assert found.low == found.value == found.high == 2.0
    with pytest.raises(ValueError, match='group'):
        bootstrap_grouped_mean([1.0, 2.0], ['a'])
