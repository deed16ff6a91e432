"""The window tells of the newest intervals, and of nothing else."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from franka_bridge.timing import TimingWindow
from vls_core.types import InvalidValueError

PERIOD = 0.005
INTERVALS = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60)


def filled(intervals, size=6000):
    window = TimingWindow(PERIOD, size)
    for interval in intervals:
        window.add(interval)
    return window


def test_before_the_first_interval_there_is_nothing_to_tell():
    assert TimingWindow(PERIOD).summary() is None


def test_a_perfect_rhythm_is_off_by_nothing():
    summary = filled([PERIOD] * 10).summary()
    assert (summary.p50, summary.p99, summary.maximum, summary.missed_periods) == (0, 0, 0, 0)
    assert summary.count == 10


@given(INTERVALS, st.integers(1, 20))
def test_the_numbers_are_those_of_the_newest_intervals(intervals, size):
    summary = filled(intervals, size).summary()
    off = 1000.0 * np.abs(np.array(intervals[-size:]) - PERIOD)
    assert summary.count == len(off)
    assert summary.maximum == pytest.approx(off.max())
    expected = np.percentile(off, [50, 95, 99])
    assert [summary.p50, summary.p95, summary.p99] == pytest.approx(expected)


@given(INTERVALS)
def test_percentiles_are_in_order(intervals):
    summary = filled(intervals).summary()
    assert 0.0 <= summary.p50 <= summary.p95 <= summary.p99 <= summary.maximum


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_a_period_is_missed_when_it_passes_whole(periods):
    summary = filled([count * PERIOD for count in periods]).summary()
    assert summary.missed_periods == sum(periods) - len(periods)


def test_late_by_less_than_a_period_is_not_missed():
    assert filled([1.9 * PERIOD, 0.1 * PERIOD]).summary().missed_periods == 0


def test_a_slow_start_does_not_linger():
    assert filled([3.0, *[PERIOD] * 20], size=20).summary().maximum == 0.0


def test_one_may_read_while_another_adds():
    window, done = TimingWindow(PERIOD, 50), threading.Event()

    def write():
        for _ in range(20_000):
            window.add(2.0 * PERIOD)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    summaries = []
    while not done.is_set():
        summaries.append(window.summary())
    writer.join()
    for summary in [*filter(None, summaries), window.summary()]:
        assert summary.p50 == summary.maximum == 1000.0 * PERIOD
        assert summary.missed_periods == summary.count <= 50


@pytest.mark.parametrize(('period', 'size'), [(0.0, 10), (-1.0, 10), (float('nan'), 10), (1.0, 0)])
def test_a_window_of_nothing_is_refused(period, size):
    with pytest.raises(InvalidValueError):
        TimingWindow(period, size)
