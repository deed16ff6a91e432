"""While somebody writes: the node answers, and the program in force stays until another one is."""

import threading

import pytest
from scripted_peers import LONGEST_WAIT, wait_for
from table_scene import table_scene, thing
from vls_interfaces.action import RunTask
from vls_interfaces.msg import SteeringStatus

from vls_core.rewards.program import scene_hash
from vls_core.rewards.verification.report import (
    Check,
    Finding,
    Verdict,
    VerificationReport,
)
from vls_core.vlm.author import AuthoredProgram, MalformedAnswerError
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.steps import ignore_step

CODE = RunTask.Goal
FIRST, SECOND = 'put the red cube on the plate', 'put the blue cube in the tray'
WRITTEN = AuthoredProgram(pick_and_place('blue cube', 'tray', ('bottle',), True), 'the model')


class GatedAuthor:
    """Asks, waits until it may go on, says what it did, and answers."""

    identity = 'gated'

    def __init__(self, answer=WRITTEN, steps=('asked the model', 'rejected: no; asked again')):
        self.answer, self.steps = answer, steps
        self.asked, self.gate = threading.Event(), threading.Event()
        self.told = 0

    def write(self, request, on_step=ignore_step):
        self.asked.set()
        assert self.gate.wait(LONGEST_WAIT)
        for step in self.steps:
            on_step(step)
            self.told += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def wait_until_asked(self):
        assert self.asked.wait(LONGEST_WAIT)


@pytest.fixture
def author():
    item = GatedAuthor()
    yield item
    item.gate.set()


@pytest.fixture
def busy(stack, author):
    """A task at work, and a newer one that is being written; returns the stack and both."""
    stack.peers.policy_state = SteeringStatus.RUNNING
    older = stack.peers.run(FIRST, steer=True)
    wait_for(lambda: in_force(stack) == 'red cube', 'the older program')
    stack.employ(author)
    newer = stack.peers.run(SECOND, steer=True)
    author.wait_until_asked()
    return stack, older, newer


def in_force(stack):
    """Subject of the program in force; empty for none."""
    return stack.peers.programs[-1].subject if stack.peers.programs else ''


def diagnosis(stack, key):
    """A value of the node's last report on /diagnostics."""
    report = stack.peers.diagnostics
    return next((item.value for item in report.values if item.key == key), '') if report else ''


def test_the_older_program_stays_in_force_until_the_newer_one_is_written(busy, author):
    stack, older, newer = busy
    assert older.result().error_code == CODE.PREEMPTED
    assert in_force(stack) == 'red cube'
    author.gate.set()
    wait_for(lambda: in_force(stack) == 'blue cube', 'the newer program')
    assert all(program.stages for program in stack.peers.programs), 'the arm never had to stop'
    stack.peers.policy_state = SteeringStatus.SUCCEEDED
    assert newer.result().error_code == CODE.NONE


def test_a_newer_task_that_is_not_written_ends_the_older_program(busy, author):
    stack, older, newer = busy
    author.answer = MalformedAnswerError('nonsense')
    author.gate.set()
    assert newer.result().error_code == CODE.AUTHOR_FAILED
    wait_for(lambda: in_force(stack) == '', 'the empty program')
    assert older.result().error_code == CODE.PREEMPTED


def test_cancelling_the_newer_task_ends_the_older_program_too(busy, author):
    stack, older, newer = busy
    newer.cancel()
    assert newer.result().error_code == CODE.CANCELLED
    wait_for(lambda: in_force(stack) == '', 'the empty program')


def test_a_third_task_inherits_the_program_in_force(busy, author):
    stack, older, second = busy
    another = GatedAuthor()
    stack.employ(another)
    third = stack.peers.run(SECOND, steer=True)
    another.wait_until_asked()
    assert second.result().error_code == CODE.PREEMPTED
    assert in_force(stack) == 'red cube'
    third.cancel()
    assert third.result().error_code == CODE.CANCELLED
    wait_for(lambda: in_force(stack) == '', 'the empty program')
    another.gate.set()


def test_a_task_that_nobody_waits_for_asks_no_further_question(stack, author):
    stack.employ(author)
    task = stack.peers.run(FIRST, steer=True)
    author.wait_until_asked()
    task.cancel()
    task.result()
    authoring = stack.vlm._newest._authoring
    author.gate.set()
    wait_for(lambda: authoring.result is not None, 'the end of the thread')
    assert author.told == 0
    assert in_force(stack) == ''


def test_every_step_of_the_author_is_fed_back_in_its_order(stack, author):
    stack.employ(author)
    task = stack.peers.run(SECOND, steer=True)
    author.wait_until_asked()
    author.gate.set()
    assert task.result().error_code == CODE.NONE
    wait_for(lambda: task.phases[-1] == 'acting', 'the last feedback')
    details = [item.detail for item in task.feedback if item.phase == 'authoring']
    positions = [details.index(step) for step in author.steps]
    assert positions == sorted(positions)
    assert any(text.startswith('verified') for text in details)
    published = next(item for item in stack.peers.programs if item.stages)
    assert tuple(published.authoring)[:2] == author.steps
    wait_for(lambda: author.steps[1] in diagnosis(stack, 'authoring'), 'the steps')


def test_a_program_that_verification_refuses_is_never_published(stack, author):
    refusal = Finding(Check.GOAL, Verdict.FAILED, 'grasp', 'it falls towards the goal')
    program = WRITTEN.program
    author.answer = AuthoredProgram(program, 'the model', report=VerificationReport(
        program.content_hash, 'scene', (refusal,)
    ))
    author.gate.set()
    stack.employ(author)
    task = stack.peers.run(SECOND, steer=True)
    result = task.result()
    assert result.error_code == CODE.AUTHOR_FAILED
    assert refusal.text in result.message
    wait_for(lambda: refusal.text in diagnosis(stack, 'authoring'), 'the reason')
    assert not any(item.stages for item in stack.peers.programs)


def test_a_program_is_published_for_what_is_in_view_when_it_is_written(stack, author):
    stack.employ(author)
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SECOND, steer=True)
    author.wait_until_asked()
    stack.peers.scene = table_scene(thing('mug'))
    now = scene_hash(stack.peers.scene)
    wait_for(lambda: scene_hash(stack.vlm._means.inbox.world().scene) == now, 'the mug')
    author.gate.set()
    wait_for(lambda: in_force(stack) == 'blue cube', 'the program')
    published = stack.peers.programs[-1]
    assert published.scene_hash == now
    assert published.verified
    assert tuple(published.authoring)[:2] == author.steps
    assert any('came into view' in step for step in published.authoring)
    task.cancel()


def test_a_report_about_another_program_counts_for_nothing(stack, author):
    finding = Finding(Check.GOAL, Verdict.PASSED, 'grasp', 'it rises')
    forged = VerificationReport('another program', 'scene', (finding,))
    author.answer = AuthoredProgram(WRITTEN.program, 'the model', report=forged)
    author.gate.set()
    stack.employ(author)
    stack.peers.run(SECOND, steer=True).result()
    published = next(item for item in stack.peers.programs if item.stages)
    assert published.verification_hash != forged.content_hash
    assert published.verified


def test_the_base_policy_may_begin_alone_and_is_then_steered(stack, author):
    stack.employ(author, meanwhile=OfflineAuthor())
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SECOND, steer=True)
    wait_for(lambda: in_force(stack), 'the program to begin with')
    first = stack.peers.programs[-1]
    assert not first.steer
    assert first.source == 'offline rules'
    author.gate.set()
    wait_for(lambda: stack.peers.programs[-1].source == 'the model', 'the program of the model')
    last = stack.peers.programs[-1]
    assert last.steer
    assert last.program_id != first.program_id
    stack.peers.policy_state = SteeringStatus.SUCCEEDED
    assert task.result().program_id == last.program_id


def test_what_began_alone_is_withdrawn_when_the_author_fails(stack, author):
    author.answer = MalformedAnswerError('nonsense')
    stack.employ(author, meanwhile=OfflineAuthor())
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SECOND, steer=True)
    wait_for(lambda: in_force(stack), 'the program to begin with')
    author.gate.set()
    assert task.result().error_code == CODE.AUTHOR_FAILED
    wait_for(lambda: in_force(stack) == '', 'the empty program')


def test_the_present_program_is_preferred_to_beginning_alone(busy, author):
    stack, older, second = busy
    another = GatedAuthor()
    stack.employ(another, meanwhile=OfflineAuthor())
    third = stack.peers.run(SECOND, steer=True)
    another.wait_until_asked()
    meanwhile = lambda: stack.vlm._newest._meanwhile  # noqa: E731
    wait_for(lambda: meanwhile() and meanwhile().result is not None, 'the offline rules')
    another.gate.set()
    stack.peers.policy_state = SteeringStatus.SUCCEEDED
    assert third.result().error_code == CODE.NONE
    assert all(program.steer or not program.stages for program in stack.peers.programs)
