"""Grasping and placing: from above, and the gripper acts there and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from term_examples import CUBE, DOWN, PLATE, SCENE, evaluate, line, plan

from vls_core.rewards import program, terms
from vls_core.types import Grip, Keypoint, Scene

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


@pytest.mark.parametrize('grip', [Grip.CLOSING, Grip.HOLDING])
def test_a_hand_that_is_closing_stays_closed_though_the_thing_seems_to_have_moved(grip):
    beside = CUBE.center + [0.0, 0.03, 0.02]
    shut, opened = (terms.grasp(GRASP, SCENE, line(beside, beside, gripper), grip)
                    for gripper in (0.0, 1.0))
    assert shut > opened


def test_a_hand_that_closed_on_nothing_opens_again_even_where_it_should_have_closed():
    shut, opened = (terms.grasp(GRASP, SCENE, line(CUBE.center, CUBE.center, gripper), Grip.EMPTY)
                    for gripper in (0.0, 1.0))
    assert opened > shut


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


def taken_at(grasp, finger=None):
    """The scene, with a cube that perception says where to take."""
    points = {'grasp': grasp} | ({} if finger is None else {'finger': finger})
    keypoints = tuple(
        Keypoint(name, np.asarray(point), np.zeros((3, 3))) for name, point in points.items()
    )
    others = (item for item in SCENE.objects if item.name != 'cube')
    return Scene(0.0, (replace(CUBE, keypoints=keypoints), *others))


def reward(term, scene, trajectory):
    return terms.FUNCTIONS[term.kind](term, scene, trajectory).item()


def test_a_thing_is_taken_where_perception_says():
    rim = CUBE.center + [0.0, 0.05, 0.02]
    scene = taken_at(rim)
    there, at_the_middle = line(rim, rim, 0.0), line(CUBE.center, CUBE.center, 0.0)
    assert reward(GRASP, scene, there) > reward(GRASP, scene, at_the_middle)
    assert reward(GRASP, SCENE, at_the_middle) > reward(GRASP, SCENE, there)


def test_what_is_held_at_its_rim_is_placed_with_its_middle_over_the_target():
    aside = np.array([0.0, 0.05, 0.01])
    scene = taken_at(CUBE.center + aside)
    there = line(SPOT + aside, SPOT + aside, 1.0)
    assert reward(PLACE, scene, there) == pytest.approx(
        reward(PLACE, SCENE, line(SPOT, SPOT, 1.0)), abs=1e-9)
    assert reward(PLACE, scene, there) > reward(PLACE, scene, line(SPOT, SPOT, 1.0))


def test_over_what_hardly_fits_between_the_fingers_the_hand_comes_down_straighter():
    thin, wide = (taken_at(CUBE.center, CUBE.center + [0.0, half, 0.0]) for half in (0.005, 0.033))
    beside = CUBE.center + [0.0, 0.02, 0.01]
    assert reward(GRASP, wide, line(beside, beside)) < reward(GRASP, thin, line(beside, beside))
    over = CUBE.center + [0.0, 0.02, 0.09]
    assert reward(GRASP, wide, line(over, over)) > reward(GRASP, wide, line(beside, beside))


@pytest.mark.parametrize('side', [1.0, -1.0])
def test_the_hand_turns_as_the_fingers_are_to_come_down_whichever_is_which(side):
    scene = taken_at(CUBE.center, CUBE.center + [0.0, 0.04 * side, 0.0])
    quarter = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).double()
    where = np.tile(CUBE.center, (17, 1))
    fitting = reward(GRASP, scene, plan(where, 0.0, DOWN))
    turned = reward(GRASP, scene, plan(where, 0.0, quarter @ DOWN))
    assert fitting == pytest.approx(reward(GRASP, SCENE, plan(where, 0.0, DOWN)), abs=1e-6)
    assert fitting - turned == pytest.approx(0.1 * np.pi / 2, rel=0.01)
