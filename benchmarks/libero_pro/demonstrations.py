"""Records demonstrations of the standard suites: python -m benchmarks.libero_pro.demonstrations.

What is there already is kept, so that an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track
from rich.table import Table

from benchmarks.libero_pro.demonstration import NOISE, Demonstration, demonstrate
from benchmarks.libero_pro.goal import NotPickAndPlaceError
from benchmarks.libero_pro.learned import Record, add, key_of
from benchmarks.libero_pro.seen import FILE, look
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.suites import PERTURBATIONS, SUITES, Task, UnknownTaskError, tasks
from vls_core.eval.jobs import console

FOLDER = Path('runs') / 'libero_pro' / 'demonstrations'
"""Where they lie, from the repository's root."""
TRAINING_STATES = range(1, 50, 2)
"""Initial states that are learned from; the even ones are for evaluation alone."""


@dataclass(frozen=True)
class Job:
    """All demonstrations of one task, which share a simulation."""

    task: Task
    seeds: int
    folder: Path
    states: Sequence[int] = TRAINING_STATES
    noise: float = NOISE

    def file(self, state: int, seed: int) -> Path:
        """Where one demonstration is kept."""
        return self.folder / self.task.folder / self.task.name / f'{state:02d}-{seed:02d}.npz'

    @property
    def seen(self) -> Path:
        """Where is kept what the camera sees."""
        return self.folder / self.task.folder / self.task.name / FILE

    def missing(self) -> list[tuple[int, int]]:
        """Initial states and seeds that have not been recorded."""
        return [(state, seed) for seed in range(self.seeds) for state in self.states
                if not self.file(state, seed).exists()]


def record(job: Job) -> tuple[Task, Record]:
    """Records what is missing of a task."""
    missing = job.missing()
    try:
        learns = job.noise > 0.0
        if missing or learns and not job.seen.exists():
            with Simulation(job.task) as simulation:
                for state, seed in missing:
                    demonstrate(simulation, state, seed, job.noise).save(job.file(state, seed))
                if learns:
                    look(simulation, list(job.states)).save(job.seen)
    except NotPickAndPlaceError as error:
        return job.task, Record(0, 0, str(error))
    outcomes = Counter(
        Demonstration.load(job.file(state, seed)).succeeded
        for state in job.states for seed in range(job.seeds)
    )
    return job.task, Record(outcomes[True], outcomes.total())


def record_all(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Task, Record]]:
    """Several tasks at once, as they are done."""
    # Spawned: a simulator that was loaded before a fork is not safe after it.
    with multiprocessing.get_context('spawn').Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(record, jobs)


def table_of(found: Mapping[str, Record]) -> Table:
    """What a user reads at the end."""
    table = Table('suite', 'perturbation', 'task', 'episodes', 'succeeded', '')
    for key, item in sorted(found.items()):
        verdict = 'counts' if item.counts else f'does not count: {item.why_not}'
        table.add_row(*key.split('/'), str(item.recorded), str(item.succeeded), verdict)
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Records and shows how often the expert succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--suites', nargs='+', default=SUITES, metavar='SUITE')
    parser.add_argument('--undisturbed', action='store_true',
                        help='only find out which tasks the expert can do; kept in expert.json')
    parser.add_argument('--perturbation', default='none', choices=list(PERTURBATIONS),
                        help='only with --undisturbed')
    parser.add_argument('--seeds', type=int, default=2, help='per task and initial state')
    parser.add_argument(
        '--states', type=int, default=len(TRAINING_STATES), help='initial states, per task'
    )
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--out', type=Path, default=FOLDER)
    wanted = parser.parse_args(arguments)
    if wanted.perturbation != 'none' and not wanted.undisturbed:
        parser.error('demonstrations are of the standard suites; --undisturbed only tries')
    noise = 0.0 if wanted.undisturbed else NOISE
    folder = wanted.out / 'undisturbed' if wanted.undisturbed else wanted.out
    try:
        jobs = [Job(task, wanted.seeds, folder, TRAINING_STATES[:wanted.states], noise)
                for suite in wanted.suites for task in tasks(suite, wanted.perturbation)]
    except UnknownTaskError as error:
        parser.error(str(error))
    done = track(record_all(jobs, wanted.processes), total=len(jobs), description='tasks')
    found = {key_of(task): item for task, item in done}
    if wanted.undisturbed:
        add(found)
    console().print(table_of(found))
    return 0 if any(item.counts for item in found.values()) else 1


if __name__ == '__main__':
    sys.exit(main())
