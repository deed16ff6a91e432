"""How long packets take to the robot and back, and how many get lost.

The robot wants an answer within its millisecond, and needs some of that for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.probing import ask
from vls.doctor.route import address_of
from vls.doctor.subject import Subject

NAME = 'round trips'
GOOD, TOLERABLE = 0.3, 0.5
"""p99 up to which all is well, and up to which it may still work [ms]."""
COUNT, PAUSE = 100, 0.01
"""Packets, and the time between two of them [s]."""
TOLERABLE_LOSS = 0.01
DESK_PORT = 443
"""Of Desk's web page: asked where there is no `ping`. Never FCI's, which has one client only."""
SECONDS = 15.0

_MEND = (
    'use a cable straight to the control, another network card or driver, and no virtual machine; '
    'set the governor to performance; then ping -i 0.001 -c 10000 as root for the whole picture'
)


@dataclass(frozen=True)
class RoundTrips:
    """What came back.

    Attributes:
        times: of those that did [ms].
        sent: how many went out.
        way: how they were sent.
    """

    times: tuple[float, ...]
    sent: int
    way: str

    @property
    def lost(self) -> int:
        """How many did not come back."""
        return self.sent - len(self.times)


def check_round_trips(machine: Machine, subject: Subject) -> Finding:
    """p99 and loss of a hundred packets, against what libfranka needs."""
    if not subject.robot_ip:
        return Finding(NAME, Verdict.SKIPPED, 'no --robot-ip')
    address = address_of(machine, subject.robot_ip)
    if address is None:
        return Finding(NAME, Verdict.SKIPPED, 'the name of the robot is not known')
    trips = _ping(machine, str(address)) or _knock(machine, str(address))
    if trips is None:
        return Finding(
            NAME, Verdict.WARNING, 'could not be measured: neither ping nor TCP worked',
            'sudo apt install iputils-ping, then run this again',
        )
    return judge(trips, subject)


def judge(trips: RoundTrips, subject: Subject) -> Finding:
    """Whether that is good enough for the robot."""
    if not trips.times:
        return Finding(
            NAME, Verdict.PROBLEM, f'none of {trips.sent} packets came back ({trips.way})',
            'check power and cable, and that the address is that of the control\'s network port',
        )
    middle, late = np.percentile(trips.times, [50, 99]).tolist()
    seen = (
        f'p50 {middle:.2f}, p99 {late:.2f}, max {max(trips.times):.2f} ms, '
        f'{trips.lost} of {trips.sent} lost ({trips.way})'
    )
    if late <= GOOD and trips.lost == 0:
        return Finding(NAME, Verdict.OK, seen)
    if not subject.real_robot:
        return Finding(NAME, Verdict.OK, f'{seen}; the simulated robot waits for its client')
    if late <= TOLERABLE and trips.lost <= TOLERABLE_LOSS * trips.sent:
        return Finding(NAME, Verdict.WARNING, f'{seen}; {GOOD} ms and no loss are wanted', _MEND)
    return Finding(
        NAME, Verdict.PROBLEM,
        f'{seen}; more than {TOLERABLE} ms or {TOLERABLE_LOSS:.0%} lost is too much for the robot',
        _MEND,
    )


def _ping(machine: Machine, address: str) -> RoundTrips | None:
    """None where there is no `ping`, or it may not be used."""
    outcome = machine.run(
        ('ping', '-n', '-i', str(PAUSE), '-c', str(COUNT), '-W', '1', address), SECONDS
    )
    sent = re.search(r'(\d+) packets transmitted', outcome.output)
    if sent is None or int(sent[1]) == 0:
        return None
    times = re.findall(r'time=([\d.]+) ms', outcome.output)
    return RoundTrips(tuple(map(float, times)), int(sent[1]), 'ping')


def _knock(machine: Machine, address: str) -> RoundTrips | None:
    answer = ask(machine, 'round_trips', [address, str(DESK_PORT), str(COUNT)], SECONDS)
    if answer.trouble:
        return None
    times = answer.values['times']
    return RoundTrips(tuple(times), answer.values['sent'], f'TCP to port {DESK_PORT}')
