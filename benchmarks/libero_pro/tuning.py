"""Finds the constants of the baselines on LIBERO-PRO: python -m benchmarks.libero_pro.tuning.

Published strengths belong to the normalisation of the policies they were published for. Each
baseline's main strength is chosen anew here, where things have been moved in one of the suites
that ours was tuned on, from an initial state that is reported nowhere. "best executed" is not
published: the best particle acts, not particle 0. Goes on where it was interrupted.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.libero_pro.bench import Plan, noise_seed
from benchmarks.libero_pro.camera import SceneCamera
from benchmarks.libero_pro.episode import WORKSPACE, Arm, Episode
from benchmarks.libero_pro.learned import records
from benchmarks.libero_pro.policy import LiberoPolicy, checkpoint
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.suites import Task
from benchmarks.libero_pro.summary import rate
from benchmarks.steering.methods import PARTICLES
from benchmarks.steering.version import content_version
from vls_core.eval.jobs import console, run_jobs
from vls_core.eval.rows import Row, VersionedRows
from vls_core.steering.baselines.published import PublishedSteering
from vls_core.steering.baselines.stochastic_sampling import StochasticSampling
from vls_core.steering.sampler import Sampler
from vls_core.vlm.offline import OfflineAuthor

STATE = 1
"""The initial state: not one of those that the benchmark evaluates on."""
ROWS = Path(__file__).parents[1] / 'results' / 'libero_pro' / 'tuning.jsonl'
COLUMNS = (('libero_object', 'position'),)
Job = tuple[Task, tuple[str, ...]]


def grid() -> dict[str, Sampler]:
    """Everything that is tried, by method and strength."""
    tried: dict[str, Sampler] = {}
    for best, strengths in ((False, (30.0, 80.0, 200.0, 500.0)), (True, (80.0, 200.0, 500.0))):
        for strength in strengths:
            name = f'as coded / {strength:g}{", best executed" if best else ""}'
            tried[name] = PublishedSteering(
                'as_coded', PARTICLES, strength=strength, best_executed=best
            )
    for ratio in (30.0, 60.0, 120.0):
        tried[f'ITPS / {ratio:g}'] = StochasticSampling(
            PARTICLES // 4, repeats=4, guide_ratio=ratio
        )
    return tried


def remaining(methods: Sequence[str], rows: Sequence[Row]) -> list[Job]:
    """Tasks, each with the methods that have no episode of it yet."""
    done: dict[tuple[object, ...], set[object]] = defaultdict(set)
    for row in rows:
        done[row['suite'], row['perturbation'], row['task']].add(row['method'])
    jobs = []
    for task in Plan(COLUMNS, (), known=records()).tasks():
        known = done[task.suite, task.perturbation, task.name]
        missing = tuple(method for method in methods if method not in known)
        if missing:
            jobs.append((task, missing))
    return jobs


def play(job: Job) -> list[Row]:
    """One episode of a task for each of some methods."""
    task, methods = job
    policy = LiberoPolicy.load(checkpoint(task.suite, 'flow'))
    rows: list[Row] = []
    with Simulation(task) as simulation:
        camera = SceneCamera(simulation)
        for method in methods:
            arm = Arm(grid()[method], author=OfflineAuthor(WORKSPACE))
            episode = Episode(simulation, camera, policy, arm, noise_seed(0, STATE))
            outcome = episode.play(STATE)
            rows.append({
                'suite': task.suite, 'perturbation': task.perturbation, 'task': task.name,
                'method': method, 'success': outcome.success, 'steps': outcome.steps,
            })
        camera.close()
    return rows


def table(rows: Sequence[Row]) -> Table:
    """Success per method: of every cell, then of all with its 95 % interval."""
    shown = Table('method / strength', *map(' '.join, COLUMNS), 'success [%]')
    for method in (name for name in grid() if any(row['method'] == name for row in rows)):
        cells = (rate(rows, method=method, suite=suite, perturbation=shift)
                 for suite, shift in COLUMNS)
        whole = rate(rows, method=method)
        assert whole is not None, 'the method has rows'
        shown.add_row(
            method, *(f'{100 * cell.value:.0f}' if cell else '-' for cell in cells),
            f'{100 * whole.value:.0f} ({100 * whole.low:.0f} to {100 * whole.high:.0f})',
        )
    return shown


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--methods', default='', help='those whose name begins with this; all')
    parser.add_argument('--out', type=Path, default=ROWS,
                        help='rows; those of the same code are not run again')
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    version = content_version((Path(__file__),), settings=Plan(COLUMNS, ()).version())
    file = VersionedRows(wanted.out, version)
    file.set_aside_stale()
    rows = file.read()
    methods = [name for name in grid() if name.startswith(wanted.methods)]

    def keep(made: list[Row]) -> None:
        rows.extend(file.append(row) for row in made)

    jobs = remaining(methods, rows)
    run_jobs(play, jobs, wanted.processes, 'tuning of the baselines', keep)
    console().print(table(rows))


if __name__ == '__main__':
    main()
