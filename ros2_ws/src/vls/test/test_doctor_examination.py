"""All checks answer, whatever one of them does."""

import threading

import pytest
from recorded_machine import NO_ROBOT, recorded

from vls.doctor.checks import CHECKS, Check
from vls.doctor.examination import examine
from vls.doctor.finding import Finding, MissingAdviceError, Verdict, ready
from vls.doctor.machine import this_machine


def well(name, alone=False):
    return Check(name, lambda machine, subject: Finding(name, Verdict.OK, 'seen'), alone)


def names(findings):
    return [finding.check for finding in findings]


def test_findings_come_in_the_order_of_the_checks():
    checks = [well('a'), well('b', alone=True), well('c'), well('d', alone=True)]
    assert names(examine(checks, recorded(), NO_ROBOT)) == ['a', 'b', 'c', 'd']


def test_one_check_that_breaks_is_a_warning_and_the_others_go_on():
    def broken(machine, subject):
        raise ZeroDivisionError('a bug')

    findings = examine([well('a'), Check('b', broken), well('c')], recorded(), NO_ROBOT)
    assert [finding.verdict for finding in findings] == [
        Verdict.OK, Verdict.WARNING, Verdict.OK
    ]
    assert 'ZeroDivisionError: a bug (test_doctor_examination.py:' in findings[1].seen


def test_one_check_that_hangs_is_a_warning_and_the_others_go_on():
    never = threading.Event()

    def hanging(machine, subject):
        never.wait()

    checks = [well('a'), Check('b', hanging), well('c')]
    findings = examine(checks, recorded(), NO_ROBOT, bound=5.0)
    never.set()
    assert [finding.verdict for finding in findings] == [
        Verdict.OK, Verdict.WARNING, Verdict.OK
    ]
    assert 'no answer' in findings[1].seen


def test_a_check_that_measures_times_has_the_machine_to_itself():
    lock, busy, seen = threading.Lock(), [], []

    def judge(name):
        def look(machine, subject):
            with lock:
                busy.append(name)
                seen.append((name, tuple(busy)))
            with lock:
                busy.remove(name)
            return Finding(name, Verdict.OK, 'seen')

        return look

    checks = [Check(name, judge(name), name == 'alone') for name in ('a', 'b', 'alone', 'c')]
    examine(checks, recorded(), NO_ROBOT)
    assert seen[0] == ('alone', ('alone',))
    assert len(seen) == 4


def test_progress_tells_who_is_waited_for():
    told = []
    examine([well('a'), well('b')], recorded(), NO_ROBOT, lambda names: told.append(list(names)))
    assert told[0] == ['a', 'b']
    assert told[-1] == []
    assert [len(names) for names in told] == [2, 1, 0]


def test_what_is_wrong_says_what_to_do():
    for verdict in (Verdict.WARNING, Verdict.PROBLEM):
        with pytest.raises(MissingAdviceError):
            Finding('a', verdict, 'bad')


@pytest.mark.parametrize(('verdicts', 'expected'), [
    ((), True), ((Verdict.OK, Verdict.WARNING, Verdict.SKIPPED), True),
    ((Verdict.OK, Verdict.PROBLEM), False),
])
def test_only_a_problem_is_in_the_way(verdicts, expected):
    findings = [Finding('a', verdict, 'seen', 'do') for verdict in verdicts]
    assert ready(findings) is expected


def test_every_check_finds_something_on_this_machine_and_none_breaks():
    findings = examine(CHECKS, this_machine(), NO_ROBOT)
    assert names(findings) == [check.name for check in CHECKS]
    assert not [finding for finding in findings if 'failed:' in finding.seen]


def test_no_check_needs_more_than_an_empty_machine():
    silent = {name: {'missing': name} for name in ('camera', 'graphics')}
    silent |= {'realtime': {'refused': 'no'}, 'clock': {'synchronised': False, 'resolution': 1.0}}
    findings = examine(CHECKS, recorded(probes=silent, free=None), NO_ROBOT)
    assert not [finding for finding in findings if 'failed:' in finding.seen]
