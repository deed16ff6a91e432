"""One program is in force at a time, and only a newer task replaces or ends an older one's."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_scene import table_scene

from vls_core.rewards.program import scene_hash
from vls_core.rewards.verification.report import (
    Check,
    Finding,
    Verdict,
    VerificationReport,
)
from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.layout import pick_and_place
from vls_vlm_node.outbox import ProgramOutbox, Publication

PROGRAM = pick_and_place('red cube', 'plate', (), False)
REPORT = VerificationReport(PROGRAM.content_hash, scene_hash(table_scene()), (
    Finding(Check.STATIC, Verdict.PASSED, 'red cube', 'all rules hold'),
))
AUTHORED = AuthoredProgram(PROGRAM, 'offline rules', report=REPORT, steps=('asked', 'verified'))


def publication(name, authored=AUTHORED, steer=True):
    return Publication(name, 'sentence', authored, table_scene(), steer)


@pytest.fixture
def sent():
    return []


@pytest.fixture
def outbox(sent):
    return ProgramOutbox(sent.append)


def ids(sent):
    """What was in force, one after the other."""
    return [message.program_id if message.stages else '' for message in sent]


def test_a_task_withdraws_its_own_program(outbox, sent):
    task = outbox.enter()
    assert outbox.publish(task, publication('a'))
    outbox.withdraw(task)
    assert ids(sent) == ['a', '']


def test_a_program_stays_in_force_until_a_newer_task_publishes_its_own(outbox, sent):
    older = outbox.enter()
    outbox.publish(older, publication('a'))
    newer = outbox.enter()
    assert outbox.occupied(newer)
    assert not outbox.occupied(older)
    outbox.publish(newer, publication('b'))
    assert ids(sent) == ['a', 'b']
    assert not outbox.occupied(newer)


def test_a_newer_task_that_ends_without_a_program_withdraws_the_older_one(outbox, sent):
    older = outbox.enter()
    outbox.publish(older, publication('a'))
    newer = outbox.enter()
    outbox.withdraw(newer)
    assert ids(sent) == ['a', '']


def test_an_older_task_never_ends_or_replaces_what_a_newer_one_decided(outbox, sent):
    older, newer = outbox.enter(), outbox.enter()
    outbox.publish(newer, publication('b'))
    outbox.withdraw(older)
    assert not outbox.publish(older, publication('a'))
    assert ids(sent) == ['b']
    outbox.withdraw(newer)
    assert not outbox.publish(older, publication('a'))
    assert ids(sent) == ['b', '']


def test_a_task_publishes_nothing_any_more_once_a_newer_one_was_accepted(outbox, sent):
    older, newer = outbox.enter(), outbox.enter()
    assert not outbox.publish(older, publication('a'))
    assert sent == []
    assert outbox.publish(newer, publication('b'))
    assert ids(sent) == ['b']


def test_a_task_may_replace_its_own_program(outbox, sent):
    task = outbox.enter()
    outbox.publish(task, publication('a-unsteered', steer=False))
    assert outbox.publish(task, publication('a'))
    assert [message.steer for message in sent] == [False, True]


def test_a_task_that_never_published_still_makes_sure_nothing_is_in_force(outbox, sent):
    outbox.withdraw(outbox.enter())
    assert ids(sent) == ['']


def test_stopping_the_node_ends_every_task_accepted_until_then(outbox, sent):
    task = outbox.enter()
    outbox.publish(task, publication('a'))
    outbox.withdraw_all()
    assert not outbox.publish(task, publication('b'))
    outbox.withdraw(task)
    assert ids(sent) == ['a', '']
    assert outbox.publish(outbox.enter(), publication('c'))


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from('epw')), max_size=20))
def test_what_is_in_force_never_goes_back_to_an_older_task(events):
    sent = []
    outbox = ProgramOutbox(sent.append)
    last = outbox.enter()
    for number, event in events:
        if event == 'e':
            last = outbox.enter()
        elif event == 'p':
            outbox.publish(min(number, last), publication(str(min(number, last))))
        else:
            outbox.withdraw(min(number, last))
    numbers = [int(name) for name in ids(sent) if name]
    assert numbers == sorted(numbers)


def test_the_message_has_the_story_and_the_report(outbox, sent):
    outbox.publish(outbox.enter(), publication('a'))
    message = sent[0]
    assert message.authoring == ['asked', 'verified']
    assert message.verification == ['passed: static rules: red cube: all rules hold']
    assert message.verification_hash == REPORT.content_hash
    assert message.verified


def test_without_an_accepting_report_nothing_counts_as_verified(outbox, sent):
    refused = replace(REPORT, findings=(
        Finding(Check.GOAL, Verdict.FAILED, 'red cube', 'falls towards the goal'),
    ))
    outbox.publish(outbox.enter(), publication('a', replace(AUTHORED, report=None)))
    outbox.publish(outbox.enter(), publication('b', replace(AUTHORED, report=refused)))
    assert [message.verified for message in sent] == [False, False]


def test_a_program_that_must_not_steer_is_published_unsteered(outbox, sent):
    outbox.publish(outbox.enter(), publication('a', replace(AUTHORED, steerable=False)))
    assert not sent[0].steer
