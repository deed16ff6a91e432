"""Whether the robot lets itself be controlled: its protocol, its mode, its hand. Nothing moves."""

from __future__ import annotations

import re
from collections.abc import Callable

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.probing import Answer, ask
from vls.doctor.robot_trouble import advice_for
from vls.doctor.subject import Subject
from vls.runner.stack import Stack, StackError

ROBOT, HAND = 'robot', 'hand'
SECONDS = 20.0
"""The probe's own start is part of it, which takes long on a busy computer."""

_MODES = {
    'Idle': (Verdict.OK, ''),
    'Guiding': (Verdict.WARNING, 'somebody guides the arm by hand: let go of the buttons'),
    'Move': (Verdict.WARNING, 'it is moving: wait, or end what moves it'),
    'Reflex': (Verdict.WARNING, 'clear the cause, then `vls recover` once the stack is up'),
    'UserStopped': (
        Verdict.PROBLEM, 'release the stop: close the enabling device or pull the stop button out'
    ),
    'AutomaticErrorRecovery': (Verdict.WARNING, 'it is recovering: run this again'),
}
_OTHER_MODE = (
    Verdict.PROBLEM, 'in Desk: unlock the joints, switch to Execution and activate FCI'
)


def running_stack() -> str:
    """The folder of the stack that runs here; '' if none does. Raises PermissionError."""
    try:
        return str(Stack.running().folder)
    except StackError:
        return ''


def check_robot(
    machine: Machine, subject: Subject, find_stack: Callable[[], str] = running_stack
) -> Finding:
    """Connects as the bridge does, reads one state, and lets go."""
    if (skipped := _skipped(ROBOT, subject, find_stack)) is not None:
        return skipped
    answer = ask(machine, 'robot', [subject.robot_ip], SECONDS)
    if (trouble := _trouble(ROBOT, subject, answer)) is not None:
        return trouble
    mode = answer.values['mode']
    verdict, advice = _MODES.get(mode, _OTHER_MODE)
    errors = answer.values['errors']
    return Finding(
        ROBOT, verdict,
        f'speaks the protocol of libfranka {answer.values["libfranka"]}; mode {mode}'
        + (f'; {errors}' if mode == 'Reflex' else ''),
        advice,
    )


def check_hand(
    machine: Machine, subject: Subject, find_stack: Callable[[], str] = running_stack
) -> Finding:
    """Connects to the Franka Hand and reads its width."""
    if (skipped := _skipped(HAND, subject, find_stack)) is not None:
        return skipped
    answer = ask(machine, 'hand', [subject.robot_ip], SECONDS)
    if (trouble := _trouble(HAND, subject, answer)) is not None:
        return trouble
    width, widest = 1000.0 * answer.values['width'], 1000.0 * answer.values['maximum_width']
    seen = f'open {width:.0f} of {widest:.0f} mm'
    if widest <= 0.0:
        return Finding(
            HAND, Verdict.PROBLEM, f'{seen}: it has not been homed',
            'in Desk: Settings, End Effector, Homing',
        )
    return Finding(HAND, Verdict.OK, seen)


def _skipped(name: str, subject: Subject, find_stack: Callable[[], str]) -> Finding | None:
    if not subject.robot_ip:
        return Finding(name, Verdict.SKIPPED, 'no --robot-ip')
    try:
        folder = find_stack()
    except PermissionError as error:
        return Finding(
            name, Verdict.WARNING, f'not asked: {error}',
            'remove that folder, or set another ROS_DOMAIN_ID',
        )
    if folder:
        return Finding(
            name, Verdict.SKIPPED,
            f'not asked: the stack in {folder} may be connected, and a robot has one client',
            '`vls status` says how it is; `vls down`, then run this again',
        )
    return None


def _trouble(name: str, subject: Subject, answer: Answer) -> Finding | None:
    """What is wrong if there was no connection; None if there was."""
    if answer.missing:
        return Finding(
            name, Verdict.PROBLEM, f'not asked: there is no Python package {answer.missing}',
            'make setup, or pip install franky-control',
        )
    error, text = answer.values.get('error', ''), answer.values.get('text', answer.trouble)
    if not error and not answer.trouble:
        return None
    broken = bool(answer.trouble) and not answer.late
    advice = answer.by_hand if broken else advice_for(name, subject, error, text, answer.late)
    return Finding(name, Verdict.PROBLEM, _short(text), advice)


def _short(text: str) -> str:
    """libfranka's own words, without where to read more: the advice says what to do."""
    return re.sub(r'\. Please check https?://.*', '', text).strip()
