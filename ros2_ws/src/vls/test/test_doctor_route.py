"""The way to the robot: by cable, straight, awake."""

from ipaddress import IPv4Address

import pytest
from recorded_machine import NO_ROBOT, REAL_ROBOT, SIMULATED_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.machine import Outcome
from vls.doctor.route import INTERFACES, check_route, route_to
from vls.doctor.subject import Subject

HEAD = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
DEFAULT = 'wlp2s0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n'
ROBOT_PORT = 'enp3s0\t000010AC\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n'
DOWN = 'enp3s0\t000010AC\t00000000\t0000\t0\t0\t100\t00FFFFFF\t0\t0\t0\n'
CABLE = {f'{INTERFACES}/enp3s0/speed': '1000\n'}
WIRELESS = {f'{INTERFACES}/wlp2s0/wireless/link': '', f'{INTERFACES}/wlp2s0/speed': ''}
DOZING = Outcome(0, 'EEE settings for enp3s0:\n\tEEE status: enabled - active\n')
AWAKE = Outcome(0, 'EEE settings for enp3s0:\n\tEEE status: disabled\n')


def machine(table, files=None, **commands):
    return recorded({'/proc/net/route': HEAD + table, **(files or {})}, commands=commands)


def test_a_cable_straight_to_the_robot_is_well():
    found = check_route(machine(DEFAULT + ROBOT_PORT, CABLE, ethtool=AWAKE), REAL_ROBOT)
    assert (found.verdict, found.seen) == (
        Verdict.OK, 'enp3s0, 1000 Mbit/s, no router between'
    )


def test_the_most_specific_route_that_is_up_counts():
    address = IPv4Address('172.16.0.2')
    assert route_to(HEAD + ROBOT_PORT + DEFAULT, address).interface == 'enp3s0'
    assert route_to(HEAD + DOWN + DEFAULT, address) == ('wlp2s0', '192.168.1.1')
    assert route_to(HEAD + DOWN, address) is None
    assert route_to('', address) is None


def test_wireless_and_a_router_are_each_a_warning_with_its_advice():
    found = check_route(machine(DEFAULT, WIRELESS), REAL_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'wireless' in found.seen and 'router 192.168.1.1' in found.seen
    assert 'cable' in found.advice and 'directly' in found.advice


def test_a_link_that_dozes_is_a_warning():
    found = check_route(machine(ROBOT_PORT, CABLE, ethtool=DOZING), REAL_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'ethtool --set-eee enp3s0 eee off' in found.advice


def test_a_link_that_is_too_slow_is_a_warning():
    slow = {f'{INTERFACES}/enp3s0/speed': '10\n'}
    assert 'only 10 Mbit/s' in check_route(machine(ROBOT_PORT, slow), REAL_ROBOT).seen


def test_no_route_is_a_problem():
    found = check_route(machine(DOWN), REAL_ROBOT)
    assert found.verdict is Verdict.PROBLEM
    assert 'ip address add' in found.advice


@pytest.mark.parametrize(('answer', 'verdict'), [
    (Outcome(0, '172.16.0.2      STREAM fr3\n172.16.0.2      DGRAM\n'), Verdict.OK),
    (Outcome(2), Verdict.PROBLEM),
])
def test_a_name_is_looked_up(answer, verdict):
    names = machine(ROBOT_PORT, CABLE, getent=answer, ethtool=AWAKE)
    assert check_route(names, Subject(robot_ip='fr3')).verdict is verdict


def test_a_simulated_robot_needs_no_network_and_no_robot_no_route():
    assert check_route(machine(''), SIMULATED_ROBOT).verdict is Verdict.OK
    assert check_route(machine(''), NO_ROBOT).verdict is Verdict.SKIPPED
