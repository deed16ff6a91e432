"""Metrics add up what the rows say, take the worst case, and say what they lack."""

import pytest

from benchmarks.bridge import report
from benchmarks.bridge.plan import CARTESIAN, DEFAULT, FULL, QUICK, VELOCITY
from benchmarks.bridge.strategies import DIRECT
from benchmarks.bridge.streams import CASES


@pytest.fixture
def rows(make_row):
    return [
        make_row(case, strategy, seed)
        for case, trials in QUICK.trials().items() for strategy, seed in trials
    ]


def changed(rows, case, strategy, **changes):
    return [
        {**each, **changes} if (each['case'], each['strategy']) == (case, strategy) else each
        for each in rows
    ]


def test_calm_rows_make_zeros(rows):
    metrics = report.metrics(rows)
    for name in ('reflexes', 'limit_violations', 'starvation_events'):
        assert metrics[name]['value'] == metrics[name]['high'] == 0
        assert 0.0 < metrics[name]['share_at_most'] < 1.0
    assert metrics['added_lag_ms']['value'] == 0.0
    assert metrics['tracking_rms_mrad']['value'] == 4.0


def test_counts_are_kept_for_each_mode_of_the_bridge_and_no_one_else(rows):
    reflex = {'reflexes': ['a_reflex: somewhere'], 'best_rms_mrad': None}
    rows = changed(rows, 'jump', DEFAULT, **reflex)
    rows = changed(rows, 'noise', VELOCITY, violations={'jerk': 3, 'velocity': 1})
    rows = changed(rows, 'noise', 'zero-order hold', violations={'jerk': 99}, **reflex)
    metrics = report.metrics(rows)
    assert metrics['reflexes']['value'] == 2
    assert metrics['reflexes']['streams_concerned'] == 2
    assert metrics['limit_violations']['value'] == 0
    assert metrics['limit_violations_joint_velocity']['value'] == 8
    assert metrics['reflexes_joint_velocity']['value'] == 0


def test_starvation_counts_only_where_there_was_something_to_follow(rows):
    rows = changed(rows, 'loss', DEFAULT, starvations=1)
    assert report.metrics(rows)['starvation_events']['value'] == 0
    rows = changed(rows, 'noise', DEFAULT, starvations=1)
    assert report.metrics(rows)['starvation_events']['value'] == 2


def test_the_worst_calm_case_counts(rows):
    rows = changed(rows, 'delay_100', DEFAULT, best_rms_mrad=7.0, lag_ms=50.0)
    rows = changed(rows, 'jump', DEFAULT, best_rms_mrad=99.0)
    metrics = report.metrics(rows)
    assert metrics['tracking_rms_mrad']['value'] == 7.0
    assert metrics['tracking_rms_mrad']['of'] == 'delay_100'
    assert metrics['added_lag_ms']['value'] == 40.0


def test_lag_is_compared_with_direct_interpolation_of_the_same_seed(rows):
    rows = [
        {**each, 'lag_ms': each['lag_ms'] + 100 * each['seed']}
        if each['strategy'] in (DEFAULT, DIRECT.name) else each for each in rows
    ]
    metric = report.metrics(rows)['added_lag_ms']
    assert metric['value'] == metric['low'] == metric['high'] == 0.0


def test_the_cartesian_mode_is_judged_by_its_hand(rows):
    rows = changed(rows, 'demonstration', CARTESIAN, best_rms_mrad=50.0, lag_ms=100.0,
                   end_effector_rms_mm=8.0, end_effector_lag_ms=60.0)
    metrics = report.metrics(rows)
    assert metrics['end_effector_rms_mm_cartesian_impedance']['value'] == 8.0
    assert metrics['added_lag_ms_cartesian_impedance']['value'] == 40.0
    assert 'tracking_rms_mrad_cartesian_impedance' not in metrics


def test_missing_rows_are_an_error(rows):
    with pytest.raises(report.MissingRowsError):
        report.metrics([])
    with pytest.raises(report.MissingRowsError, match='velocity'):
        report.metrics([each for each in rows if each['strategy'] != VELOCITY])


def test_the_table_has_a_row_for_each_case_and_strategy(rows):
    rows = changed(rows, 'noise', DIRECT.name, violations=None, starvations=None)
    shown = report.table(rows)
    assert shown.row_count == len({(each['case'], each['strategy']) for each in rows})


def test_the_full_plan_has_every_case_and_seed_of_the_bridge():
    trials = FULL.trials()
    assert list(trials) == [case.name for case in CASES]
    assert all((DEFAULT, seed) in members for members in trials.values() for seed in range(5))


def test_what_is_there_is_not_played_again(rows):
    assert QUICK.trials(rows) == {}
    left = QUICK.trials([each for each in rows if each['case'] != 'jump'])
    assert list(left) == ['jump']


def test_what_was_played_again_is_reported(rows):
    slow = {'robot_pace': 0.7, 'reflexes': ['a_reflex: somewhere'], 'error': 'it'}
    pace = report.metrics(changed(rows, 'jump', DEFAULT, discarded=[slow]))['judge_pace']
    assert pace['replayed'] == 2
    assert pace['reflexes_of_ours_in_replayed'] == 2


def test_a_fault_of_the_bridge_counts_even_without_a_reflex(rows):
    metrics = report.metrics(changed(rows, 'jump', DEFAULT, error='the arm does not follow'))
    assert metrics['ended_streams']['value'] == 2
    assert metrics['reflexes']['value'] == 0


def test_streams_played_on_too_slow_a_machine_are_counted(rows):
    pace = report.metrics(changed(rows, 'jump', DEFAULT, robot_pace=0.5))['judge_pace']
    assert pace['too_slow'] == 2
    assert pace['lowest'] == 0.5
