"""What the offline author writes passes the numeric verification, for every family of verbs."""

import pytest
from bench_scene import bench_scene
from offline_gist import write

from vls_core.rewards.verification.verify import ProgramVerifier

SCENE = bench_scene()


@pytest.fixture(scope='module')
def verify():
    with ProgramVerifier(deadline=60.0, program_deadline=300.0) as verifier:
        yield verifier


@pytest.mark.parametrize('sentence', [
    'hold the red cube 10 cm above the plate',
    'slowly put the cup behind the plate without spilling, keep 5 cm away from the bottle',
    'insert the peg into the socket',
    'push the green cube left by 10 cm',
    'pull the yellow cube towards you by 5 cm',
    'open the drawer',
    'close the drawer by 6 cm',
    'pour the cup into the bowl',
    'press the blue cube',
])
def test_a_program_of_each_family_is_accepted(verify, sentence):
    report = verify(write(sentence, SCENE).program, SCENE)
    assert report.accepted, report.reason
