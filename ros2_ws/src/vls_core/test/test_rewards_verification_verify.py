"""The verifier puts it all together, and survives whatever a program does to its worker."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from table_scene import table_scene

from vls_core.rewards.code.checking import LOADED
from vls_core.rewards.code.evaluator import InProcessEvaluator
from vls_core.rewards.code.worker import (
    Worker,
    WorkerDiedError,
    WorkerFailedError,
    WorkerTimeoutError,
)
from vls_core.rewards.program import (
    AvoidObstacles,
    Code,
    Elapsed,
    Reach,
    ReachPoint,
    RewardProgram,
    Smooth,
    SoftChoice,
    Stage,
)
from vls_core.rewards.verification import examiner, verify
from vls_core.rewards.verification.code_report import CodeTermReport
from vls_core.rewards.verification.report import Check, Finding, Verdict
from vls_core.rewards.verification.verify import DEADLINE, ProgramVerifier
from vls_core.trajectory import Trajectory

SCENE = table_scene()
SOURCE = '''
def to_the_plate(keypoints, trajectory):
    """goal: plate"""
    return -torch.norm(trajectory[:, 1:] - keypoints["plate"], dim=-1).mean(dim=1)
'''
CODE = Code(name='to the plate', source=SOURCE, goal='plate')


def program(*terms, name='go'):
    return RewardProgram(
        subject='plate', stages=(Stage(name=name, terms=terms, completion=(Elapsed(),)),)
    )


VETTED = program(Reach(object='plate', height=0.1), AvoidObstacles(), Smooth())


class BrokenWorker:
    """A worker that fails in one way."""

    def __init__(self, error):
        self._error = error
        self.closed = False

    def start(self):
        pass

    def close(self):
        self.closed = True

    @property
    def process_id(self):
        return 1

    def call(self, *_, **__):
        raise self._error


@pytest.fixture(scope='module')
def verifier():
    with ProgramVerifier(deadline=60.0, program_deadline=300.0) as verifier:
        yield verifier


def failed(report):
    return {item.check for item in report.failures}


def test_vetted_terms_need_no_worker():
    def none():
        raise AssertionError('no worker is needed')

    report = ProgramVerifier(worker_factory=none)(VETTED, SCENE)
    assert report.accepted
    assert 'go / reach plate' in report.scales


def test_a_program_with_code_is_accepted_with_all_its_checks(verifier):
    report = verifier(program(CODE, Smooth()), SCENE)
    assert report.accepted, report.reason
    subjects = {item.subject for item in report.findings}
    assert subjects == {'program', 'go', 'go / to the plate'}
    assert 0.5 < report.scales['go / to the plate'] < 1.1


def test_the_same_program_in_the_same_scene_has_the_same_report(verifier):
    first, again = (verifier(program(CODE), SCENE) for _ in range(2))
    assert first == again
    assert first.content_hash == again.content_hash
    assert first.program_hash == program(CODE).content_hash


@pytest.mark.parametrize(('wrong', 'check'), [
    (program(Reach(object='cup')), Check.NAMES),
    (program(Reach(object='plate', height=0.6), ReachPoint(keypoint='plate', offset=(1, 0, 0))),
     Check.REACHABLE),
    (program(Reach(object='plate', weight=0)), Check.GRADIENT),
    (program(Reach(object='plate', weight=1e-6), Smooth(weight=100)), Check.STATIC),
    (program(Reach(object='plate'), Reach(object='red cube')), Check.STATIC),
    (program(CODE.model_copy(update={'goal': None})), Check.GOAL),
    (program(CODE.model_copy(update={'goal': 'tray'})), Check.GOAL),
    (program(CODE.model_copy(update={'source': SOURCE.replace('-torch', 'torch')})), Check.RANGE),
    (program(CODE.model_copy(update={'source': 'import os'})), Check.SYNTAX),
])
def test_the_reason_is_told(verifier, wrong, check):
    report = verifier(wrong, SCENE)
    assert not report.accepted
    assert check in failed(report)


def test_unknown_names_hide_everything_else(verifier):
    report = verifier(program(Reach(object='cup'), Smooth(weight=0)), SCENE)
    assert {item.check for item in report.findings} == {Check.NAMES}


@pytest.mark.parametrize('error', [
    WorkerTimeoutError('slow'), WorkerDiedError('dead'), WorkerFailedError('memory'),
])
def test_what_happens_to_the_worker_is_a_finding(error):
    worker = BrokenWorker(error)
    with ProgramVerifier(worker_factory=lambda: worker) as verifier:
        report = verifier(program(CODE), SCENE)
    assert failed(report) == {Check.BUDGET}
    assert worker.closed


def test_a_term_that_takes_too_long_is_given_up_and_the_next_one_is_not():
    with ProgramVerifier(deadline=1e-4) as hasty:
        first = hasty.worker.process_id
        assert failed(hasty.code(SOURCE, SCENE)) == {Check.BUDGET}
        assert hasty.worker.process_id != first
        patient = ProgramVerifier(worker_factory=lambda: hasty.worker)
        assert patient.code(SOURCE, SCENE).accepted


class CountingWorker(BrokenWorker):
    """A worker that fails, and counts how often it was asked and how long it was given."""

    def __init__(self, error):
        super().__init__(error)
        self.deadlines = []

    def call(self, *_, deadline, **__):
        self.deadlines.append(deadline)
        raise self._error


def many(count, **changes):
    return tuple(
        CODE.model_copy(update={'name': f'c{index}', 'source': f'# {index}{SOURCE}', **changes})
        for index in range(count)
    )


def test_after_the_first_term_that_takes_too_much_no_other_is_tried():
    worker = CountingWorker(WorkerTimeoutError('slow'))
    stages = tuple(
        Stage(name=f's{index}', terms=many(12), completion=(Elapsed(),)) for index in range(12)
    )
    with ProgramVerifier(worker_factory=lambda: worker) as verifier:
        report = verifier(RewardProgram(subject='plate', stages=stages), SCENE)
    assert len(worker.deadlines) == 1
    assert failed(report) == {Check.BUDGET}
    assert report.findings[-1].verdict is Verdict.SKIPPED


def test_a_program_has_one_deadline_for_all_it_holds():
    time = 0.0

    def clock():
        nonlocal time
        time += 0.5
        return time

    stages = tuple(
        Stage(name=f's{index}', terms=(Reach(object='plate', height=0.01 * index),),
              completion=(Elapsed(),))
        for index in range(12)
    )
    verifier = ProgramVerifier(program_deadline=10.0, clock=clock)
    report = verifier(RewardProgram(subject='plate', stages=stages), SCENE)
    assert failed(report) == {Check.BUDGET}
    assert 'within 10 s' in report.reason
    assert not any(item.subject == 's11' for item in report.findings)
    assert ProgramVerifier(clock=lambda: 0.0)(VETTED, SCENE).accepted


def test_a_term_may_not_take_longer_than_what_is_left_of_its_program():
    worker = CountingWorker(WorkerTimeoutError('slow'))
    times = iter([0.0, *[9.5] * 100])
    with ProgramVerifier(worker_factory=lambda: worker, clock=lambda: next(times)) as verifier:
        verifier(program(CODE), SCENE)
    assert worker.deadlines == [0.5]


class ForgetfulWorker:
    """Remembers no term, and how long it was given."""

    def __init__(self):
        self.seconds = []

    def start(self):
        pass

    def call(self, *_, deadline, stretch):
        self.seconds.append(deadline * stretch)


def test_an_evaluation_gets_no_longer_than_the_last_check_of_a_term_even_if_told_anew():
    worker = ForgetfulWorker()
    evaluator = examiner.CodeExaminer(lambda: worker, DEADLINE).evaluator
    path = Trajectory(torch.ones(4, 3, 3), torch.ones(4, 3), 0.1)
    with pytest.raises(WorkerDiedError, match='replaced'):
        evaluator(CODE, SCENE, path)
    assert len(worker.seconds) == 3
    assert sum(worker.seconds) == pytest.approx(LOADED * DEADLINE)


def test_no_evaluation_of_a_stage_is_begun_after_the_deadline_of_its_program(monkeypatch):
    time, here = [0.0], InProcessEvaluator()

    def slow(*arguments):
        time[0] += 3.0
        return here(*arguments)

    monkeypatch.setattr(examiner.CodeExaminer, 'evaluator', property(lambda _: slow))
    with ProgramVerifier(deadline=60.0, clock=lambda: time[0]) as verifier:
        report = verifier(program(CODE), SCENE)
    assert 'within 10 s' in report.reason
    assert time == [12.0], 'the fourth begins within 10 s'


def chooses(stage):
    """A stage that speaks of 96 things."""
    terms = tuple(
        SoftChoice(keypoints=tuple(f'{stage} {term} {choice}' for choice in range(8)))
        for term in range(12)
    )
    return Stage(name=f's{stage}', terms=terms, completion=(Elapsed(),))


def reads(number):
    """Code that speaks of 60 things."""
    lines = ''.join(f'    a{name} = keypoints["{number} {name}"]\n' for name in range(60))
    return ('def f(keypoints, trajectory):\n' + lines
            + '    return -trajectory[:, 1:].abs().sum(2).mean(1)\n')


def test_more_names_than_there_is_room_for_are_refused_before_anything_is_tried():
    verifier = ProgramVerifier(worker_factory=lambda: BrokenWorker(AssertionError()))
    choices = RewardProgram(subject='plate', stages=tuple(map(chooses, range(3))))
    code = program(*(CODE.model_copy(update={'source': reads(number)}) for number in range(4)))
    for wrong in (choices, code, code.stages[0]):
        report = verifier.submission(wrong, None)
        assert failed(report) == {Check.NAMES}
        assert 'speaks of 2' in report.reason


def test_what_says_the_same_is_tried_once(monkeypatch):
    sources, stages = [], []

    def check(worker, source, places, declaration, *, subject, obstacles, deadline):
        sources.append(source)
        finding = Finding(Check.GOAL, Verdict.PASSED, subject, 'rises')
        return CodeTermReport((finding,), 1.0, declaration, {})

    def together(stage, *_, **__):
        stages.append(stage)
        return [], {}

    monkeypatch.setattr(examiner, 'check_in_worker', check)
    monkeypatch.setattr(verify, 'check_stage', together)
    same = tuple(
        Stage(name=f's{index}', terms=(CODE, CODE.model_copy(update={'name': 'again'})),
              completion=(Elapsed(duration=1.0 + index),))
        for index in range(3)
    )
    with ProgramVerifier(worker_factory=lambda: BrokenWorker(None)) as verifier:
        report = verifier(RewardProgram(subject='plate', stages=same), SCENE)
    assert report.accepted
    assert len(sources) == len(stages) == 1
    assert {item.subject for item in report.findings} >= {'s0 / to the plate', 's2 / again'}
    assert report.scales['s2 / again'] == 1.0


def test_a_worker_that_cannot_be_started_is_no_verdict():
    def broken():
        return Worker(handlers='no.such.module', start_timeout=10.0)

    with ProgramVerifier(worker_factory=broken) as verifier, pytest.raises(WorkerDiedError):
        verifier.code(SOURCE, SCENE)


def test_bare_code_is_verified_with_and_without_a_scene(verifier):
    known, unknown = verifier.code(SOURCE, SCENE), verifier.code(SOURCE, None)
    assert known.accepted
    assert unknown.accepted
    assert any(
        item.check is Check.REACHABLE and item.verdict is Verdict.PASSED for item in known.findings
    )
    assert 'made-up' in unknown.findings[0].text
    assert known.program_hash == unknown.program_hash


def test_a_goal_inside_an_obstacle_cannot_be_reached(verifier):
    plate, bottle = SCENE['plate'], SCENE['bottle']
    inside = replace(SCENE, objects=(
        *(item for item in SCENE.objects if item is not bottle),
        replace(bottle, center=plate.center, extent=bottle.extent * 2),
    ))
    assert Check.REACHABLE in failed(verifier.code(SOURCE, inside))


def test_single_stages_and_terms_are_verified_too(verifier):
    stage = VETTED.stages[0]
    assert verifier.submission(stage, SCENE).accepted
    assert verifier.submission(stage, None).accepted
    assert verifier.submission(CODE, SCENE).accepted
    assert verifier.submission(Smooth(), None).accepted
    assert failed(verifier.submission(Reach(object='cup'), SCENE)) == {Check.NAMES}
    assert failed(verifier.submission(Reach(object='bottle', height=0.6), SCENE)) == {
        Check.REACHABLE
    }
