"""Metrics of the other programs are ratios of the same run, and stay in the summary."""

import json

import pytest

from benchmarks.bridge.faults.rig import Motion
from benchmarks.bridge.foreign_metrics import (
    merge_into_summary,
    soak_metrics,
    stop_metrics,
    storm_metrics,
)
from benchmarks.bridge.soak import Sample
from benchmarks.bridge.stops import ROBOTS_OWN, Stop


def stop(who, time, angle=0.1):
    return Stop(who, 0, Motion(time, angle, 9.0), ())


def test_times_are_set_against_the_robots_own_stop():
    metrics = stop_metrics([
        stop(ROBOTS_OWN, 0.1), stop(ROBOTS_OWN, 0.3), stop('e-stop', 0.4), stop('dead-man', 0.6),
    ])
    assert metrics['stop_time_ratio']['value'] == 2.0
    assert metrics['stop_time_ratio_dead_man']['value'] == 3.0
    assert metrics['stop_time_ratio_robots_own_stop']['value'] == 1.0
    assert metrics['stop_angle_rad']['value'] == 0.1


def test_memory_that_grows_is_seen_and_warming_up_is_not():
    samples = [
        Sample(30.0 * number, 2, 100.0 + max(number - 4, 0) * 0.5 if number else 50.0,
               (0.1, 0.2, 0.3, number), 0, 0, 0, 1.0, 0)
        for number in range(1, 20)
    ]
    metrics = soak_metrics(samples)
    assert metrics['soak_memory_slope']['value'] == pytest.approx(60.0)
    assert metrics['soak_jitter_maximum_ms']['worst'] == 19


def test_what_comes_after_a_fault_says_nothing_about_following():
    good = Sample(30.0, 2, 100.0, (0.1, 0.2, 0.3, 1.0), 0, 0, 0, 1.0, 0)
    fault = Sample(60.0, 4, 101.0, (9.0, 9.0, 9.0, 9.0), 0, 0, 5, 0.0, 1, 'a reflex')
    metrics = soak_metrics([good, fault])
    assert metrics['soak_jitter_p50_ms']['worst'] == 0.1
    assert metrics['soak_minutes']['value'] == 1.0
    assert metrics['soak_minutes_following']['value'] == 0.5
    assert metrics['soak_reflexes']['value'] == 1


def test_what_is_in_the_summary_stays_there(tmp_path):
    (tmp_path / 'summary.json').write_text('{"reflexes": {"value": 0}}')
    merge_into_summary(tmp_path, storm_metrics(
        {'streams': 5, 'references': 50, 'violations': 0, 'faults': 1}
    ))
    summary = json.loads((tmp_path / 'summary.json').read_text())
    assert summary['reflexes'] == {'value': 0}
    assert summary['storm_references']['value'] == 50
