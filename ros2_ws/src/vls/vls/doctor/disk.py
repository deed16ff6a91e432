"""Whether there is room for what runs leave."""

from __future__ import annotations

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject

NAME = 'disk'
LITTLE, TOO_LITTLE = 5 * 2**30, 2**29
"""Below these, films and logs of a day, or of one run, may not fit [bytes]."""


def check_disk(machine: Machine, subject: Subject) -> Finding:
    """Space left where runs/ is or will be."""
    folder = subject.runs.absolute()
    free = machine.free_bytes(str(folder))
    if free is None:
        return Finding(
            NAME, Verdict.WARNING, f'{folder} cannot be looked at',
            'change to a folder you may write to',
        )
    seen = f'{free / 2**30:.1f} GiB free for {folder}'
    if free >= LITTLE:
        return Finding(NAME, Verdict.OK, seen)
    return Finding(
        NAME, Verdict.PROBLEM if free < TOO_LITTLE else Verdict.WARNING, seen,
        f'remove old runs: du -sh {folder}/*',
    )
