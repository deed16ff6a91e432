import pickle

import pytest

from benchmarks.steering.methods import ABLATIONS, PARTICLES, SETS, ablations, compared
from benchmarks.steering.plan_quality import (
    REPORTED_SEEDS,
    TUNING_SEEDS,
    Case,
    all_cases,
    evaluate,
    groups,
    remaining,
    run,
    table,
)
from benchmarks.steering.planar import PlanarTest
from vls_core.steering.baselines.best_of_n import BestOfN

CASE = Case('flow', PlanarTest.COMMANDED_MODE, 2000)
METHODS = {'base': BestOfN(1), 'best of 4': BestOfN(4)}


def without_time(rows):
    return [{name: value for name, value in row.items() if name != 'seconds'} for row in rows]


def test_nothing_reported_was_tuned_on():
    assert not set(REPORTED_SEEDS) & set(TUNING_SEEDS)


def test_the_same_case_gives_the_same_rows_whatever_else_is_compared():
    both = without_time(evaluate(CASE, METHODS))
    alone = without_time(evaluate(CASE, {'best of 4': METHODS['best of 4']}))
    assert both[1:] == alone
    assert [row['evaluations'] for row in both] == [10, 40]


def test_choosing_by_reward_helps_where_one_of_six_modes_is_asked_for():
    rows = [
        row
        for case in all_cases(range(2000, 2008), tests=[PlanarTest.COMMANDED_MODE])
        for row in evaluate(case, {'base': BestOfN(1), 'best of 20': BestOfN(20)})
    ]
    successes = {name: 0 for name in ('base', 'best of 20')}
    for row in rows:
        successes[row['method']] += row['success']
    assert successes['base'] < 6
    assert successes['best of 20'] > 12


def test_only_what_is_missing_is_run():
    cases = all_cases([2000, 2001], tests=[PlanarTest.BLOCKED])
    assert len(cases) == 4
    rows = [{'method': 'base', 'family': case.family, 'test': str(case.test), 'seed': case.seed}
            for case in cases[:3]]
    jobs = remaining(cases, METHODS, rows)
    assert [list(job.methods) for job in jobs] == [['best of 4']] * 3 + [['base', 'best of 4']]
    assert remaining(cases[:3], {'base': METHODS['base']}, rows) == []


def test_a_second_run_reads_what_the_first_one_wrote(tmp_path):
    file = tmp_path / 'rows.jsonl'
    cases = all_cases([2000], ['flow'], [PlanarTest.BLOCKED])
    first = run(cases, METHODS, file, processes=1)
    assert len(first) == len(file.read_text().splitlines()) == 2
    assert run(cases, METHODS, file, processes=1) == first


def test_the_table_has_a_line_for_every_group_that_was_run():
    rows = list(evaluate(CASE, METHODS))
    assert list(groups(rows)) == [('flow', 'commanded_mode', name) for name in METHODS]
    assert table(rows).row_count == 2


@pytest.mark.parametrize('chosen', SETS)
def test_methods_can_be_handed_to_other_processes(chosen):
    for method in SETS[chosen]().values():
        assert pickle.loads(pickle.dumps(method)) == method


@pytest.mark.parametrize('family', ['flow', 'diffusion'])
def test_no_method_evaluates_the_network_more_often_than_the_others(family):
    methods = {**compared(), **ablations()}
    rows = list(evaluate(Case(family, PlanarTest.BLOCKED, 2000), methods))
    for row in rows:
        assert row['evaluations'] <= 10 * PARTICLES, row['method']
        if row['method'] not in ('base', 'a single particle'):
            assert row['evaluations'] >= 0.85 * 10 * PARTICLES, row['method']


def test_every_ablation_changes_something():
    samplers = ablations()
    assert set(samplers) == set(ABLATIONS)
    assert all(sampler != compared()['ours'] for sampler in samplers.values())
