"""The kernel is judged as libfranka judges it."""

import pytest
from recorded_machine import NO_ROBOT, REAL_ROBOT, SIMULATED_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.kernel import check_kernel

RELEASE = {'/proc/sys/kernel/osrelease': '6.8.1-1015-realtime\n'}
ORDINARY = {**RELEASE, '/proc/sys/kernel/version': '#17 SMP PREEMPT_DYNAMIC Tue Sep 10\n'}
PATCHED = {
    **RELEASE, '/sys/kernel/realtime': '1\n',
    '/proc/sys/kernel/version': '#16 SMP PREEMPT_RT Wed Aug 21\n',
}
MAINLINE = {**RELEASE, '/proc/sys/kernel/version': '#1 SMP PREEMPT_RT Debian 6.12\n'}


@pytest.mark.parametrize('subject', [REAL_ROBOT, NO_ROBOT])
def test_a_real_time_kernel_is_well(subject):
    found = check_kernel(recorded(PATCHED), subject)
    assert found.verdict is Verdict.OK
    assert '6.8.1-1015-realtime' in found.seen


@pytest.mark.parametrize('subject', [NO_ROBOT, SIMULATED_ROBOT])
def test_an_ordinary_kernel_is_only_a_warning_for_the_simulated_robot(subject):
    assert check_kernel(recorded(ORDINARY), subject).verdict is Verdict.WARNING


def test_an_ordinary_kernel_is_a_problem_for_a_real_robot():
    found = check_kernel(recorded(ORDINARY), REAL_ROBOT)
    assert found.verdict is Verdict.PROBLEM
    assert 'linux-image-rt' in found.advice


def test_a_real_time_kernel_that_libfranka_does_not_recognise_has_a_way_round():
    found = check_kernel(recorded(MAINLINE), REAL_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'realtime: false' in found.advice


def test_a_system_without_these_files_is_judged_as_well():
    assert 'unknown' in check_kernel(recorded(), NO_ROBOT).seen
