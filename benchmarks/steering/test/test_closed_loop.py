import pytest

from benchmarks.steering.closed_loop import (
    Case,
    ClosedLoopPlan,
    cells,
    groups,
    remaining,
    run,
    table,
)
from vls_core.eval.rows import VersionedRows


def row(seed, shift, arm, success=True):
    return {
        'seed': seed, 'shift': shift, 'arm': arm, 'success': success, 'collision': not success,
        'touched': not success, 'dropped': False, 'duration': 7.0, 'steered_share': 0.5,
        'unsafe_share': 0.0, 'network_evaluations': 200.0, 'planning_time': 0.05,
    }


@pytest.fixture
def plan():
    return ClosedLoopPlan(('base', 'ours'), ('none', 'obstacle'), (5, 6))


def test_every_seed_and_shift_is_run_in_every_arm(plan):
    cases = remaining(plan, [])
    assert len(cases) == len(set(cases)) == 8
    assert cases[:2] == [Case(5, 'none', 'base'), Case(5, 'none', 'ours')]


def test_what_was_run_is_not_run_again(plan):
    left = remaining(plan, [row(5, 'none', 'base'), row(6, 'obstacle', 'ours')])
    assert len(left) == 6
    assert Case(6, 'obstacle', 'ours') not in left


def test_a_complete_file_is_read_in_the_order_of_the_plan(plan, tmp_path):
    file = VersionedRows(tmp_path / 'rows.jsonl', plan.version())
    for case in reversed(plan.cases()):
        file.append(row(case.seed, case.shift, case.arm))
    rows = run(plan, file.path)
    assert [Case(item['seed'], item['shift'], item['arm']) for item in rows] == plan.cases()


def test_rows_of_other_code_are_run_again(tmp_path):
    plan = ClosedLoopPlan(('base',), ('obstacle',), (0,))
    path = tmp_path / 'rows.jsonl'
    VersionedRows(path, 'other code').append(row(0, 'obstacle', 'base'))
    (only,) = run(plan, path, processes=1)
    assert only['version'] == plan.version() != 'other code'
    assert not only['success'], 'the unsteered policy does not know about the bottle'
    assert only['ending'] == 'obstacle knocked over'
    assert only['collision'] and only['touched']
    assert only['duration'] < 8.0, 'nothing is left to decide'


def test_the_version_follows_the_settings_of_ours(plan):
    changed = ClosedLoopPlan(plan.arms, plan.shifts, plan.seeds, overrides={'trust': 0.5})
    assert changed.version() != plan.version()
    more_seeds = ClosedLoopPlan(plan.arms, plan.shifts, (5, 6, 7))
    assert more_seeds.version() == plan.version()


def test_cells_count_successes_and_collisions():
    rows = [row(seed, 'obstacle', 'ours', seed < 9) for seed in range(10)]
    texts = cells(rows)
    assert texts[0].startswith('90 (')
    assert texts[1] == '10 %'


def test_groups_keep_shifts_together(plan):
    rows = [row(case.seed, case.shift, case.arm) for case in plan.cases()]
    keys = list(groups(rows))
    assert keys == [('none', 'base'), ('none', 'ours'), ('obstacle', 'base'), ('obstacle', 'ours')]
    assert table(rows).row_count == 4
