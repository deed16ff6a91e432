"""What may make a thread wait for memory: swap, and huge pages put together behind its back."""

from __future__ import annotations

import re

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject

NAME = 'swap and huge pages'
HUGE_PAGES = '/sys/kernel/mm/transparent_hugepage/enabled'


def check_paging(machine: Machine, subject: Subject) -> Finding:
    """Swap in use and transparent huge pages; they matter with a real robot only."""
    swaps = [line.split() for line in (machine.read('/proc/swaps') or '').splitlines()[1:]]
    used = sum(int(swap[3]) for swap in swaps if len(swap) > 3) // 1024
    chosen = re.search(r'\[(\w+)\]', machine.read(HUGE_PAGES) or '')
    pages = chosen[1] if chosen else 'unknown'
    seen = f'swap: {f"{used} MiB in use" if swaps else "none"}; huge pages: {pages}'
    advice = []
    if used:
        advice.append('sudo swapoff -a, or let the bridge lock its memory')
    if pages == 'always':
        advice.append(f'echo madvise | sudo tee {HUGE_PAGES}')
    if not advice or not subject.real_robot:
        return Finding(NAME, Verdict.OK, seen)
    return Finding(NAME, Verdict.WARNING, f'{seen}: pauses of milliseconds', '; '.join(advice))
