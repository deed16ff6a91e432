"""Every term has a say, and all of them lead to one place."""

from __future__ import annotations

import pytest
from table_scene import table_scene

from vls_core.rewards.program import (
    AnchorContact,
    Avoid,
    Code,
    Elapsed,
    Grasp,
    Place,
    Reach,
    ReachPoint,
    Smooth,
    SoftChoice,
    Stage,
    Waypoint,
)
from vls_core.rewards.verification.purpose import places_apart, pointless_weights
from vls_core.rewards.verification.report import Check, Verdict

SCENE = table_scene()
CODE = Code(name='mine', source='def f(): pass', goal='red cube')


def stage(*terms):
    return Stage(name='go', terms=terms, completion=(Elapsed(),))


@pytest.mark.parametrize('terms', [
    (Reach(object='plate', weight=0),),
    (Reach(object='plate', weight=1e-6), Smooth(weight=100)),
    (Reach(object='plate', weight=0.01), Smooth(weight=100)),
    (Reach(object='plate'), Avoid(object='bottle', weight=1e-6)),
    (CODE.model_copy(update={'weight': 5e-324}),),
])
def test_a_term_without_a_say_is_found(terms):
    outcome, = pointless_weights(stage(*terms))
    assert outcome.check is Check.STATIC
    assert outcome.verdict is Verdict.FAILED


@pytest.mark.parametrize('weight', [0.002, 0.5, 1, 100])
def test_a_term_with_a_say_is_none_of_them(weight):
    assert not [*pointless_weights(stage(Reach(object='plate', weight=weight), Smooth()))]


@pytest.mark.parametrize('terms', [
    (Reach(object='plate'), Reach(object='red cube')),
    (Reach(object='plate'), Smooth(), Reach(object='red cube', weight=0.1)),
    (Grasp(object='red cube'), Place(object='plate', subject='red cube')),
    (Reach(object='plate'), CODE),
    (Reach(object='plate'), Reach(object='plate', height=0.4)),
])
def test_terms_that_lead_to_different_places_are_found(terms):
    outcome, = places_apart(stage(*terms), SCENE)
    assert outcome.verdict is Verdict.FAILED
    assert 'soft_choice' in outcome.text


@pytest.mark.parametrize('terms', [
    (Reach(object='plate'), ReachPoint(keypoint='plate.top', offset=(0.05, 0, 0.1))),
    (Reach(object='plate'), Waypoint(keypoint='red cube')),
    (Reach(object='plate'), AnchorContact(keypoint='red cube')),
    (SoftChoice(keypoints=('red cube', 'plate')), Smooth()),
    (SoftChoice(keypoints=('red cube', 'plate')), Reach(object='plate')),
    (Grasp(object='red cube'), CODE, Avoid(object='bottle')),
    (Smooth(),),
])
def test_ways_choices_and_one_place_are_none_of_them(terms):
    assert not [*places_apart(stage(*terms), SCENE)]
