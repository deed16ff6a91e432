import json

import pytest
from rich.table import Table

from benchmarks.steering import __main__ as benchmark_module
from benchmarks.steering.__main__ import (
    FULL,
    QUICK,
    QUICK_RESULTS,
    RESULTS,
    Benchmark,
    Effort,
    Section,
    run,
)
from benchmarks.steering.arms import REPORTED
from benchmarks.steering.closed_loop import FIRST_SEED, ClosedLoopPlan
from benchmarks.steering.version import ROOT
from vls_core.eval.rows import VersionedRows

METRIC = {'value': 1.0, 'low': 0.5, 'high': 1.5, 'n': 3, 'unit': 'ratio'}


@pytest.fixture
def parts(monkeypatch):
    """Replaces the parts by ones that take no time; returns the names of those that ran."""
    ran = []

    def section(part):
        def make(benchmark):
            ran.append(part)
            table = Table('part', title=part)
            table.add_row(part)
            return Section([table], {f'{part}_metric': METRIC})
        return make

    monkeypatch.setattr(
        benchmark_module, '_SECTIONS', {part: section(part) for part in benchmark_module.PARTS}
    )
    return ran


def test_everything_is_run_and_reported(parts, tmp_path):
    summary = run(Benchmark(tmp_path, QUICK))
    assert parts == ['plan', 'ablation', 'closed', 'cost']
    assert json.loads((tmp_path / 'summary.json').read_text()) == summary
    assert summary['cost_metric'] == METRIC
    text = (tmp_path / 'table.md').read_text()
    assert [line for line in text.splitlines() if line.startswith('**')] == [
        f'**{part}**' for part in parts
    ]


def test_the_summary_says_what_its_numbers_depend_on(parts, tmp_path):
    provenance = run(Benchmark(tmp_path, QUICK))['provenance']
    assert set(provenance) == {
        'command', 'interval', 'seeds', 'commit', 'content', 'versions', 'machine'
    }
    assert provenance['command'] == 'make bench-steering QUICK=1'
    assert len(provenance['seeds']['plan']) == QUICK.scenes
    assert set(provenance['content']) == {'plan', 'closed_loop', 'cost'}


def test_parts_that_are_neither_asked_for_nor_there_are_left_out(parts, tmp_path):
    summary = run(Benchmark(tmp_path, QUICK, ('cost',)))
    assert parts == ['cost']
    assert 'plan_metric' not in summary


def test_quick_results_lie_elsewhere():
    assert QUICK_RESULTS != RESULTS
    assert QUICK_RESULTS.relative_to(ROOT).parts[0] == 'runs'
    assert FULL.scenes >= 200 and FULL.episodes >= 50


def test_a_part_is_ready_once_the_present_code_has_made_all_of_it(tmp_path):
    benchmark = Benchmark(tmp_path, Effort(scenes=1, ablation_scenes=1, episodes=1))
    plan = ClosedLoopPlan(REPORTED, seeds=(FIRST_SEED,))
    rows = VersionedRows(tmp_path / 'closed_loop.jsonl', plan.version())
    *cases, last = ({'seed': case.seed, 'shift': case.shift, 'arm': case.arm}
                    for case in plan.cases())
    assert not benchmark.ready('closed')
    for case in cases:
        rows.append(case)
    assert not benchmark.ready('closed'), 'one is missing'
    rows.append(last)
    assert benchmark.ready('closed')
    assert not benchmark.ready('plan')
    assert not benchmark.ready('cost')
    VersionedRows(rows.path, 'other code').append({})
    assert not benchmark.ready('closed')
