"""Where terms lead is where they are satisfied, and stages know what to stay clear of."""

import numpy as np
import pytest
from term_examples import CUBE, EXAMPLES, HANDLE, SCENE, evaluate, stand

from vls_core.rewards.goals import goal_names, goals, stays_clear_of
from vls_core.rewards.program import (
    Avoid,
    AvoidObstacles,
    Code,
    Displace,
    Place,
    Reach,
    Released,
    Stage,
)
from vls_core.types import UnknownObjectError

SOURCE = 'def f(keypoints, trajectory): ...'
LEADING = [item.term for item in EXAMPLES if goal_names(item.term)]


def clear_of(*terms):
    return stays_clear_of(Stage(name='s', terms=terms, completion=(Released(),)), SCENE)


@pytest.mark.parametrize('term', LEADING, ids=lambda term: term.kind)
def test_at_every_goal_its_term_is_satisfied_and_beside_it_not(term):
    gripper = 0.0 if term.kind == 'grasp' else 1.0
    for goal in goals(term, SCENE):
        assert evaluate(term, stand(goal.position, gripper)).item() > -1e-4
        assert evaluate(term, stand(goal.position + [0, 0, 0.1], gripper)).item() < -0.01


def test_the_terms_that_lead_somewhere_are_these():
    assert {term.kind for term in LEADING} == {
        'reach', 'reach_point', 'waypoint', 'soft_choice', 'grasp', 'place', 'anchor_contact',
    }
    assert goals(Displace(direction=(1, 0, 0)), SCENE) == ()


def test_code_leads_to_the_goal_it_declares():
    code = Code(name='c', source=SOURCE, goal='drawer.handle', goal_offset=(0, 0, 0.1))
    (goal,) = goals(code, SCENE)
    assert goal.name == 'drawer.handle'
    np.testing.assert_allclose(goal.position, HANDLE.position + [0, 0, 0.1])
    assert goals(Code(name='c', source=SOURCE, obstacle='bottle'), SCENE) == ()


def test_a_goal_that_is_not_there_is_an_error():
    with pytest.raises(UnknownObjectError):
        goals(Reach(object='cup'), SCENE)


def test_a_stage_stays_clear_of_what_it_avoids_each_once():
    assert clear_of(Reach(object='cube')) == ()
    assert clear_of(Avoid(object='cube'), Avoid(object='cube')) == ('cube',)
    assert clear_of(AvoidObstacles()) == ('bottle',)
    assert clear_of(Avoid(object='plate'), AvoidObstacles()) == ('plate', 'bottle')


def test_code_stays_clear_of_the_object_of_its_obstacle_unless_it_leads_there():
    away = Code(name='c', source=SOURCE, obstacle='drawer.handle')
    assert clear_of(away) == ('drawer',)
    assert clear_of(away.model_copy(update={'goal': 'drawer'})) == ()


def test_placing_leaves_room_for_what_is_held():
    (goal,) = goals(Place(object='plate', subject='cube'), SCENE)
    assert goal.position[2] > SCENE['plate'].top[2] + CUBE.extent[2] / 2
