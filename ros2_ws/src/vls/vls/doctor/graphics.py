"""The graphics card: whether there is one, and torch can use it."""

from __future__ import annotations

import re

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.probing import ask
from vls.doctor.subject import Subject

NAME = 'graphics card'
DRIVER = '/proc/driver/nvidia/version'
SECONDS = 40.0
"""torch takes long to import on a loaded machine."""


def check_graphics(machine: Machine, subject: Subject) -> Finding:
    """torch's view of CUDA, and NVIDIA's driver. The demo's policy needs neither."""
    found = re.search(r'Kernel Module\s+(?:for \S+\s+)?([\d.]+)', machine.read(DRIVER) or '')
    driver = found[1] if found else ''
    answer = ask(machine, 'graphics', [], SECONDS)
    if answer.missing:
        return Finding(NAME, Verdict.SKIPPED, 'torch is not installed: no policy runs here')
    if answer.trouble:
        return Finding(NAME, Verdict.WARNING, answer.trouble, answer.by_hand)
    torch, built_for = answer.values['torch'], answer.values['built_for']
    if answer.values['devices']:
        names = ', '.join(answer.values['devices'])
        return Finding(NAME, Verdict.OK, f'{names}, driver {driver or "unknown"}, torch {torch}')
    if not driver:
        return Finding(NAME, Verdict.OK, f'none; the policy runs on the processor (torch {torch})')
    if not built_for:
        return Finding(
            NAME, Verdict.WARNING, f'driver {driver}, but torch {torch} is built for none',
            'install the CUDA build of torch, if the policy is to use the card',
        )
    return Finding(
        NAME, Verdict.WARNING,
        f'driver {driver}, but torch {torch} (CUDA {built_for}) cannot use it',
        'look at nvidia-smi; update the driver; in a container give --gpus all',
    )
