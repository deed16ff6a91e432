"""Runs the checks: several at a time, all within a bound, and none can take the others with it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from vls.doctor.checks import Check
from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject

WORKERS = 4
BOUND_SECONDS = 90.0
"""For all checks that run together; what they ask has bounds of its own, and shorter ones."""


def examine(
    checks: Sequence[Check], machine: Machine, subject: Subject,
    progress: Callable[[Sequence[str]], None] = lambda waiting: None,
    bound: float = BOUND_SECONDS,
) -> tuple[Finding, ...]:
    """The findings, in the order of the checks.

    Arguments:
        progress: called with the names of those that are still to answer, whenever one has.
        bound: seconds; whoever has not answered by then is reported as silent.
    """
    quiet = [[check] for check in checks if check.alone]
    together = [check for check in checks if not check.alone]
    found: dict[str, Finding] = {}
    progress([check.name for check in checks])

    def keep(finding: Finding) -> None:
        found[finding.check] = finding
        progress([check.name for check in checks if check.name not in found])

    for group in (*quiet, together):
        _run_group(group, machine, subject, keep, bound)
    return tuple(found[check.name] for check in checks)


def _run_group(
    group: Sequence[Check], machine: Machine, subject: Subject,
    keep: Callable[[Finding], None], bound: float,
) -> None:
    waiting: SimpleQueue[Check] = SimpleQueue()
    answers: SimpleQueue[Finding] = SimpleQueue()
    for check in group:
        waiting.put(check)

    def work() -> None:
        while True:
            try:
                check = waiting.get_nowait()
            except Empty:
                return
            answers.put(_judge(check, machine, subject))

    # Daemons, and not the pool of the standard library: that one waits at the end of the program
    # for whoever hangs.
    for _ in range(min(WORKERS, len(group))):
        Thread(target=work, name='doctor', daemon=True).start()
    deadline = time.monotonic() + bound
    silent = {check.name for check in group}
    while silent:
        try:
            finding = answers.get(timeout=max(deadline - time.monotonic(), 0.0))
        except Empty:
            break
        silent.discard(finding.check)
        keep(finding)
    for name in (check.name for check in group if check.name in silent):
        keep(Finding(
            name, Verdict.WARNING, f'no answer within {bound:g} s',
            'run this again when the machine has less to do',
        ))


def _judge(check: Check, machine: Machine, subject: Subject) -> Finding:
    try:
        return check.judge(machine, subject)
    except Exception as error:  # the check is broken, and the others are not
        place = traceback.extract_tb(error.__traceback__)[-1]
        return Finding(
            check.name, Verdict.WARNING,
            f'the check itself failed: {type(error).__name__}: {error} '
            f'({Path(place.filename).name}:{place.lineno})',
            'report it with the output of `vls doctor --json`; the other checks are not affected',
        )
