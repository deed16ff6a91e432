"""The clock: whether it is kept in time, and how finely it counts."""

from __future__ import annotations

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.probing import ask
from vls.doctor.subject import Subject

NAME = 'clock'
SOURCE = '/sys/devices/system/clocksource/clocksource0/current_clocksource'
SLOW_SOURCES = ('acpi_pm', 'hpet', 'jiffies', 'pit')
COARSEST = 1e-6
"""Of the monotonic clock, by which references are paced [s]."""
SECONDS = 20.0
"""The probe's own start is part of it, which takes long on a busy computer."""

_OTHERS = 'how far other computers are off cannot be seen from here'


def check_clock(machine: Machine, subject: Subject) -> Finding:
    """Synchronised, as the kernel says; resolution; where it comes from."""
    answer = ask(machine, 'clock', [], SECONDS)
    if answer.trouble:
        return Finding(NAME, Verdict.WARNING, answer.trouble, answer.by_hand)
    source = (machine.read(SOURCE) or 'unknown').strip()
    resolution = answer.values['resolution']
    seen = f'source {source}, {resolution * 1e9:.0f} ns; {_OTHERS}'
    if source in SLOW_SOURCES or resolution > COARSEST:
        return Finding(
            NAME, Verdict.WARNING, f'slow or coarse: {seen}',
            'boot with clocksource=tsc tsc=reliable, if the processor has a steady one',
        )
    if not answer.values['synchronised']:
        return Finding(
            NAME, Verdict.WARNING, f'not synchronised; {seen}',
            'needed only if nodes run on several computers: sudo apt install chrony on each, '
            'then chronyc tracking shows the offset',
        )
    return Finding(NAME, Verdict.OK, f'synchronised; {seen}')
