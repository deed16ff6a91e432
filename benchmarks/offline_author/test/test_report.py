"""Rows are counted as they are: refusals apart, claims held against the physics."""

from benchmarks.offline_author.report import cells, table
from benchmarks.offline_author.runs import STEERED


def row(task, seed, success, claimed, ending='program done'):
    return {'task': task, 'arm': STEERED, 'seed': seed, 'success': success, 'claimed': claimed,
            'ending': ending, 'duration': 5.0 + seed}


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
