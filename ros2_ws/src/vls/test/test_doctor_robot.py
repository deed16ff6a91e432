"""Whatever keeps the robot from being controlled has a sentence of its own."""

import socket
import struct
import subprocess
import sys
import threading
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from recorded_machine import LATE, NO_ROBOT, REAL_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.machine import Outcome, this_machine
from vls.doctor.robot import check_hand, check_robot
from vls.doctor.robot_trouble import version_advice
from vls.doctor.subject import Subject

SIMULATED_ROBOT = (
    Path(__file__).resolve().parents[2] / 'franka_bridge' / 'test' / 'simulated_robot.py'
)
HAND_PORT, ROBOT_PORT = 1338, 1337


def no_stack():
    return ''


def robot(answer, subject=REAL_ROBOT, find_stack=no_stack):
    return check_robot(recorded(probes={'robot': answer}), subject, find_stack)


def hand(answer, subject=REAL_ROBOT):
    return check_hand(recorded(probes={'hand': answer}), subject, no_stack)


def mode(name, errors='[]'):
    return {'mode': name, 'errors': errors, 'libfranka': '0.21.2'}


def network_trouble(text):
    return {'error': 'NetworkException', 'text': f'libfranka: {text}'}


def test_an_idle_robot_is_well():
    found = robot(mode('Idle'))
    assert found.verdict is Verdict.OK
    assert '0.21.2' in found.seen


@pytest.mark.parametrize(('name', 'verdict', 'advice'), [
    ('UserStopped', Verdict.PROBLEM, 'release the stop'),
    ('Other', Verdict.PROBLEM, 'unlock the joints'),
    ('Reflex', Verdict.WARNING, 'vls recover'),
    ('Guiding', Verdict.WARNING, 'let go'),
    ('Move', Verdict.WARNING, 'moving'),
    ('AutomaticErrorRecovery', Verdict.WARNING, 'again'),
])
def test_every_mode_says_what_to_do(name, verdict, advice):
    found = robot(mode(name, '["joint_reflex"]'))
    assert found.verdict is verdict
    assert advice in found.advice
    assert ('joint_reflex' in found.seen) == (name == 'Reflex')


@pytest.mark.parametrize(('text', 'advice'), [
    ('Connection to FCI refused. Please install FCI feature or enable FCI mode.', 'activate FCI'),
    ('Connection timeout. Please check your network connection or settings.', 'cable'),
    ('Connection error: Host not found', 'address that Desk shows'),
    ('UDP receive: Timeout', 'firewall'),
    ('TCP connection got interrupted.', 'what else is connected'),
    ('Protocol error during connection attempt', 'check the address'),
    ('something nobody has seen', 'real-robot.md'),
])
def test_every_trouble_of_the_network_says_what_to_do(text, advice):
    found = robot(network_trouble(text))
    assert found.verdict is Verdict.PROBLEM
    assert text in found.seen
    assert advice in found.advice


def test_silence_is_a_robot_that_is_busy_or_not_there():
    found = robot(LATE)
    assert found.verdict is Verdict.PROBLEM
    assert 'another program is connected' in found.advice


def test_the_older_of_the_two_is_to_be_updated():
    text = 'Incompatible library version (server version: {}, library version: {}). Please'
    assert 'the robot is older' in version_advice(text.format(9, 10))
    assert '5.9.0' in version_advice(text.format(9, 10))
    assert 'upgrade franky-control' in version_advice(text.format(11, 10))
    assert '5.9.0' in version_advice('said in other words')


def test_a_probe_that_breaks_down_is_quoted():
    found = robot(Outcome(-11, errors='Traceback\nSegmentation fault\n'))
    assert found.verdict is Verdict.PROBLEM
    assert 'code -11: Segmentation fault' in found.seen
    assert '`python -m vls.doctor.probes.robot 172.16.0.2`' in found.advice


def test_without_franky_nothing_is_asked():
    found = robot({'missing': 'franky-control'})
    assert found.verdict is Verdict.PROBLEM
    assert 'pip install franky-control' in found.advice


def test_a_stack_that_runs_is_not_disturbed():
    found = robot(LATE, find_stack=lambda: '/runs/now')
    assert found.verdict is Verdict.SKIPPED
    assert '/runs/now' in found.seen and 'vls down' in found.advice


def test_a_stack_of_somebody_else_is_not_disturbed_either():
    def find_stack():
        raise PermissionError('/tmp/vls-0 belongs to somebody else; remove it')

    found = robot(LATE, find_stack=find_stack)
    assert found.verdict is Verdict.WARNING
    assert 'somebody else' in found.seen


def test_without_an_address_both_are_skipped():
    assert robot(LATE, NO_ROBOT).verdict is Verdict.SKIPPED
    assert hand(LATE, NO_ROBOT).verdict is Verdict.SKIPPED


@pytest.mark.parametrize(('widest', 'verdict', 'advice'), [
    (0.08, Verdict.OK, ''), (0.0, Verdict.PROBLEM, 'Homing'),
])
def test_a_hand_has_to_be_homed(widest, verdict, advice):
    found = hand({'width': 0.04, 'maximum_width': widest})
    assert found.verdict is verdict
    assert advice in found.advice


def test_a_hand_that_is_not_there_is_a_matter_of_desk():
    found = hand(network_trouble('Connection to FCI refused.'))
    assert 'Franka Hand as end effector' in found.advice


# --- with franky itself, on this computer ---


def loopback_address():
    return f'127.14.{uuid.uuid4().int % 250 + 1}.{uuid.uuid4().int % 250 + 1}'


@contextmanager
def fake_robot_of_another_version(address, version):
    """Refuses whoever connects: it speaks another version of the protocol."""
    with socket.create_server((address, ROBOT_PORT)) as server:
        server.settimeout(60.0)

        def refuse():
            connection, _ = server.accept()
            with connection:
                command, number, _ = struct.unpack('<III', connection.recv(16)[:12])
                answer = struct.pack('<BH', 1, version) + b'\0' * 5
                connection.sendall(
                    struct.pack('<III', command, number, 12 + len(answer)) + answer
                )

        thread = threading.Thread(target=refuse)
        thread.start()
        yield
        thread.join()


def test_a_robot_of_another_version_is_named_with_its_version():
    address = loopback_address()
    with fake_robot_of_another_version(address, 7):
        found = check_robot(this_machine(), Subject(robot_ip=address), no_stack)
    assert found.verdict is Verdict.PROBLEM
    assert 'server version: 7' in found.seen
    assert 'http' not in found.seen
    assert 'the robot is older' in found.advice


def test_where_nothing_listens_the_simulated_robot_is_to_be_started():
    subject = Subject(robot_ip=loopback_address())
    for check in (check_robot, check_hand):
        found = check(this_machine(), subject, no_stack)
        assert found.verdict is Verdict.PROBLEM
        assert f'vls up --sim --robot-ip {subject.robot_ip}' in found.advice


def test_a_simulated_robot_is_well():
    address = loopback_address()
    process = subprocess.Popen(
        [sys.executable, SIMULATED_ROBOT, address], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline().strip() == 'ready'
        subject = Subject(robot_ip=address)
        found = [check(this_machine(), subject, no_stack) for check in (check_robot, check_hand)]
    finally:
        process.terminate()
        process.wait(15.0)
    assert [finding.verdict for finding in found] == [Verdict.OK, Verdict.OK], found
