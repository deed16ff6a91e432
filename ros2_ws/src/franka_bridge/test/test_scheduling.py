"""What is permitted is applied, what is not is reported, what cannot be meant is raised."""

import os
import subprocess
import sys
from threading import Thread

import pytest

from franka_bridge.scheduling import (
    InvalidSchedulingError,
    SchedulingReport,
    SchedulingRequest,
    apply_to_this_thread,
    starting_threads_with,
)
from vls_core.types import InvalidValueError

LOCK_AND_TELL = """
from franka_bridge.scheduling import SchedulingRequest, apply_to_this_thread
report = apply_to_this_thread(SchedulingRequest(lock_memory=True))
locked = next(line for line in open('/proc/self/status') if line.startswith('VmLck'))
print(len(report.granted), len(report.refused), int(locked.split()[1]) > 0)
"""


def in_a_thread(action):
    """What action returns, from a thread that ends with it."""
    values = []
    thread = Thread(target=lambda: values.append(action()))
    thread.start()
    thread.join()
    return values[0]


def apply(**wanted):
    """The report, and the policy, the priority and the cores the thread had afterwards."""

    def action():
        report = apply_to_this_thread(SchedulingRequest(**wanted))
        policy = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
        return report, policy, os.sched_getparam(0).sched_priority, os.sched_getaffinity(0)

    return in_a_thread(action)


def refuse(monkeypatch, name, error=PermissionError):
    def refused(*_):
        raise error(1, 'Operation not permitted')

    monkeypatch.setattr(os, name, refused)


def test_asking_for_nothing_changes_nothing():
    report, policy, priority, cores = apply()
    assert report == SchedulingReport()
    assert (policy, priority, cores) == (os.SCHED_OTHER, 0, os.sched_getaffinity(0))


def test_a_priority_is_taken_or_reported():
    report, policy, priority, _ = apply(priority=5)
    if report.granted:
        assert (policy, priority) == (os.SCHED_FIFO, 5)
    else:
        assert (policy, priority) == (os.SCHED_OTHER, 0)
        assert len(report.refused) == 1


def test_what_the_thread_starts_has_an_ordinary_priority():
    def action():
        apply_to_this_thread(SchedulingRequest(priority=5))
        return in_a_thread(lambda: os.sched_getscheduler(0))

    assert in_a_thread(action) == os.SCHED_OTHER


def test_the_thread_runs_where_it_is_told_and_no_other_thread_does():
    before = os.sched_getaffinity(0)
    core = min(before)
    report, _, _, cores = apply(cpu=(core,))
    assert report.granted == (f'runs on core {core}',)
    assert cores == {core}
    assert os.sched_getaffinity(0) == before


def test_a_refused_priority_says_how_to_be_allowed_and_the_rest_is_applied(monkeypatch):
    refuse(monkeypatch, 'sched_setscheduler')
    core = min(os.sched_getaffinity(0))
    report, policy, _, cores = apply(priority=40, cpu=(core,))
    (sentence,) = report.refused
    for part in ('priority 40', 'limits.conf', 'rtprio', 'log in again'):
        assert part in sentence
    assert policy == os.SCHED_OTHER
    assert report.granted and cores == {core}


def test_a_core_that_is_not_ours_is_reported(monkeypatch):
    refuse(monkeypatch, 'sched_setaffinity', OSError)
    report, *_ = apply(cpu=(0,))
    assert not report.granted
    assert 'core 0 was refused' in report.refused[0]


def test_half_of_the_cores_is_not_what_was_asked_for(monkeypatch):
    before = os.sched_getaffinity(0)
    asked = []
    monkeypatch.setattr(os, 'sysconf', lambda _: 10_000)
    monkeypatch.setattr(os, 'sched_setaffinity', lambda _, cores: asked.append(set(cores)))
    report, *_ = apply(cpu=(min(before), 9_999))
    assert not report.granted
    assert '9999' in report.refused[0]
    assert asked == [{min(before), 9_999}, before]


def test_memory_is_locked_or_reported():
    result = subprocess.run(
        [sys.executable, '-c', LOCK_AND_TELL], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() in (['1', '0', 'True'], ['0', '1', 'False'])


@pytest.mark.parametrize('priority', [-1, 100, 1000])
def test_a_priority_out_of_range_is_nonsense(priority):
    with pytest.raises(InvalidSchedulingError, match=str(priority)):
        SchedulingRequest(priority=priority)


@pytest.mark.parametrize('cpu', [(-1,), (0, 0)])
def test_cores_that_no_machine_has_are_nonsense(cpu):
    with pytest.raises(InvalidSchedulingError, match='cpu'):
        SchedulingRequest(cpu=cpu)


def test_a_core_this_machine_lacks_is_nonsense_and_nothing_is_applied(monkeypatch):
    refuse(monkeypatch, 'sched_setscheduler', AssertionError)
    with pytest.raises(InvalidSchedulingError, match='99999'):
        apply_to_this_thread(SchedulingRequest(priority=5, cpu=(99_999,)))


def test_nonsense_is_an_invalid_value_like_any_other():
    assert issubclass(InvalidSchedulingError, InvalidValueError)


def test_threads_started_inside_have_the_priority_and_the_caller_keeps_its_own():
    seen = []
    before = os.sched_getscheduler(0)

    def look():
        seen.append((os.sched_getscheduler(0), os.sched_getparam(0).sched_priority))

    with starting_threads_with(7):
        permitted = os.sched_getscheduler(0) == os.SCHED_FIFO
        thread = Thread(target=look)
        thread.start()
        thread.join()
    assert os.sched_getscheduler(0) == before
    assert seen == [(os.SCHED_FIFO, 7) if permitted else (before, 0)]
