"""Permissions are tried, not only read."""

import os

import pytest
from recorded_machine import LATE, MISSING, NO_ROBOT, REAL_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.limits import check_memory_lock, check_priority
from vls.doctor.probes.realtime import SIZE, try_memory, try_priority

LIMITS = {'/proc/self/limits': (
    'Limit                     Soft Limit           Hard Limit           Units     \n'
    'Max locked memory         8388608              unlimited            bytes     \n'
    'Max realtime priority     0                    99                             \n'
)}
GRANTED = recorded(LIMITS, probes={'realtime': {'refused': ''}})
REFUSED = recorded(LIMITS, probes={'realtime': {'refused': 'Operation not permitted'}})


def test_what_is_granted_is_well_whatever_the_limit_says():
    assert check_priority(GRANTED, REAL_ROBOT).verdict is Verdict.OK
    found = check_memory_lock(GRANTED, REAL_ROBOT)
    assert (found.verdict, found.seen) == (
        Verdict.OK, 'locking 256 MiB (limit 8 MiB): granted'
    )


@pytest.mark.parametrize(('check', 'subject', 'verdict', 'option'), [
    (check_priority, REAL_ROBOT, Verdict.PROBLEM, 'rtprio=99'),
    (check_priority, NO_ROBOT, Verdict.WARNING, 'rtprio=99'),
    (check_memory_lock, REAL_ROBOT, Verdict.WARNING, 'memlock=-1'),
    (check_memory_lock, NO_ROBOT, Verdict.WARNING, 'memlock=-1'),
])
def test_only_a_refused_priority_keeps_a_real_robot_from_moving(check, subject, verdict, option):
    found = check(REFUSED, subject)
    assert found.verdict is verdict
    assert 'Operation not permitted' in found.seen
    assert 'limits.conf' in found.advice and option in found.advice


def test_an_unlimited_limit_and_an_unknown_one_are_named():
    probes = {'realtime': {'refused': ''}}
    row = 'Max locked memory         unlimited            unlimited            bytes\n'
    for files, limit in (({'/proc/self/limits': row}, 'unlimited'), ({}, 'unknown')):
        found = check_memory_lock(recorded(files, probes=probes), NO_ROBOT)
        assert f'limit {limit}' in found.seen


@pytest.mark.parametrize('outcome', [LATE, MISSING])
def test_what_could_not_be_tried_is_neither_granted_nor_refused(outcome):
    found = check_priority(recorded(LIMITS, probes={'realtime': outcome}), REAL_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'could not be tried' in found.seen
    assert 'vls.doctor.probes.realtime priority' in found.advice


def test_the_attempts_are_real_and_leave_nothing_behind():
    before = os.sched_getscheduler(0)
    assert isinstance(try_priority(), str)
    assert os.sched_getscheduler(0) == before
    assert isinstance(try_memory(), str)
    with open('/proc/self/status') as status:
        locked = next(line for line in status if line.startswith('VmLck'))
    assert int(locked.split()[1]) * 1024 < SIZE
