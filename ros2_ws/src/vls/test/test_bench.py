import json

import pytest

from vls.bench import (
    BenchPlan,
    markdown,
    remaining,
    success_rates,
    summary,
    write_report,
)


def row(seed, condition, steer, success):
    return {'seed': seed, 'condition': condition, 'steer': steer, 'success': success,
            'commit': 'abc'}


@pytest.fixture
def plan(tmp_path):
    return BenchPlan((0, 1), ('none', 'obstacle'), tmp_path, 60.0)


def test_every_seed_and_condition_is_run_both_ways(plan):
    cases = remaining(plan, [])
    assert len(cases) == len(set(cases)) == 8
    assert cases[0] == (0, 'none', False)
    assert cases[1] == (0, 'none', True)


def test_what_was_run_is_not_run_again(plan):
    rows = [row(0, 'none', False, True), row(1, 'obstacle', True, False)]
    left = remaining(plan, rows)
    assert len(left) == 6
    assert (0, 'none', False) not in left


def test_summary_has_a_flat_metric_per_condition_and_its_provenance():
    rows = [row(seed, 'obstacle', steer, steer) for seed in range(10) for steer in (False, True)]
    content = summary(rows)
    assert set(content) == {
        'unsteered_success_obstacle', 'steered_success_obstacle', 'provenance'
    }
    steered = content['steered_success_obstacle']
    assert (steered['value'], steered['n'], steered['unit'], steered['high']) == (
        100.0, 10, '%', 100.0)
    assert 60.0 < steered['low'] < 80.0
    assert content['unsteered_success_obstacle']['low'] == 0.0
    assert content['provenance']['seeds'] == list(range(10))
    assert content['provenance']['versions']['torch']


def test_table_counts():
    rows = [row(seed, 'none', True, seed < 9) for seed in range(10)]
    assert '| none | - | 9/10 (' in markdown(success_rates(rows))


def test_report_is_written(plan):
    write_report(plan, [row(0, 'none', steer, True) for steer in (False, True)])
    assert json.loads((plan.folder / 'summary.json').read_text())
    assert (plan.folder / 'success.png').stat().st_size > 1000
    assert (plan.folder / 'table.md').read_text()
