"""Records demonstrations of the standard suites: python -m benchmarks.libero_pro.demonstrations.

What is there already is kept, so that an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.libero_pro.demonstration import Demonstration, demonstrate
from benchmarks.libero_pro.goal import NotPickAndPlaceError
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.suites import SUITES, Task, UnknownTaskError, tasks

FOLDER = Path('runs') / 'libero_pro' / 'demonstrations'
"""Where they lie, from the repository's root."""
TRAINING_STATES = range(1, 50, 2)
"""Initial states that are learned from; the even ones are for evaluation alone."""
ENOUGH = 0.8
"""A task that the expert solves less often than this is not learned."""


@dataclass(frozen=True)
class Job:
    """All demonstrations of one task, which share a simulation."""

    task: Task
    seeds: int
    folder: Path
    states: Sequence[int] = TRAINING_STATES

    def file(self, state: int, seed: int) -> Path:
        """Where one demonstration is kept."""
        return self.folder / self.task.suite / self.task.name / f'{state:02d}-{seed:02d}.npz'

    def missing(self) -> list[tuple[int, int]]:
        """Initial states and seeds that have not been recorded."""
        return [(state, seed) for seed in range(self.seeds) for state in self.states
                if not self.file(state, seed).exists()]


@dataclass(frozen=True)
class Record:
    """What has been recorded of one task; `reason` says why nothing was."""

    task: Task
    succeeded: int
    recorded: int
    reason: str = ''

    @property
    def learnable(self) -> bool:
        """The expert is good enough at it."""
        return self.recorded > 0 and self.succeeded >= ENOUGH * self.recorded


def record(job: Job) -> Record:
    """Records what is missing of a task."""
    missing = job.missing()
    try:
        if missing:
            with Simulation(job.task) as simulation:
                for state, seed in missing:
                    demonstrate(simulation, state, seed).save(job.file(state, seed))
    except NotPickAndPlaceError as error:
        return Record(job.task, 0, 0, str(error))
    outcomes = Counter(
        Demonstration.load(job.file(state, seed)).succeeded
        for state in job.states for seed in range(job.seeds)
    )
    return Record(job.task, outcomes[True], outcomes.total())


def record_all(jobs: Sequence[Job], processes: int) -> Iterator[Record]:
    """Several tasks at once, as they are done."""
    # Spawned: a simulator that was loaded before a fork is not safe after it.
    with multiprocessing.get_context('spawn').Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(record, jobs)


def table_of(records: Sequence[Record]) -> Table:
    """What a user reads at the end."""
    table = Table('suite', 'task', 'demonstrations', 'succeeded', '')
    for item in sorted(records, key=lambda item: (item.task.suite, item.task.name)):
        verdict = 'learned' if item.learnable else f'not learned: {item.reason or "too rare"}'
        table.add_row(
            item.task.suite, item.task.name, str(item.recorded), str(item.succeeded), verdict
        )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Records and shows how often the expert succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--suites', nargs='+', default=SUITES, metavar='SUITE')
    parser.add_argument('--seeds', type=int, default=2, help='per task and initial state')
    parser.add_argument(
        '--states', type=int, default=len(TRAINING_STATES), help='initial states, per task'
    )
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--out', type=Path, default=FOLDER)
    wanted = parser.parse_args(arguments)
    try:
        jobs = [Job(task, wanted.seeds, wanted.out, TRAINING_STATES[:wanted.states])
                for suite in wanted.suites for task in tasks(suite)]
    except UnknownTaskError as error:
        parser.error(str(error))
    done = track(record_all(jobs, wanted.processes), total=len(jobs), description='tasks')
    records = list(done)
    Console().print(table_of(records))
    return 0 if any(item.learnable for item in records) else 1


if __name__ == '__main__':
    sys.exit(main())
