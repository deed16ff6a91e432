"""Which way packets take to the robot, and what the interface is like."""

from __future__ import annotations

import re
import socket
import struct
from ipaddress import IPv4Address
from typing import NamedTuple

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject

NAME = 'network route'
INTERFACES = '/sys/class/net'
SLOWEST = 100
"""What the robot's stream needs of the link [Mbit/s]."""
SECONDS = 5.0

_ADDRESS = (
    'give this computer a static address next to the robot\'s, on the port that leads to it '
    '(for 172.16.0.2: sudo ip address add 172.16.0.1/24 dev NAME)'
)


class Route(NamedTuple):
    """The interface packets leave by, and the router they go to; '' if there is none between."""

    interface: str
    gateway: str


def check_route(machine: Machine, subject: Subject) -> Finding:
    """A wired interface, straight to the robot, that does not doze."""
    if not subject.robot_ip:
        return Finding(NAME, Verdict.SKIPPED, 'no --robot-ip')
    address = address_of(machine, subject.robot_ip)
    if address is None:
        return Finding(
            NAME, Verdict.PROBLEM, f'"{subject.robot_ip}" is no address and no known name',
            'give the address that Desk shows under Settings, Network',
        )
    if address.is_loopback:
        return Finding(NAME, Verdict.OK, 'stays on this computer: a simulated robot')
    route = route_to(machine.read('/proc/net/route') or '', address)
    if route is None:
        return Finding(NAME, Verdict.PROBLEM, f'no route to {address}', _ADDRESS)
    faults = _faults(machine, route)
    seen = f'{route.interface}, {_speed(machine, route.interface)}'
    if not faults:
        return Finding(NAME, Verdict.OK, f'{seen}, no router between')
    return Finding(
        NAME, Verdict.WARNING, '; '.join([seen, *(fault for fault, _ in faults)]),
        '; '.join(advice for _, advice in faults),
    )


def address_of(machine: Machine, name: str) -> IPv4Address | None:
    """The IPv4 address a name stands for; None if nobody knows."""
    for text in (name, machine.run(('getent', 'ahostsv4', name), SECONDS).output.split(' ')[0]):
        try:
            return IPv4Address(text)
        except ValueError:
            continue
    return None


def route_to(table: str, address: IPv4Address) -> Route | None:
    """The most specific row of /proc/net/route for an address."""
    best, longest = None, -1
    for line in table.splitlines()[1:]:
        cells = line.split()
        if len(cells) < 8 or not int(cells[3], 16) & 1:  # not up
            continue
        destination, gateway, mask = (_from_hex(cells[column]) for column in (1, 2, 7))
        if int(address) & int(mask) == int(destination) and int(mask) > longest:
            best, longest = Route(cells[0], '' if int(gateway) == 0 else str(gateway)), int(mask)
    return best


def _from_hex(cell: str) -> IPv4Address:
    return IPv4Address(socket.inet_ntoa(struct.pack('<I', int(cell, 16))))


def _faults(machine: Machine, route: Route) -> list[tuple[str, str]]:
    """What is wrong with a route, and what to do about it."""
    folder = f'{INTERFACES}/{route.interface}'
    speed = (machine.read(f'{folder}/speed') or '').strip()
    faults = []
    if {'wireless', 'phy80211'} & set(machine.names(folder)):
        faults.append(('wireless', 'use a cable: no wireless network keeps a period of 1 ms'))
    if route.gateway:
        faults.append((
            f'over the router {route.gateway}',
            f'connect directly to the port of the control, not through a network: {_ADDRESS}',
        ))
    if speed.isdigit() and int(speed) < SLOWEST:
        faults.append((f'only {speed} Mbit/s', 'use another cable or port'))
    if _dozes(machine, route.interface):
        faults.append((
            'Energy-Efficient Ethernet is on: the link wakes up late',
            f'sudo ethtool --set-eee {route.interface} eee off',
        ))
    return faults


def _dozes(machine: Machine, interface: str) -> bool:
    told = machine.run(('ethtool', '--show-eee', interface), SECONDS).output
    return re.search(r'EEE status:\s*enabled', told) is not None


def _speed(machine: Machine, interface: str) -> str:
    speed = (machine.read(f'{INTERFACES}/{interface}/speed') or '').strip()
    return f'{speed} Mbit/s' if speed.isdigit() else 'speed unknown'
