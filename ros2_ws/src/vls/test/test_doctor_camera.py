"""Cameras: there, allowed, fast."""

from recorded_machine import LATE, NO_ROBOT, REAL_ROBOT, recorded

from vls.doctor.camera import USB, check_camera
from vls.doctor.finding import Verdict
from vls.doctor.machine import this_machine

PLUGGED_IN = {f'{USB}/2-1/product': 'Intel(R) RealSense(TM) Depth Camera 435i\n'}


def cameras(*speeds, subject=REAL_ROBOT, files=None):
    devices = [
        {'name': 'RealSense D435I', 'serial': f'10{number}', 'usb': speed}
        for number, speed in enumerate(speeds)
    ]
    return check_camera(recorded(files, probes={'camera': {'devices': devices}}), subject)


def test_a_fast_camera_is_well():
    found = cameras('3.2')
    assert (found.verdict, found.seen) == (Verdict.OK, 'RealSense D435I (100), USB 3.2')


def test_one_camera_on_a_slow_port_is_a_warning():
    found = cameras('3.2', '2.1')
    assert found.verdict is Verdict.WARNING
    assert 'USB 3 cable' in found.advice


def test_a_camera_that_may_not_be_opened_is_not_a_missing_one():
    found = cameras(files=PLUGGED_IN)
    assert found.verdict is Verdict.WARNING
    assert '99-realsense.rules' in found.advice


def test_no_camera_matters_with_a_real_robot_only():
    assert cameras().verdict is Verdict.WARNING
    assert '--camera none' in cameras().advice
    assert cameras(subject=NO_ROBOT).verdict is Verdict.SKIPPED


def test_a_missing_package_matters_with_a_real_robot_only():
    machine = recorded(probes={'camera': {'missing': 'pyrealsense2'}})
    assert check_camera(machine, REAL_ROBOT).verdict is Verdict.WARNING
    assert check_camera(machine, NO_ROBOT).verdict is Verdict.SKIPPED


def test_a_bus_that_hangs_is_a_warning():
    found = check_camera(recorded(probes={'camera': LATE}), NO_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'no answer' in found.seen


def test_the_probe_works_without_a_camera_and_with_one():
    assert 'the probe ended' not in check_camera(this_machine(), NO_ROBOT).seen
