"""Versions are compared with those the stack was tested with."""

import pytest
from recorded_machine import NO_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.packages import check_packages

LOCK = '# Exact versions.\nnumpy==2.4.6\ntorch==2.13.0\nros-jazzy-rclpy==7.1.6\nempy==4.2.1\n'
VERSIONS = {
    'numpy': '2.4.6', 'torch': '2.13.0+cpu', 'ros-jazzy-rclpy': '7.1.6', 'empy': '4.2.1'
}


def packages(versions, environment=None, python='3.11.7', lock=LOCK):
    files = {str(NO_ROBOT.lock_file): lock} if lock else {}
    machine = recorded(files, versions=versions, environment=environment)
    return check_packages(machine, NO_ROBOT, python)


def test_the_tested_versions_are_well_whichever_build_they_are():
    found = packages(VERSIONS)
    assert (found.verdict, found.seen) == (
        Verdict.OK, 'Python 3.11.7, 4 packages as in requirements.lock'
    )


def test_another_version_and_a_missing_package_are_named():
    found = packages({**VERSIONS, 'numpy': '1.26.4', 'torch': None})
    assert found.verdict is Verdict.WARNING
    assert 'other versions: numpy 1.26.4, not 2.4.6' in found.seen
    assert 'missing: torch' in found.seen


def test_many_are_counted():
    lock = ''.join(f'package{number}==1.0\n' for number in range(10))
    assert 'and 6 more' in packages({}, lock=lock).seen


def test_a_ros_install_brings_its_own():
    ours = {'numpy': '2.4.6', 'torch': '2.13.0'}
    assert packages(ours, {'ROS_DISTRO': 'jazzy'}).verdict is Verdict.OK


@pytest.mark.parametrize('python', ['3.10.12', '3.13.0', '3.1.1'])
def test_another_python_is_a_problem(python):
    assert packages(VERSIONS, python=python).verdict is Verdict.PROBLEM


def test_without_a_lock_there_is_nothing_to_compare():
    assert packages(VERSIONS, lock='').verdict is Verdict.SKIPPED
