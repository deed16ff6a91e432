"""What to do when the robot cannot be reached, by what libfranka says about it."""

from __future__ import annotations

import re

from vls.doctor.subject import Subject

NEEDED = 'libfranka 0.18 or newer speaks protocol 10, which needs robot system 5.9.0 or newer'
"""What Franka's table of versions says about the libfranka of this stack."""

_NOT_ACTIVE = 'in Desk: unlock the joints and activate FCI (its feature must be installed)'
_NOT_STARTED = 'nothing listens there: vls up --sim --robot-ip {address} starts a simulated robot'
_BY_TEXT = (
    ('Host not found', 'give the address that Desk shows under Settings, Network'),
    ('Connection to FCI refused', _NOT_ACTIVE),
    (
        'Connection timeout',
        'check power and cable, and that the address is the one of the control\'s network port',
    ),
    (
        'UDP receive',
        'the robot answers, but its states do not arrive: let UDP through the firewall (sudo ufw '
        'allow from the robot\'s address), and end what else is connected',
    ),
    (
        'connection got interrupted',
        'the robot hung up: end what else is connected (`vls down`, another computer), and see '
        'in Desk whether FCI is still active',
    ),
    (
        'Protocol error',
        'something else than a Franka answers there: check the address',
    ),
)
_HAND_REFUSED = (
    'in Desk: activate FCI first; then choose the Franka Hand as end effector, switch it on and '
    'home it: the bridge needs it'
)
_SILENT = (
    'if round trips get lost as well: check power, cable and address; if not, another program is '
    'connected: end it (`vls down`, ros2 launch, another computer)'
)
_ELSE = 'see docs/how-to/real-robot.md, and Desk for what the robot itself says'


def advice_for(what: str, subject: Subject, error: str, text: str, late: bool) -> str:
    """What to do, in a sentence.

    Arguments:
        what: 'robot' or 'hand'.
        subject: the robot that was asked.
        error: name of the class franky raised.
        text: what it said.
        late: nothing was raised, and nothing answered in time.
    """
    if late:
        return _SILENT
    if error == 'IncompatibleVersionException':
        return version_advice(text)
    if 'refused' in text and not subject.real_robot:
        return _NOT_STARTED.format(address=subject.robot_ip)
    if 'refused' in text and what == 'hand':
        return _HAND_REFUSED
    for part, advice in _BY_TEXT:
        if part in text:
            return advice
    return _ELSE


def version_advice(text: str) -> str:
    """Which of the two to change, by the numbers in libfranka's message."""
    found = re.search(r'server version: (\d+), library version: (\d+)', text)
    if found is None:
        return f'bring robot and franky to versions that fit: {NEEDED}'
    server, library = map(int, found.groups())
    if server > library:
        return (
            'the robot is newer: pip install --upgrade franky-control, and look whether its '
            f'libfranka speaks protocol {server}'
        )
    return (
        f'the robot is older: update its system in Desk ({NEEDED}); an older Panda, which cannot '
        'be updated so far, is not supported'
    )
