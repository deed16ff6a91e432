"""Round trips are measured against what the robot needs."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_machine import LATE, NO_ROBOT, REAL_ROBOT, SIMULATED_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.machine import Outcome
from vls.doctor.probes.round_trips import knock_often
from vls.doctor.round_trips import RoundTrips, check_round_trips, judge
from vls.doctor.subject import Subject


def ping_output(times, sent=None):
    sent = len(times) if sent is None else sent
    lines = [
        f'64 bytes from 172.16.0.2: icmp_seq={number} ttl=64 time={time} ms'
        for number, time in enumerate(times, 1)
    ]
    return Outcome(0, '\n'.join([
        'PING 172.16.0.2 (172.16.0.2) 56(84) bytes of data.', *lines, '',
        '--- 172.16.0.2 ping statistics ---',
        f'{sent} packets transmitted, {len(times)} received, 0% packet loss, time 1006ms',
        'rtt min/avg/max/mdev = 0.1/0.2/0.3/0.01 ms',
    ]))


@pytest.mark.parametrize(('times', 'sent', 'verdict'), [
    ([0.12] * 100, 100, Verdict.OK),
    ([0.12] * 99, 100, Verdict.WARNING),
    ([0.12] * 90 + [0.45] * 10, 100, Verdict.WARNING),
    ([0.12] * 90 + [0.9] * 10, 100, Verdict.PROBLEM),
    ([0.12] * 97, 100, Verdict.PROBLEM),
    ([], 100, Verdict.PROBLEM),
])
def test_what_ping_says_is_judged(times, sent, verdict):
    machine = recorded(commands={'ping': ping_output(times, sent)})
    found = check_round_trips(machine, REAL_ROBOT)
    assert found.verdict is verdict
    assert '(ping)' in found.seen


def test_one_late_packet_of_a_hundred_is_forgiven():
    times = [0.12] * 199 + [0.9]
    assert judge(RoundTrips(tuple(times), 200, 'ping'), REAL_ROBOT).verdict is Verdict.OK


@pytest.mark.parametrize('ping', [Outcome(None, missing=True), Outcome(2, errors='not permitted')])
def test_without_ping_it_knocks_at_a_port(ping):
    machine = recorded(
        commands={'ping': ping}, probes={'round_trips': {'times': [0.2] * 100, 'sent': 100}}
    )
    found = check_round_trips(machine, REAL_ROBOT)
    assert found.verdict is Verdict.OK
    assert 'TCP' in found.seen


def test_what_cannot_be_measured_is_said_so():
    found = check_round_trips(recorded(probes={'round_trips': LATE}), REAL_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'iputils-ping' in found.advice


def test_a_simulated_robot_waits_and_a_missing_one_is_skipped():
    slow = recorded(commands={'ping': ping_output([5.0] * 100)})
    assert check_round_trips(slow, SIMULATED_ROBOT).verdict is Verdict.OK
    assert check_round_trips(slow, NO_ROBOT).verdict is Verdict.SKIPPED
    assert check_round_trips(slow, Subject(robot_ip='nobody')).verdict is Verdict.SKIPPED


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=100), st.floats(1.01, 3.0))
def test_slower_is_never_judged_better(times, factor):
    order = [Verdict.OK, Verdict.WARNING, Verdict.PROBLEM]
    slower = [factor * time for time in times]
    quick, slow = (
        judge(RoundTrips(tuple(some), len(some), 'ping'), REAL_ROBOT) for some in (times, slower)
    )
    assert order.index(quick.verdict) <= order.index(slow.verdict)


def test_a_closed_port_answers_as_well_as_an_open_one():
    with socket.create_server(('127.0.0.1', 0)) as server:
        port = server.getsockname()[1]
        times, sent = knock_often('127.0.0.1', port, 3)
        assert len(times) == sent == 3
    times, sent = knock_often('127.0.0.1', port, 3)
    assert len(times) == sent == 3
