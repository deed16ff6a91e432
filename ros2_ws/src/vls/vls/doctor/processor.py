"""Whether the cores run at full speed, and which of them are kept free."""

from __future__ import annotations

import re
from collections import Counter

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject

SPEED, ISOLATION = 'processor speed', 'isolated cores'
CORES = '/sys/devices/system/cpu'


def check_governor(machine: Machine, subject: Subject) -> Finding:
    """Every core's frequency governor is `performance`."""
    cores = [name for name in machine.names(CORES) if re.fullmatch(r'cpu\d+', name)]
    governors = [
        (machine.read(f'{CORES}/{core}/cpufreq/scaling_governor') or '').strip() for core in cores
    ]
    count = Counter(filter(None, governors))
    if not count:
        return Finding(
            SPEED, Verdict.OK,
            f'{len(cores)} cores, whose frequency the system does not scale (as in a virtual '
            'machine)',
        )
    seen = ', '.join(f'{name} on {number}' for name, number in count.most_common())
    seen = f'governor {seen} of {len(cores)} cores'
    if set(count) == {'performance'}:
        return Finding(SPEED, Verdict.OK, seen)
    return Finding(
        SPEED, Verdict.WARNING, f'{seen}: a core that was idle starts slowly',
        'sudo cpupower frequency-set -g performance (Debian: package linux-cpupower; Ubuntu: '
        'linux-tools-generic)',
    )


def check_isolation(machine: Machine, subject: Subject) -> Finding:
    """Cores that are isolated or without a tick; having none is no fault."""
    isolated = (machine.read(f'{CORES}/isolated') or '').strip()
    quiet = (machine.read(f'{CORES}/nohz_full') or '').strip().replace('(null)', '')
    if not isolated and not quiet:
        return Finding(
            ISOLATION, Verdict.OK,
            'none; worth trying only if /diagnostics counts missed periods',
        )
    seen = f'isolated: {isolated or "none"}; without a tick (nohz_full): {quiet or "none"}'
    return Finding(ISOLATION, Verdict.OK, seen, 'have the bridge use them: nobody else does')
