"""Verification of a code term in a worker: the owner's end of the handler `check`."""

from __future__ import annotations

from pydantic import TypeAdapter

from vls_core.rewards.code.worker import Worker, WorkerDiedError
from vls_core.rewards.verification.code_term import CodeTermReport
from vls_core.rewards.verification.declaration import Declaration

_REPORT = TypeAdapter(CodeTermReport)


def check_in_worker(
    worker: Worker,
    source: str,
    keypoints: dict[str, list[float]] | None,
    declaration: Declaration | None,
    seed: int = 0,
    subject: str = 'code',
    *,
    deadline: float,
) -> CodeTermReport:
    """What `check_source` finds out, told by a worker as plain data and read with care.

    Args:
        deadline: how long it may take once the worker is ready [s].

    Raises:
        WorkerTimeoutError, WorkerDiedError, WorkerFailedError: the worker's; also if what it
            sends is no report.
    """
    answer = worker.call('check', source, keypoints, declaration, seed, subject, deadline=deadline)
    try:
        return _REPORT.validate_python(answer)
    except ValueError as error:
        raise WorkerDiedError(f'check: the worker sent no report: {error}') from error
