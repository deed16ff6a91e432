"""What becomes of the offline author's programs in the simulated scene.

Sentences that the demo's policy was never trained for are written as programs by the rules, and
played with the frozen policy alone and steered: same layout, same perception noise, same first
sampling noise. `python -m benchmarks.offline_author --seeds 15` takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from rich.table import Table

from benchmarks.offline_author.episode import REPLAN_STEPS, TIME_LIMIT, play
from benchmarks.offline_author.tasks import TASKS
from benchmarks.steering.report import markdown
from benchmarks.steering.version import CHECKPOINT, ROOT, SOURCES, content_version
from benchmarks.steering.workers import console, run_jobs
from vls import provenance
from vls_core.eval.rows import Row
from vls_core.eval.statistics import wilson
from vls_core.policies.flow import FlowPolicy
from vls_core.steering.planner import Planner, PlannerConfig
from vls_sim.rig import Rig

RESULTS = ROOT / 'benchmarks' / 'results' / 'offline_author'
FIRST_SEED = 2000
"""The rules were tried out on seeds below 100 alone."""
SEEDS = 15
UNSTEERED, STEERED = 'unsteered', 'steered'


@dataclass(frozen=True)
class Case:
    """One episode to play."""

    task: str
    arm: str
    seed: int


def cases(seeds: Sequence[int], tasks: Sequence[str]) -> list[Case]:
    """Every task with every seed, by each arm; what is paired is next to each other."""
    return [Case(task, arm, seed)
            for task in tasks for seed in seeds for arm in (UNSTEERED, STEERED)]


def run(wanted: Sequence[Case], processes: int = 1) -> list[Row]:
    """Plays all cases; returns a row for each, in their order."""
    rows: dict[Case, Row] = {}

    def keep(result: tuple[Case, Row]) -> None:
        rows[result[0]] = result[1]

    run_jobs(_work, wanted, processes, 'offline author', keep)
    return [rows[case] for case in wanted]


def _work(case: Case) -> tuple[Case, Row]:
    task = next(task for task in TASKS if task.name == case.task)
    planner = Planner(_policy(), config=PlannerConfig(case.seed, REPLAN_STEPS))
    episode = play(_rig(), planner, task, case.seed, case.arm == STEERED)
    return case, {**asdict(case), **asdict(episode)}


@cache
def _policy() -> FlowPolicy:
    return FlowPolicy.load(CHECKPOINT)


@cache
def _rig() -> Rig:
    return Rig()


def cells(rows: Sequence[Row]) -> list[dict[str, object]]:
    """What the rows of each task and arm amount to; refused sentences were not played.

    `success` is None where every sentence was refused.
    """
    found = []
    for task, arm in dict.fromkeys((row['task'], row['arm']) for row in rows):
        members = [row for row in rows if (row['task'], row['arm']) == (task, arm)]
        played = [row for row in members if row['ending'] != 'refused']
        done = sum(bool(row['success']) for row in played)
        found.append({
            'task': task,
            'arm': arm,
            'played': len(played),
            'refused': len(members) - len(played),
            'success': asdict(wilson(done, len(played))) if played else None,
            'claimed, not done': sum(bool(row['claimed'] and not row['success'])
                                     for row in played),
            'done, not claimed': sum(bool(row['success'] and not row['claimed'])
                                     for row in played),
            'duration': round(statistics.median(float(row['duration']) for row in played), 1)
            if played else None,
        })
    return found


def table(summary: Sequence[dict[str, object]]) -> Table:
    """The summary, for people."""
    shown = Table('task', 'arm', 'played', 'refused', 'success [%]', 'claimed, not done',
                  'done, not claimed', 'time (s)', title='Offline author, 95 % Wilson intervals')
    for cell in summary:
        rate = cell['success']
        percent = '-'
        if isinstance(rate, dict):
            percent = (f'{100 * rate["value"]:.0f} '
                       f'({100 * rate["low"]:.0f} to {100 * rate["high"]:.0f})')
        shown.add_row(
            *(str(cell[name]) for name in ('task', 'arm', 'played', 'refused')), percent,
            *(str(cell[name]) for name in ('claimed, not done', 'done, not claimed', 'duration')),
        )
    return shown


def main() -> None:
    """Command line."""
    names = [task.name for task in TASKS]
    parser = argparse.ArgumentParser('python -m benchmarks.offline_author', description=__doc__)
    parser.add_argument('--seeds', type=int, default=SEEDS, help=f'how many, from {FIRST_SEED} on')
    parser.add_argument('--tasks', nargs='+', choices=names, default=names)
    parser.add_argument('--processes', type=int, default=1)
    parser.add_argument('--out', type=Path, default=RESULTS)
    arguments = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.seeds)
    depends_on = _depends_on(seeds)
    rows = run(cases(seeds, arguments.tasks), arguments.processes)
    summary = cells(rows)
    arguments.out.mkdir(parents=True, exist_ok=True)
    result = {'cells': summary, 'provenance': depends_on, 'rows': rows}
    (arguments.out / 'summary.json').write_text(json.dumps(result, indent=1) + '\n')
    (arguments.out / 'table.md').write_text(markdown(table(summary)))
    console().print(table(summary))


def _depends_on(seeds: Sequence[int]) -> dict[str, object]:
    """What the numbers depend on, taken before anything is run or written."""
    packages = (SOURCES / name / name for name in ('vls_core', 'vls_sim'))
    return {
        'commit': provenance.commit(),
        'content': content_version((Path(__file__).parent, *packages, CHECKPOINT)),
        'sentences': {task.name: task.sentence for task in TASKS},
        'seeds': list(seeds),
        'time limit [s]': TIME_LIMIT,
        'interval': 'Wilson score, 95 %',
        'versions': provenance.versions(),
        'machine': provenance.machine(),
    }


if __name__ == '__main__':
    main()
