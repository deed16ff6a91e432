"""Runs the benchmark of the steering core and writes its report.

Four parts: plan quality, its ablation, the closed loop in the simulated scene, and the cost. Each
goes on where it was interrupted; what other code made is set aside and made anew.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.steering import closed_loop, cost, figures, plan_quality, report
from benchmarks.steering.arms import OURS, REPORTED
from benchmarks.steering.closed_loop import ClosedLoopPlan
from benchmarks.steering.methods import ablations, compared
from benchmarks.steering.version import ROOT
from vls_core.eval import provenance
from vls_core.eval.jobs import console
from vls_core.eval.rows import Row, RowsError, VersionedRows
from vls_core.steering.sampler import Sampler

PARTS = ('plan', 'ablation', 'closed', 'cost')
RESULTS = ROOT / 'benchmarks' / 'results' / 'steering'
QUICK_RESULTS = ROOT / 'runs' / 'steering-quick'
"""Quick runs never touch the committed results."""


@dataclass(frozen=True)
class Effort:
    """How much is run.

    Attributes:
        scenes: of every test of plan quality.
        ablation_scenes: the same for the ablation.
        episodes: of every cell of the closed loop.
        repetitions, particles: of the cost.
    """

    scenes: int = len(plan_quality.REPORTED_SEEDS)
    ablation_scenes: int = 100
    episodes: int = closed_loop.SEEDS
    repetitions: int = cost.REPETITIONS
    particles: tuple[int, ...] = cost.PARTICLES


FULL = Effort()
QUICK = Effort(3, 2, 1, cost.QUICK_REPETITIONS, cost.QUICK_PARTICLES)


@dataclass(frozen=True)
class Benchmark:
    """One run of the benchmark.

    Attributes:
        folder: takes rows, tables, figures and summary.json.
        parts: of PARTS, those to be run; of the others, what is there is reported.
    """

    folder: Path
    effort: Effort
    parts: Sequence[str] = PARTS
    processes: int = 2

    def plan_rows(self, part: str) -> list[Row]:
        """Plan quality of everything that is compared, or of what is left out of ours."""
        cases, methods = self._plan_cases(part)
        return plan_quality.run(cases, methods, self._file('plan_quality'), self.processes)

    def closed_loop_rows(self) -> list[Row]:
        """Episodes of all arms."""
        return closed_loop.run(
            self._closed_loop_plan(), self._file('closed_loop'), self.processes
        )

    def cost_cells(self) -> list[cost.CostCell]:
        """Ratios; measured with nothing else running."""
        return cost.run(
            self.folder / 'cost.json', self.effort.repetitions, self.effort.particles
        )

    def ready(self, part: str) -> bool:
        """Whether all results of a part are there, made by the present code."""
        if part == 'cost':
            stored = cost.stored(self.folder / 'cost.json', self.effort.repetitions)
            return all(case in stored for case in cost.all_cases(self.effort.particles))
        name, version = (
            ('closed_loop', self._closed_loop_plan().version()) if part == 'closed'
            else ('plan_quality', plan_quality.version())
        )
        try:
            rows = VersionedRows(self._file(name), version).read()
        except RowsError:
            return False
        if part == 'closed':
            return not closed_loop.remaining(self._closed_loop_plan(), rows)
        return not plan_quality.remaining(*self._plan_cases(part), rows)

    def provenance(self, commit: str) -> dict[str, object]:
        """What the numbers depend on. Args: commit: when the run began."""
        closed = self._closed_loop_plan()
        return {
            'command': 'make bench-steering' + ('' if self.effort == FULL else ' QUICK=1'),
            'interval': report.INTERVALS,
            'seeds': {
                'plan': list(plan_quality.REPORTED_SEEDS[: self.effort.scenes]),
                'ablation': list(plan_quality.REPORTED_SEEDS[: self.effort.ablation_scenes]),
                'closed_loop': list(closed.seeds),
                'cost': [0],
            },
            'commit': commit,
            'content': {
                'plan': plan_quality.version(), 'closed_loop': closed.version(),
                'cost': cost.version(self.effort.repetitions),
            },
            'versions': provenance.versions(),
            'machine': provenance.machine(),
        }

    def _plan_cases(self, part: str) -> tuple[list[plan_quality.Case], dict[str, Sampler]]:
        seeds = plan_quality.REPORTED_SEEDS
        if part == 'plan':
            return plan_quality.all_cases(seeds[: self.effort.scenes]), compared()
        # The ablation is for flow matching, which the demo's policy is too.
        methods = {OURS: compared()[OURS], **ablations()}
        return plan_quality.all_cases(seeds[: self.effort.ablation_scenes], ('flow',)), methods

    def _closed_loop_plan(self) -> ClosedLoopPlan:
        first = closed_loop.FIRST_SEED
        return ClosedLoopPlan(
            REPORTED, seeds=tuple(range(first, first + self.effort.episodes))
        )

    def _file(self, name: str) -> Path:
        return self.folder / f'{name}.jsonl'


def run(benchmark: Benchmark) -> dict[str, object]:
    """Runs the parts asked for, writes the report, and returns what summary.json holds.

    Parts not asked for are reported too where their results are complete and up to date.
    """
    # Before anything is written: the results are files of the repository themselves.
    commit = provenance.commit()
    benchmark.folder.mkdir(parents=True, exist_ok=True)
    sections = []
    for part in PARTS:
        if part in benchmark.parts or benchmark.ready(part):
            sections.append(_SECTIONS[part](benchmark))
        else:
            console(stderr=True).print(
                f'{part}: no complete results of the present code; left out of the report'
            )
    for section in sections:
        for table in section.tables:
            console().print(table)
    summary = {
        **{name: metric for section in sections for name, metric in section.metrics.items()},
        'provenance': benchmark.provenance(commit),
    }
    text = '\n'.join(
        report.markdown(table) for section in sections for table in section.tables
    )
    (benchmark.folder / 'table.md').write_text(text)
    (benchmark.folder / 'summary.json').write_text(json.dumps(summary, indent=2) + '\n')
    return summary


@dataclass(frozen=True)
class Section:
    """What one part contributes to the report."""

    tables: list[Table]
    metrics: Mapping[str, report.Metric]


def _plan(benchmark: Benchmark) -> Section:
    rows = benchmark.plan_rows('plan')
    figures.plan_success(rows, benchmark.folder / 'plan_success.png')
    figures.example_plans(compared(), benchmark.folder / 'example_plans.png')
    return Section([plan_quality.table(rows)], report.plan_metrics(rows))


def _ablation(benchmark: Benchmark) -> Section:
    table = plan_quality.table(benchmark.plan_rows('ablation'))
    table.title = 'Ablation: ours with one ingredient changed, 95 % intervals'
    return Section([table], {})


def _closed(benchmark: Benchmark) -> Section:
    rows = benchmark.closed_loop_rows()
    figures.closed_loop(rows, benchmark.folder / 'closed_loop.png')
    return Section(
        [closed_loop.table(rows), report.gains_table(rows)], report.closed_loop_metrics(rows)
    )


def _cost(benchmark: Benchmark) -> Section:
    cells = benchmark.cost_cells()
    figures.cost(cells, benchmark.folder / 'cost.png')
    return Section([cost.table(cells)], report.cost_metrics(cells))


_SECTIONS: dict[str, Callable[[Benchmark], Section]] = {
    'plan': _plan, 'ablation': _ablation, 'closed': _closed, 'cost': _cost,
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser('python -m benchmarks.steering', description=__doc__)
    parser.add_argument('--quick', action='store_true', help='a few of everything, in minutes')
    parser.add_argument('--only', nargs='+', choices=PARTS, default=list(PARTS))
    parser.add_argument('--processes', type=int, default=2)
    parser.add_argument('--out', type=Path, help=f'default: {RESULTS.relative_to(ROOT)}, or '
                                                 f'{QUICK_RESULTS.relative_to(ROOT)} when quick')
    arguments = parser.parse_args()
    effort, folder = (QUICK, QUICK_RESULTS) if arguments.quick else (FULL, RESULTS)
    benchmark = Benchmark(
        arguments.out or folder, effort, tuple(arguments.only), arguments.processes
    )
    run(benchmark)
    console().print(f'written to {benchmark.folder}', highlight=False)


if __name__ == '__main__':
    main()
