"""Stages are looked at now and then, one question at a time, and nothing comes of it by itself."""

import threading

import pytest
from scripted_peers import LONGEST_WAIT, wait_for

from vls_core.vlm.author import EndpointError
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.stage_check import StageProposal, StageState
from vls_core.vlm.usage import Usage
from vls_vlm_node.stage_watch import StageWatch

PROGRAM = pick_and_place('red cube', 'plate', (), inside=False)
PERIOD = 10.0


class GatedChecker:
    """Answers when the gate is open."""

    def __init__(self):
        self.state, self.error = StageState.DONE, None
        self.questions, self.gate = [], threading.Event()

    def check(self, question):
        self.questions.append(question)
        assert self.gate.wait(LONGEST_WAIT)
        if self.error:
            raise self.error
        return StageProposal(self.state, question.index, 'it is up', 'a model', Usage(1))


class Setup:
    def __init__(self):
        self.now, self.proposed, self.warned = 100.0, [], []
        self.checker = GatedChecker()
        self.watch = StageWatch(
            self.checker, PERIOD, lambda name, item: self.proposed.append((name, item)),
            self.warned.append, lambda: self.now,
        )

    def look(self, stage=0, after=0.0, picture=b'png', program_id='p'):
        self.now += after
        self.watch.look(program_id, PROGRAM, 'sentence', stage, lambda: picture)
        return len(self.checker.questions)

    def finish(self):
        self.checker.gate.set()
        wait_for(lambda: not self.watch._cool_down._asking, 'the end of the check')
        self.checker.gate.clear()


@pytest.fixture
def setup():
    item = Setup()
    yield item
    item.checker.gate.set()


def test_a_stage_is_left_alone_at_first_and_then_looked_at(setup):
    assert setup.look() == 0
    assert setup.look(after=PERIOD - 0.1) == 0
    setup.look(after=0.2)
    wait_for(lambda: setup.checker.questions, 'the question')
    question = setup.checker.questions[0]
    assert question.instruction == 'sentence'
    assert question.stage == PROGRAM.stages[0]
    assert (question.index, question.count, question.picture) == (0, 5, b'png')


def test_one_question_at_a_time_and_a_pause_after_its_answer(setup):
    setup.look()
    setup.look(after=PERIOD)
    wait_for(lambda: setup.checker.questions, 'the question')
    assert setup.look(after=5 * PERIOD) == 1
    setup.finish()
    assert setup.look(after=PERIOD - 0.1) == 1
    setup.look(after=0.2)
    wait_for(lambda: len(setup.checker.questions) == 2, 'the second question')


def test_a_new_stage_and_a_new_program_have_their_own_pause(setup):
    setup.look()
    setup.look(after=PERIOD - 0.1)
    assert setup.look(stage=1, after=0.2) == 0
    assert setup.look(stage=1, program_id='q', after=PERIOD) == 0


@pytest.mark.parametrize(('state', 'count'), [
    (StageState.DONE, 1), (StageState.STUCK, 1), (StageState.GOING_ON, 0),
])
def test_only_what_could_be_acted_upon_is_proposed(setup, state, count):
    setup.checker.state = state
    setup.look()
    setup.look(after=PERIOD)
    setup.finish()
    assert len(setup.proposed) == count
    assert all(name == 'p' for name, _ in setup.proposed)
    assert state in setup.watch.last


def test_without_a_picture_nobody_is_asked(setup):
    setup.look()
    assert setup.look(after=PERIOD, picture=None) == 0
    assert setup.look(after=0.1) == 0, 'the pause begins anew'
    setup.look(after=PERIOD)
    wait_for(lambda: setup.checker.questions, 'the question, once there is a picture')


def test_a_check_that_breaks_down_is_a_warning_without_the_words_of_the_error(setup):
    setup.checker.error = ValueError('Bearer secret')
    setup.look()
    setup.look(after=PERIOD)
    setup.finish()
    assert 'ValueError' in setup.warned[0]
    assert 'secret' not in setup.warned[0] + setup.watch.last


def test_an_endpoint_that_fails_is_a_warning_and_asked_again_later(setup):
    setup.checker.error = EndpointError('http://x', 'is down', 'start it')
    setup.look()
    setup.look(after=PERIOD)
    setup.finish()
    assert setup.proposed == []
    assert 'is down' in setup.warned[0]
    assert 'is down' in setup.watch.last
    setup.checker.error = None
    setup.look(after=PERIOD)
    setup.finish()
    assert len(setup.proposed) == 1
