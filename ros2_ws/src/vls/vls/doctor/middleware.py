"""ROS 2 on this computer: the middleware, who is heard, and how pictures travel."""

from __future__ import annotations

from collections.abc import Mapping

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject
from vls.environment import stack_environment

MIDDLEWARE, DISCOVERY, SHARED_MEMORY = 'middleware', 'discovery', 'shared memory'
TESTED = 'rmw_fastrtps_cpp'
DISTRIBUTION = 'jazzy'
HIGHEST_DOMAIN = 101
"""Beyond it, ports of DDS collide with those Linux hands out."""
RANGES = ('LOCALHOST', 'SUBNET', 'OFF', 'SYSTEM_DEFAULT')
SEGMENTS = 256 * 2**20
"""What the stack's nodes map in /dev/shm, generously [bytes]."""
PROFILES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')


def check_middleware(machine: Machine, subject: Subject) -> Finding:
    """The RMW implementation is installed, and the one this stack was tested with."""
    distribution = machine.environment.get('ROS_DISTRO', '')
    if distribution not in ('', DISTRIBUTION):
        return Finding(
            MIDDLEWARE, Verdict.WARNING, f'ROS 2 {distribution}; this stack is for {DISTRIBUTION}',
            f'use a shell in which {distribution} is not sourced',
        )
    name = machine.environment.get('RMW_IMPLEMENTATION') or TESTED
    version = machine.version(f'ros-{name.replace("_", "-")}')
    if version is None and not _in_a_prefix(machine, name):
        return Finding(
            MIDDLEWARE, Verdict.PROBLEM, f'{name} is not installed',
            f'make setup, or source /opt/ros/{DISTRIBUTION}/setup.bash'
            + ('' if name == TESTED else '; or unset RMW_IMPLEMENTATION'),
        )
    seen = f'{name} {version or f"of ROS 2 {DISTRIBUTION}"}'
    if name == TESTED:
        return Finding(MIDDLEWARE, Verdict.OK, seen)
    return Finding(
        MIDDLEWARE, Verdict.WARNING, f'{seen}; this stack was tested with {TESTED} alone',
        'unset RMW_IMPLEMENTATION; if you need it, set the same for every node on every computer',
    )


def check_discovery(machine: Machine, subject: Subject) -> Finding:
    """The ROS domain and how far it reaches."""
    values = stack_environment(machine.environment)
    domain, reach = values['ROS_DOMAIN_ID'], values['ROS_AUTOMATIC_DISCOVERY_RANGE']
    seen = f'domain {domain}, {reach}'
    if not domain.isdecimal() or int(domain) > HIGHEST_DOMAIN:
        return Finding(
            DISCOVERY, Verdict.PROBLEM, seen,
            f'export ROS_DOMAIN_ID= a number from 0 to {HIGHEST_DOMAIN}',
        )
    if reach not in RANGES:
        return Finding(
            DISCOVERY, Verdict.PROBLEM, seen,
            f'export ROS_AUTOMATIC_DISCOVERY_RANGE= one of {", ".join(RANGES)}',
        )
    if machine.environment.get('ROS_LOCALHOST_ONLY', '0') not in ('', '0'):
        return Finding(
            DISCOVERY, Verdict.WARNING, f'{seen}, but ROS_LOCALHOST_ONLY is set and wins',
            'unset ROS_LOCALHOST_ONLY: ROS_AUTOMATIC_DISCOVERY_RANGE has taken its place',
        )
    if reach == 'SUBNET' and domain == '0':
        return Finding(
            DISCOVERY, Verdict.WARNING,
            f'{seen}: everybody on the network who chose no domain either takes part',
            'export ROS_DOMAIN_ID= a number of your own, the same on all your computers',
        )
    return Finding(DISCOVERY, Verdict.OK, f'{seen}{_meaning(reach)}')


def check_shared_memory(machine: Machine, subject: Subject) -> Finding:
    """The stack's Fast DDS profile is in force, and /dev/shm has room for it."""
    if (machine.environment.get('RMW_IMPLEMENTATION') or TESTED) != TESTED:
        return Finding(SHARED_MEMORY, Verdict.SKIPPED, f'the profile is for {TESTED}')
    others = _other_profiles(machine.environment, str(subject.profile))
    if others:
        return Finding(
            SHARED_MEMORY, Verdict.WARNING, f'{others} is set: the stack\'s profile is not used',
            f'unset it, or take over the segment size of {subject.profile}: without it, half of '
            'the pictures get lost',
        )
    if machine.read(str(subject.profile)) is None:
        return Finding(
            SHARED_MEMORY, Verdict.PROBLEM, f'there is no {subject.profile}',
            'make setup, or build the package vls again',
        )
    free = machine.free_bytes('/dev/shm')
    if free is not None and free < SEGMENTS:
        return Finding(
            SHARED_MEMORY, Verdict.WARNING, f'{free // 2**20} MiB free in /dev/shm',
            'end stacks that are left over and remove /dev/shm/fastrtps_*; in a container give '
            '--ipc host or --shm-size 1g',
        )
    room = 'unknown' if free is None else f'{free // 2**20} MiB'
    return Finding(
        SHARED_MEMORY, Verdict.OK, f'the stack\'s profile, {room} free in /dev/shm'
    )


def _meaning(reach: str) -> str:
    return {
        'LOCALHOST': ': nodes on other computers are not heard',
        'SUBNET': ': all computers of the network',
        'OFF': ': not even nodes on this computer find each other',
    }.get(reach, '')


def _in_a_prefix(machine: Machine, package: str) -> bool:
    prefixes = machine.environment.get('AMENT_PREFIX_PATH', '').split(':')
    return any(
        machine.read(f'{prefix}/share/{package}/package.xml') is not None
        for prefix in prefixes if prefix
    )


def _other_profiles(environment: Mapping[str, str], ours: str) -> str:
    """The variables that name another profile than ours."""
    return ', '.join(
        name for name in PROFILES if environment.get(name) and environment[name] != ours
    )
