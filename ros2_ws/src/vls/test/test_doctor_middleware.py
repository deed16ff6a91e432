"""The middleware is the tested one, heard as far as meant, and has room for pictures."""

import pytest
from recorded_machine import NO_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.middleware import check_discovery, check_middleware, check_shared_memory

WHEELS = {'ros-rmw-fastrtps-cpp': '8.4.3', 'ros-rmw-cyclonedds-cpp': '2.2.3'}
INSTALL = {'/opt/ros/jazzy/share/rmw_fastrtps_cpp/package.xml': '<package/>'}
SOURCED = {'ROS_DISTRO': 'jazzy', 'AMENT_PREFIX_PATH': '/work/install:/opt/ros/jazzy'}
PROFILE = {str(NO_ROBOT.profile): '<dds/>'}


def test_the_tested_middleware_is_well_from_a_wheel_and_from_a_ros_install():
    assert check_middleware(recorded(versions=WHEELS), NO_ROBOT).verdict is Verdict.OK
    found = check_middleware(recorded(INSTALL, environment=SOURCED), NO_ROBOT)
    assert (found.verdict, found.seen) == (Verdict.OK, 'rmw_fastrtps_cpp of ROS 2 jazzy')


def test_another_middleware_is_a_warning():
    machine = recorded(versions=WHEELS, environment={'RMW_IMPLEMENTATION': 'rmw_cyclonedds_cpp'})
    found = check_middleware(machine, NO_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'unset RMW_IMPLEMENTATION' in found.advice
    assert check_shared_memory(machine, NO_ROBOT).verdict is Verdict.SKIPPED


@pytest.mark.parametrize('environment', [
    {}, {'RMW_IMPLEMENTATION': 'rmw_zenoh_cpp'}, {'AMENT_PREFIX_PATH': '/elsewhere'},
])
def test_a_middleware_that_is_not_installed_is_a_problem(environment):
    found = check_middleware(recorded(environment=environment), NO_ROBOT)
    assert found.verdict is Verdict.PROBLEM
    assert 'make setup' in found.advice


def test_another_distribution_is_a_warning():
    machine = recorded(INSTALL, environment={**SOURCED, 'ROS_DISTRO': 'humble'})
    found = check_middleware(machine, NO_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'humble' in found.seen and 'jazzy' in found.seen


@pytest.mark.parametrize(('environment', 'verdict', 'seen'), [
    ({}, Verdict.OK, 'domain 0, LOCALHOST'),
    ({'ROS_DOMAIN_ID': '42', 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET'}, Verdict.OK, 'domain 42'),
    ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET'}, Verdict.WARNING, 'domain 0, SUBNET'),
    ({'ROS_LOCALHOST_ONLY': '1'}, Verdict.WARNING, 'ROS_LOCALHOST_ONLY'),
    ({'ROS_LOCALHOST_ONLY': '0'}, Verdict.OK, 'LOCALHOST'),
    ({'ROS_DOMAIN_ID': '150'}, Verdict.PROBLEM, 'domain 150'),
    ({'ROS_DOMAIN_ID': 'seven'}, Verdict.PROBLEM, 'domain seven'),
    ({'ROS_DOMAIN_ID': '-1'}, Verdict.PROBLEM, 'domain -1'),
    ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'localhost'}, Verdict.PROBLEM, 'localhost'),
])
def test_the_domain_and_its_reach_are_judged(environment, verdict, seen):
    found = check_discovery(recorded(environment=environment), NO_ROBOT)
    assert found.verdict is verdict
    assert seen in found.seen


def test_the_profile_of_the_stack_with_room_is_well():
    own = {'FASTRTPS_DEFAULT_PROFILES_FILE': str(NO_ROBOT.profile)}
    for environment in ({}, own):
        machine = recorded(PROFILE, environment=environment)
        assert check_shared_memory(machine, NO_ROBOT).verdict is Verdict.OK


def test_another_profile_is_a_warning():
    other = {'FASTRTPS_DEFAULT_PROFILES_FILE': '/home/me/dds.xml'}
    found = check_shared_memory(recorded(PROFILE, environment=other), NO_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'FASTRTPS_DEFAULT_PROFILES_FILE' in found.seen


def test_the_small_shared_memory_of_a_container_is_a_warning():
    found = check_shared_memory(recorded(PROFILE, free=64 * 2**20), NO_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert '64 MiB' in found.seen and '--shm-size' in found.advice


def test_a_missing_profile_is_a_problem_and_an_unknown_room_none():
    assert check_shared_memory(recorded(), NO_ROBOT).verdict is Verdict.PROBLEM
    assert 'unknown free' in check_shared_memory(recorded(PROFILE, free=None), NO_ROBOT).seen
