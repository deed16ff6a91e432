"""RealSense cameras: there, allowed, and on a USB 3 port."""

from __future__ import annotations

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.probing import ask
from vls.doctor.subject import Subject

NAME = 'camera'
USB = '/sys/bus/usb/devices'
SECONDS = 15.0

_RULES = (
    'sudo cp docker/99-realsense.rules /etc/udev/rules.d/ && sudo udevadm control --reload && '
    'sudo udevadm trigger, then plug it in again; in a container mount /dev'
)
_PLUG = (
    'plug it into a USB 3 port; if it is on another computer or not a RealSense, start with '
    '--camera none'
)


def check_camera(machine: Machine, subject: Subject) -> Finding:
    """Every RealSense camera with its USB speed; the simulation has cameras of its own."""
    answer = ask(machine, 'camera', [], SECONDS)
    simulated = not subject.real_robot
    if answer.missing and not simulated:
        return Finding(
            NAME, Verdict.WARNING, f'there is no Python package {answer.missing}',
            'pip install pyrealsense2, or start with --camera none',
        )
    if answer.trouble:
        advice = f'unplug it, {_PLUG}' if answer.late else answer.by_hand
        return Finding(NAME, Verdict.WARNING, answer.trouble, advice)
    devices = answer.values.get('devices', [])
    if not devices and _plugged_in(machine):
        return Finding(NAME, Verdict.WARNING, 'plugged in, but it may not be opened', _RULES)
    if not devices:
        if simulated:
            return Finding(NAME, Verdict.SKIPPED, 'none; the simulated robot needs none')
        return Finding(NAME, Verdict.WARNING, 'none', _PLUG)
    seen = ', '.join(f'{item["name"]} ({item["serial"]}), USB {item["usb"]}' for item in devices)
    if any(not item['usb'].startswith('3') for item in devices):
        return Finding(
            NAME, Verdict.WARNING, f'{seen}: too slow for all sizes and rates of pictures',
            'use a USB 3 cable and port, without a hub',
        )
    return Finding(NAME, Verdict.OK, seen)


def _plugged_in(machine: Machine) -> bool:
    return any(
        'realsense' in (machine.read(f'{USB}/{name}/product') or '').lower()
        for name in machine.names(USB)
    )
