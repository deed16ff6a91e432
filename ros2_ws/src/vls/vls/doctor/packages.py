"""Whether Python and its packages are those this stack was tested with."""

from __future__ import annotations

import platform
import re

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject

NAME = 'packages'
SUPPORTED = ('3.11', '3.12')
SHOWN = 4
"""Packages named at most, of each kind."""
FROM_ROS = re.compile(r'^(ros-|empy$|lark-parser$|setuptools$)')
"""What a ROS install brings along, in versions of its own."""


def check_packages(
    machine: Machine, subject: Subject, python: str = platform.python_version()
) -> Finding:
    """Compares what is installed with requirements.lock."""
    if '.'.join(python.split('.')[:2]) not in SUPPORTED:
        return Finding(
            NAME, Verdict.PROBLEM, f'Python {python}; supported: {", ".join(SUPPORTED)}',
            'make setup PYTHON=python3.11',
        )
    text = machine.read(str(subject.lock_file))
    if text is None:
        return Finding(
            NAME, Verdict.SKIPPED, f'Python {python}; no requirements.lock to compare with, as '
            'outside of a clone',
        )
    wanted = dict(re.findall(r'^([\w.-]+)==(\S+)', text, re.MULTILINE))
    if machine.environment.get('ROS_DISTRO'):
        wanted = {name: version for name, version in wanted.items() if not FROM_ROS.match(name)}
    return _compare(machine, python, wanted)


def _compare(machine: Machine, python: str, wanted: dict[str, str]) -> Finding:
    found = {name: machine.version(name) for name in wanted}
    missing = [name for name, version in found.items() if version is None]
    other = [
        f'{name} {version}, not {wanted[name]}' for name, version in found.items()
        if version is not None and _release(version) != _release(wanted[name])
    ]
    if not missing and not other:
        return Finding(
            NAME, Verdict.OK, f'Python {python}, {len(wanted)} packages as in requirements.lock'
        )
    parts = [f'Python {python}', _some('other versions', other), _some('missing', missing)]
    return Finding(
        NAME, Verdict.WARNING, '; '.join(filter(None, parts)),
        'make setup; on a computer for the robot alone, what is only missing may be left out on '
        'purpose',
    )


def _release(version: str) -> str:
    """Without what tells builds of one version apart, as in 2.13.0+cpu."""
    return version.partition('+')[0]


def _some(title: str, items: list[str]) -> str:
    if not items:
        return ''
    rest = f' and {len(items) - SHOWN} more' if len(items) > SHOWN else ''
    return f'{title}: {", ".join(items[:SHOWN])}{rest}'
