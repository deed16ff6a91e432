"""The verifier puts it all together, and survives whatever a program does to its worker."""

from __future__ import annotations

from dataclasses import replace

import pytest
from table_scene import table_scene

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
    Stage,
)
from vls_core.rewards.verification.report import Check, Verdict
from vls_core.rewards.verification.verify import ProgramVerifier

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
    with ProgramVerifier() as verifier:
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
