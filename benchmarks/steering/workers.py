"""Many independent jobs on a few processes, with a bar that shows how far they are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Job = TypeVar('Job')
Result = TypeVar('Result')

WIDTH = 150
"""Of tables where there is no terminal to ask, in characters."""


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    processes: int,
    title: str,
    on_result: Callable[[Result], None],
) -> None:
    """Runs all jobs, each on one thread; results are handed over as they come, here.

    Args:
        work: a function of a module; what it takes and returns is pickled.

    Raises whatever a job or on_result raises; jobs that have not begun are dropped then.
    """
    if not jobs:
        return
    # Spawned, not forked: torch's threads do not survive a fork. Spawned ones read this.
    os.environ['OMP_NUM_THREADS'] = os.environ['OPENBLAS_NUM_THREADS'] = '1'
    pool = ProcessPoolExecutor(
        processes, get_context('spawn'), initializer=torch.set_num_threads, initargs=(1,)
    )
    try:
        with _progress() as progress:
            task = progress.add_task(title, total=len(jobs))
            for future in as_completed([pool.submit(work, job) for job in jobs]):
                on_result(future.result())
                progress.advance(task)
    finally:
        pool.shutdown(cancel_futures=True)


def _progress() -> Progress:
    return Progress(
        TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TimeRemainingColumn(), console=console(stderr=True),
    )


def console(stderr: bool = False) -> Console:
    """Where tables and bars are shown."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else WIDTH)
