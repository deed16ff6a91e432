"""Verification of a code term in a worker: the owner's end of the handler `check`."""

from __future__ import annotations

from pydantic import TypeAdapter

from vls_core.rewards.code.worker import Worker, WorkerDiedError
from vls_core.rewards.verification.code_term import CodeTermReport
from vls_core.rewards.verification.declaration import Declaration

LOADED = 4.0
"""How many times as long a check may take where others use the processor, too."""

_REPORT = TypeAdapter(CodeTermReport)


def check_in_worker(
    worker: Worker,
    source: str,
    keypoints: dict[str, list[float]] | None,
    declaration: Declaration | None,
    seed: int = 0,
    subject: str = 'code',
    obstacles: frozenset[str] = frozenset(),
    *,
    deadline: float,
) -> CodeTermReport:
    """What `check_source` finds out, told by a worker as plain data and read with care.

    Args:
        obstacles: names of keypoints of things of that kind.
        deadline: how long it may compute once the worker is ready [s].

    Raises:
        WorkerTimeoutError, WorkerDiedError, WorkerFailedError: the worker's; also if what it
            sends is no report.
    """
    answer = worker.call(
        'check', source, keypoints, declaration, seed, subject, obstacles,
        deadline=deadline, stretch=LOADED,
    )
    try:
        return _REPORT.validate_python(answer)
    except ValueError as error:
        raise WorkerDiedError(f'check: the worker sent no report: {error}') from error
