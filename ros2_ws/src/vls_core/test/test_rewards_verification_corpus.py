"""Programs as a model would write them are accepted; subtly wrong ones are rejected for what is.

`programs/good` and `programs/wrong` hold programs (.json) and single terms in code (.py). The name
of a wrong one begins with the check that has to reject it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from vls_core.rewards.program_file import BareCode, read_program_file
from vls_core.rewards.scene_file import load_scene
from vls_core.rewards.verification.report import Check
from vls_core.rewards.verification.verify import ProgramVerifier

PROGRAMS = Path(__file__).parent / 'programs'
GOOD = sorted(PROGRAMS.glob('good/*'))
WRONG = sorted(PROGRAMS.glob('wrong/*'))
SCENE = load_scene(PROGRAMS / 'scene.json')
NEED_A_SCENE = (Check.NAMES, Check.REACHABLE, Check.STATIC)
"""What cannot be told, or not always, with things at made-up places."""


@pytest.fixture(scope='module')
def verifier():
    # A generous deadline: what is measured here is the verdict, not this machine.
    with ProgramVerifier(deadline=60.0, program_deadline=300.0) as verifier:
        yield verifier


def name(path):
    return path.name


def test_there_are_enough_of_both():
    assert len(GOOD) >= 40
    assert len(WRONG) >= 30
    assert len({path.name.split('-')[0] for path in WRONG}) >= 10


@pytest.mark.parametrize('path', GOOD, ids=name)
def test_good_programs_are_accepted(path, verifier):
    report = verifier.submission(read_program_file(path), SCENE)
    assert report.accepted, report.reason


@pytest.mark.parametrize('path', GOOD, ids=name)
def test_good_programs_are_accepted_without_a_scene(path, verifier):
    report = verifier.submission(read_program_file(path), None)
    assert report.accepted, report.reason


@pytest.mark.parametrize('path', WRONG, ids=name)
def test_wrong_programs_are_rejected_for_the_right_reason(path, verifier):
    report = verifier.submission(read_program_file(path), SCENE)
    expected = Check[path.name.split('-')[0].upper()]
    assert expected in {item.check for item in report.failures}, report.lines


@pytest.mark.parametrize('path', WRONG, ids=name)
def test_wrong_programs_are_rejected_without_a_scene(path, verifier):
    expected = Check[path.name.split('-')[0].upper()]
    submitted = read_program_file(path)
    if expected in NEED_A_SCENE and not (
        expected is Check.REACHABLE and isinstance(submitted, BareCode)
    ):
        pytest.skip('needs a scene to be told')
    report = verifier.submission(submitted, None)
    assert expected in {item.check for item in report.failures}, report.lines
