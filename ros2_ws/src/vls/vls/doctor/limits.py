"""Whether this user may take real-time priorities and lock memory: it is really tried."""

from __future__ import annotations

import re

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.probing import ask
from vls.doctor.subject import Subject

PRIORITY, MEMORY = 'real-time priority', 'locked memory'
SECONDS = 20.0
"""The probe's own start is part of it, which takes long on a busy computer."""

_ADVICE = (
    'sudo cp docker/limits.conf /etc/security/limits.d/vls.conf and log in again; in a container '
    'give {container}'
)


def check_priority(machine: Machine, subject: Subject) -> Finding:
    """A thread of a process of its own asks for the priority that libfranka asks for."""
    limit = _limit(machine, 'Max realtime priority')
    return _finding(
        machine, subject, PRIORITY, 'priority', f'SCHED_FIFO 99 (limit {limit})',
        '--cap-add SYS_NICE --ulimit rtprio=99',
    )


def check_memory_lock(machine: Machine, subject: Subject) -> Finding:
    """A process of its own locks a quarter of a gigabyte for a moment."""
    limit = _limit(machine, 'Max locked memory')
    size = f'{int(limit) // 2**20} MiB' if limit.isdigit() else limit
    return _finding(
        machine, subject, MEMORY, 'memory', f'locking 256 MiB (limit {size})',
        '--ulimit memlock=-1',
    )


def _finding(
    machine: Machine, subject: Subject, name: str, what: str, attempt: str, container: str
) -> Finding:
    answer = ask(machine, 'realtime', [what], SECONDS)
    if answer.trouble:
        return Finding(
            name, Verdict.WARNING, f'{attempt}: could not be tried ({answer.trouble})',
            answer.by_hand,
        )
    refusal = answer.values['refused']
    if not refusal:
        return Finding(name, Verdict.OK, f'{attempt}: granted')
    # libfranka insists on its priority; memory that may be swapped is only less certain.
    must = subject.real_robot and name == PRIORITY
    return Finding(
        name, Verdict.PROBLEM if must else Verdict.WARNING, f'{attempt}: refused ({refusal})',
        _ADVICE.format(container=container),
    )


def _limit(machine: Machine, row: str) -> str:
    """The soft limit; 'unknown' if the kernel does not tell."""
    found = re.search(rf'^{row}\s+(\S+)', machine.read('/proc/self/limits') or '', re.MULTILINE)
    return found[1] if found else 'unknown'
