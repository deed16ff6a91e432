"""Independent jobs on a few processes or a cluster, with a bar that shows how far they are."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from multiprocessing import get_context, parent_process
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


class RayError(RuntimeError):
    """A cluster is asked for, and there is no library for it or no cluster; the message helps."""


Job = TypeVar('Job')
Result = TypeVar('Result')

PASSED_ON = ('MUJOCO_GL', 'PYOPENGL_PLATFORM')
"""Variables of the environment that the processes of a cluster need as they are set here."""
PATIENCE = 10.0
"""With a cluster that does not answer [s]."""
WIDTH = 150
"""Of tables where there is no terminal to ask, in characters."""


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    processes: int,
    title: str,
    on_result: Callable[[Result], None],
    ray_address: str = '',
) -> None:
    """Runs all jobs, each on one thread; results are handed over as they come, here.

    Args:
        work: a function of a module; what it takes and returns is pickled.
        ray_address: of a Ray cluster to run them on instead, or "auto"; its machines need this
            repository at the same place.

    Raises:
        RayError: an address is given, and Ray is not installed or does not answer there.
        Whatever a job or on_result raises; jobs that have not begun are dropped then.
    """
    if not jobs:
        return
    results = (
        _on_ray(work, jobs, ray_address) if ray_address else _here(work, jobs, processes)
    )
    with _progress() as progress, closing(results):
        task = progress.add_task(title, total=len(jobs))
        for result in results:
            on_result(result)
            progress.advance(task)


def _here(
    work: Callable[[Job], Result], jobs: Sequence[Job], processes: int
) -> Generator[Result, None, None]:
    # Spawned, not forked: torch's threads do not survive a fork. Spawned ones read this.
    os.environ['OMP_NUM_THREADS'] = os.environ['OPENBLAS_NUM_THREADS'] = '1'
    pool = ProcessPoolExecutor(processes, get_context('spawn'), initializer=_begin_process)
    try:
        for future in as_completed([pool.submit(work, job) for job in jobs]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_process() -> None:
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Who is killed cannot tell its processes, and these would finish their jobs for nobody."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _on_ray(
    work: Callable[[Job], Result], jobs: Sequence[Job], address: str
) -> Generator[Result, None, None]:
    try:
        import ray
    except ImportError as error:
        raise RayError(
            'a Ray address is given, and Ray is not installed here: pip install ray'
        ) from error
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
        'OMP_NUM_THREADS': '1', 'PYTHONPATH': os.pathsep.join(sys.path)
    }
    try:
        _knock(address)
        ray.init(address, runtime_env={'env_vars': environment}, log_to_driver=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise RayError(
            f'no Ray cluster answers at "{address}": start one with `ray start --head`, or leave '
            'out the address'
        ) from error
    try:
        remote = ray.remote(work)
        waiting = [remote.remote(job) for job in jobs]
        while waiting:
            (done,), waiting = ray.wait(waiting)
            yield ray.get(done)
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raises OSError if nobody listens there: Ray itself would try for minutes."""
    host, colon, port = address.removeprefix('ray://').rpartition(':')
    if colon and port.isdigit():
        socket.create_connection((host, int(port)), PATIENCE).close()


def _progress() -> Progress:
    return Progress(
        TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TimeRemainingColumn(), console=console(stderr=True),
    )


def console(stderr: bool = False) -> Console:
    """Where tables and bars are shown."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else WIDTH)
