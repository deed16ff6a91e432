"""Whether the kernel is a real-time one."""

from __future__ import annotations

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject

NAME = 'kernel'
REALTIME_FILE = '/sys/kernel/realtime'
"""What libfranka looks at."""

_INSTALL = (
    'install a PREEMPT_RT kernel and boot it (Ubuntu: sudo pro enable realtime-kernel; Debian: '
    'sudo apt install linux-image-rt-amd64)'
)


def check_kernel(machine: Machine, subject: Subject) -> Finding:
    """PREEMPT_RT, as libfranka sees it."""
    release = (machine.read('/proc/sys/kernel/osrelease') or 'unknown').strip()
    build = (machine.read('/proc/sys/kernel/version') or '').strip()
    if (machine.read(REALTIME_FILE) or '').strip() == '1':
        return Finding(NAME, Verdict.OK, f'PREEMPT_RT, {release}')
    if 'PREEMPT_RT' in build:
        return Finding(
            NAME, Verdict.WARNING,
            f'PREEMPT_RT, {release}, but there is no {REALTIME_FILE}, which libfranka looks for',
            'set realtime: false of franka_bridge in your parameter file: the kernel is a '
            'real-time one all the same',
        )
    if subject.real_robot:
        return Finding(
            NAME, Verdict.PROBLEM,
            f'no PREEMPT_RT, {release}: libfranka refuses to control a robot from here', _INSTALL,
        )
    return Finding(
        NAME, Verdict.WARNING, f'no PREEMPT_RT, {release}; the simulated robot needs none',
        f'nothing for the simulation; before a real robot, {_INSTALL}',
    )
