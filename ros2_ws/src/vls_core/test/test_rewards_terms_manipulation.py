"""Grasping and placing: from above, and the gripper acts there and nowhere else."""

import pytest
from term_examples import CUBE, PLATE, evaluate, line

from vls_core.rewards import program, terms

GRASP = program.Grasp(object='cube')
PLACE = program.Place(object='plate', subject='cube')
SPOT = PLATE.top + [0, 0, 0.02 + terms.RELEASE_CLEARANCE]


@pytest.mark.parametrize(('term', 'goal', 'gripper'), [
    (GRASP, CUBE.center, 1.0), (PLACE, PLATE.top + [0, 0, 0.03], 0.0),
])
def test_going_to_the_goal_beats_staying_and_staying_beats_going_away(term, goal, gripper):
    start, away = goal + [0.0, 0.0, 0.2], goal + [0.0, 0.0, 0.4]
    towards, still, off = (evaluate(term, line(start, end, gripper))
                           for end in (goal, start, away))
    assert towards > still > off


def test_grasping_comes_down_from_above_and_not_from_the_side():
    above, beside = CUBE.center + [0.1, 0, 0.12], CUBE.center + [0.1, 0, 0.0]
    over, next_to = CUBE.center + [0.05, 0, 0.10], CUBE.center + [0.05, 0, 0.0]
    assert evaluate(GRASP, line(above, over)) > evaluate(GRASP, line(beside, next_to))


def test_the_gripper_closes_at_the_object_and_not_before():
    still = (CUBE.center, CUBE.center)
    assert evaluate(GRASP, line(*still, 0.0)) > evaluate(GRASP, line(*still, 1.0))
    far = (CUBE.center + [0, 0, 0.2], CUBE.center + [0, 0, 0.1])
    assert evaluate(GRASP, line(*far, 1.0)) > evaluate(GRASP, line(*far, 0.0))


def test_placing_opens_over_the_target_and_not_before():
    assert evaluate(PLACE, line(SPOT, SPOT, 1.0)) > evaluate(PLACE, line(SPOT, SPOT, 0.0))
    far = SPOT + [0.2, 0.0, 0.1]
    assert evaluate(PLACE, line(far, far, 0.0)) > evaluate(PLACE, line(far, far, 1.0))


def test_placing_with_an_offset_is_placing_beside():
    beside = program.Place(object='plate', subject='cube', offset=(0.0, -0.2, 0.0))
    there = SPOT + [0.0, -0.2, 0.0]
    assert evaluate(beside, line(there, there)) == pytest.approx(
        evaluate(PLACE, line(SPOT, SPOT)).item(), abs=1e-9)
    assert evaluate(beside, line(there, there)) > evaluate(beside, line(SPOT, SPOT))


@pytest.mark.parametrize(('term', 'goal', 'gripper'), [
    (GRASP, CUBE.center, 1.0), (PLACE, SPOT, 0.0),
])
def test_it_never_pays_to_hover_short_of_the_goal(term, goal, gripper):
    """Regression: a plan stayed 2 cm away, as arriving without acting was punished."""
    hovering = goal + [0.0, 0.0, 0.02]
    arrived = evaluate(term, line(goal, goal, gripper))
    assert arrived > evaluate(term, line(hovering, hovering, gripper))
