"""A slow start does not linger, and one slow chunk does not count for the next."""

import pytest

from vls_ros.latency import LatencyWindow


def test_before_the_first_duration_there_is_nothing_to_say():
    window = LatencyWindow(10)
    assert window.summary() == {}
    assert window.lately() == 0.0


def test_lately_is_the_median_of_the_newest_five():
    window = LatencyWindow(10)
    for duration in (9.0, 9.0, 0.1, 0.2, 0.3, 0.2, 5.0):
        window.add(duration)
    assert window.lately() == pytest.approx(0.2)


def test_old_durations_are_forgotten():
    window = LatencyWindow(2)
    for duration in (9.0, 1.0, 1.0):
        window.add(duration)
    assert window.summary()['p99'] == 1.0
