"""Terms in code: never a wait, always a reason, and an end to what fails again and again."""

import threading
import time

import numpy as np
import pytest
import torch

from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.evaluator import SandboxedEvaluator
from vls_core.rewards.code.worker import Worker, WorkerDiedError, WorkerTimeoutError
from vls_core.rewards.program import Code, Grasp, Grasped, RewardProgram, Stage
from vls_core.rewards.stage_reward import CodeUnavailableError
from vls_core.trajectory import Trajectory
from vls_core.types import ObjectKind, Scene, SceneObject
from vls_policy_node import code_terms
from vls_policy_node.code_terms import FAILURES, CodeState, CodeTerms

CLOSER = """def closer(keypoints, trajectory):
    return -torch.norm(trajectory[:, -1] - keypoints['cube'], dim=-1)
"""
TERM = Code(name='closer', source=CLOSER, goal='cube')
SCENE = Scene(0.0, (SceneObject('cube', ObjectKind.GRASPABLE, np.zeros(3), np.full(3, 0.04)),))
TRAJECTORY = Trajectory(torch.ones(4, 17, 3), torch.ones(4, 17), 0.1)
LONGEST_WAIT = 60.0


def program(*terms):
    return RewardProgram(subject='cube', target='cube', stages=(
        Stage(name='go', terms=(Grasp(object='cube'), *terms), completion=(Grasped(),)),
    ))


class FakeWorker:
    """Is ready once `gate` is open, and as often as there are `errors` not even then."""

    def __init__(self):
        self.gate = threading.Event()
        self.ready = False
        self.starts = 0
        self.errors = []

    @property
    def process_id(self):
        self.starts += 1
        assert self.gate.wait(LONGEST_WAIT)
        if self.errors:
            raise self.errors.pop()
        self.ready = True
        return 1

    def close(self):
        self.ready = False


class FakeEvaluator:
    """Fails with `error`; the worker does not outlive that it hangs or dies."""

    def __init__(self, worker):
        self.worker, self.error, self.calls = worker, None, 0

    def __call__(self, term, scene, trajectory):
        self.calls += 1
        if self.error:
            self.worker.ready = not isinstance(self.error, WorkerTimeoutError | WorkerDiedError)
            raise self.error
        return trajectory.positions.sum((1, 2))


class Setup:
    def __init__(self):
        self.worker, self.told = FakeWorker(), []
        self.evaluator = FakeEvaluator(self.worker)
        self.terms = CodeTerms(self.worker, self.evaluator, self.told.append)

    def evaluate(self):
        return self.terms(TERM, SCENE, TRAJECTORY)

    def until(self, state):
        end = time.monotonic() + LONGEST_WAIT
        while self.terms.state is not state:
            assert time.monotonic() < end, self.terms.state
            time.sleep(0.001)

    def make_ready(self):
        self.terms.begin(program(TERM))
        self.worker.gate.set()
        self.until(CodeState.READY)
        return self

    def fail_a_chunk(self, error):
        self.evaluator.error = error
        self.terms.begin_chunk()
        with pytest.raises(CodeUnavailableError) as caught:
            self.evaluate()
        return str(caught.value)


@pytest.fixture
def setup(monkeypatch):
    monkeypatch.setattr(code_terms, 'PAUSE', 0.0)
    item = Setup()
    yield item
    item.worker.gate.set()


def test_a_worker_that_was_started_before_serves_the_first_chunk(setup):
    setup.terms.start()
    setup.worker.gate.set()
    setup.until(CodeState.READY)
    setup.terms.begin(program(TERM))
    setup.evaluate()
    assert setup.worker.starts == 1


def test_programs_without_code_replace_a_worker_that_ended_for_those_with_code(setup):
    setup.make_ready()
    setup.worker.ready = False
    setup.terms.begin(program())
    setup.until(CodeState.READY)
    assert setup.worker.starts == 2


def test_nothing_waits_for_a_worker_that_starts(setup):
    setup.terms.begin(program(TERM))
    assert setup.terms.state is CodeState.STARTING
    with pytest.raises(CodeUnavailableError, match='not ready'):
        setup.evaluate()
    setup.worker.gate.set()
    setup.until(CodeState.READY)
    assert setup.evaluate().shape == (4,)


def test_code_that_is_not_allowed_is_refused_and_starts_nothing(setup):
    bad = TERM.model_copy(update={'source': 'import os'})
    with pytest.raises(RewardCodeError):
        setup.terms.begin(program(bad))
    assert setup.worker.starts == 0


@pytest.mark.parametrize('error', [WorkerTimeoutError('slow'), WorkerDiedError('gone')])
def test_a_worker_that_hangs_or_dies_is_replaced_while_the_policy_goes_on(setup, error):
    setup.make_ready()
    setup.worker.gate.clear()
    assert str(error) in setup.fail_a_chunk(error)
    setup.evaluator.error = None
    with pytest.raises(CodeUnavailableError, match='not ready'):
        setup.evaluate()
    setup.worker.gate.set()
    setup.until(CodeState.READY)
    assert setup.worker.starts == 2
    setup.evaluate()
    assert any(str(error) in line for line in setup.told)


def test_a_worker_that_ended_between_two_chunks_is_replaced_without_a_wait(setup):
    setup.make_ready()
    setup.worker.ready = False
    with pytest.raises(CodeUnavailableError, match='not ready'):
        setup.evaluate()
    setup.until(CodeState.READY)


def test_code_that_fails_in_a_row_is_given_up_for_the_task_and_only_for_it(setup):
    setup.make_ready()
    for _ in range(FAILURES):
        setup.fail_a_chunk(RewardCodeError('not finite'))
    assert setup.terms.state is CodeState.GIVEN_UP
    assert 'given up' in setup.told[-1]
    calls = setup.evaluator.calls
    assert 'given up' in setup.fail_a_chunk(None)
    assert setup.evaluator.calls == calls
    setup.terms.begin(program(TERM))
    assert setup.terms.state is CodeState.READY
    assert setup.terms.trouble == ''
    setup.evaluate()


def test_a_chunk_that_works_in_between_starts_the_count_anew(setup):
    setup.make_ready()
    for _ in range(2 * FAILURES):
        setup.fail_a_chunk(RewardCodeError('not finite'))
        setup.evaluator.error = None
        setup.terms.begin_chunk()
        setup.evaluate()
    assert setup.terms.state is CodeState.READY


def test_calls_that_work_before_the_one_that_fails_make_no_success(setup):
    setup.make_ready()
    for _ in range(FAILURES):
        setup.terms.begin_chunk()
        setup.evaluator.error = None
        setup.evaluate()
        setup.evaluator.error = RewardCodeError('not finite')
        with pytest.raises(CodeUnavailableError):
            setup.evaluate()
    assert setup.terms.state is CodeState.GIVEN_UP


def test_a_worker_that_does_not_start_at_first_is_ready_without_being_asked_again(setup):
    setup.worker.errors = [WorkerDiedError('no memory')]
    setup.terms.start()
    setup.worker.gate.set()
    setup.until(CodeState.READY)
    assert setup.worker.starts == 2
    assert any('no memory' in line for line in setup.told)
    assert setup.terms.trouble == '', 'it passed'


def test_starts_that_failed_and_chunks_that_fail_are_not_counted_together(setup):
    setup.worker.errors = [WorkerDiedError('no memory')] * (FAILURES - 1)
    setup.make_ready()
    for _ in range(FAILURES - 1):
        setup.fail_a_chunk(RewardCodeError('not finite'))
    assert setup.terms.state is CodeState.READY
    setup.fail_a_chunk(RewardCodeError('not finite'))
    assert setup.terms.state is CodeState.GIVEN_UP


def test_between_two_starts_there_is_a_pause_which_closing_ends(setup, monkeypatch):
    monkeypatch.setattr(code_terms, 'PAUSE', 1000.0)
    setup.worker.errors = [WorkerDiedError('no memory')] * FAILURES
    setup.worker.gate.set()
    setup.terms.start()
    end = time.monotonic() + LONGEST_WAIT
    while not setup.told:
        assert time.monotonic() < end
    assert 'no memory' in setup.terms.trouble
    assert setup.terms.state is CodeState.STARTING
    setup.terms.close()
    setup.terms._starting.join(LONGEST_WAIT)
    assert not setup.terms._starting.is_alive()
    assert setup.worker.starts == 1


def test_what_is_closed_is_not_started_again(setup):
    setup.terms.close()
    setup.terms.start()
    assert setup.terms._starting is None


@pytest.mark.parametrize('error', [WorkerDiedError('no memory'), OSError('no memory')])
def test_a_worker_that_never_starts_is_given_up_too(setup, error):
    setup.worker.errors = [error] * FAILURES
    setup.terms.start()
    setup.worker.gate.set()
    setup.until(CodeState.GIVEN_UP)
    assert setup.worker.starts == FAILURES
    assert all('no memory' in line for line in setup.told[:FAILURES])
    assert 'given up' in setup.told[-1]


def test_a_worker_that_never_started_is_tried_again_for_the_next_task(setup):
    setup.worker.errors = [WorkerDiedError('no memory')] * FAILURES
    setup.terms.start()
    setup.worker.gate.set()
    setup.until(CodeState.GIVEN_UP)
    setup.terms.start()
    assert setup.worker.starts == FAILURES, 'not for this one'
    setup.terms._starting.join(LONGEST_WAIT)
    setup.terms.begin(program(TERM))
    setup.until(CodeState.READY)
    setup.evaluate()


def test_a_worker_that_is_closed_while_it_starts_is_no_failure(setup):
    setup.worker.errors = [WorkerDiedError('closed')]
    setup.terms.start()
    setup.terms.close()
    setup.worker.gate.set()
    setup.terms._starting.join(LONGEST_WAIT)
    assert not setup.told


def test_with_a_real_worker_values_and_gradients_come_and_a_killed_one_is_replaced():
    worker, told = Worker(), []
    item = Setup()
    item.terms = terms = CodeTerms(worker, SandboxedEvaluator(worker, 5.0), told.append)
    try:
        terms.begin(program(TERM))
        item.until(CodeState.READY)
        positions = torch.ones(4, 17, 3, requires_grad=True)
        value = terms(TERM, SCENE, Trajectory(positions, TRAJECTORY.gripper, 0.1))
        value.sum().backward()
        torch.testing.assert_close(value.detach(), torch.full((4,), -(3.0**0.5)))
        assert positions.grad[:, -1].abs().min() > 0
        first = worker.process_id
        worker._ready._process.kill()
        worker._ready._process.wait()
        with pytest.raises(CodeUnavailableError, match='not ready'):
            terms(TERM, SCENE, TRAJECTORY)
        item.until(CodeState.READY)
        assert worker.process_id != first
        terms(TERM, SCENE, TRAJECTORY)
    finally:
        terms.close()
