"""Rows are counted as they are: refusals apart, claims held against the physics."""

from benchmarks.offline_author.__main__ import STEERED, UNSTEERED, Case, cases, cells, run, table


def row(task, seed, success, claimed, ending='program done'):
    return {'task': task, 'arm': STEERED, 'seed': seed, 'success': success, 'claimed': claimed,
            'ending': ending, 'duration': 5.0 + seed}


def test_every_seed_is_played_by_both_arms():
    wanted = cases((5, 6), ('lift', 'stack'))
    assert len(set(wanted)) == 8
    assert wanted[:2] == [Case('lift', UNSTEERED, 5), Case('lift', STEERED, 5)]


def test_rows_come_in_the_order_of_the_cases():
    wanted = [Case('lift', STEERED, 0), Case('lift', UNSTEERED, 0)]
    rows = run(wanted)
    assert [(item['task'], item['arm'], item['seed']) for item in rows] == [
        ('lift', 'steered', 0), ('lift', 'unsteered', 0)]
    assert [item['success'] for item in rows] == [True, False]


def test_refusals_are_no_failures_and_wrong_claims_are_counted():
    (cell,) = cells([
        row('push', 0, True, True), row('push', 1, False, True), row('push', 2, True, False),
        row('push', 3, False, False), row('push', 4, False, False, 'refused'),
    ])
    assert (cell['played'], cell['refused']) == (4, 1)
    assert cell['success']['value'] == 0.5 and cell['success']['trials'] == 4
    assert cell['success']['low'] < 0.2 and cell['success']['high'] > 0.8
    assert cell['claimed, not done'] == cell['done, not claimed'] == 1
    assert cell['duration'] == 6.5


def test_a_task_that_is_always_refused_has_no_rate():
    summary = cells([row('push', 0, False, False, 'refused')])
    assert summary[0]['success'] is None
    assert table(summary).row_count == 1
