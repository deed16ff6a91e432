"""A plan passes only if all of the arm does, not the hand alone."""

import math

import numpy as np
import pytest
import torch
from table_scene import table_scene, thing

from vls_core.control import fr3
from vls_core.rewards import program
from vls_core.rewards.arm_check import WholeArmCheck
from vls_core.rewards.signed_distance import Box
from vls_core.rewards.terms import clearance
from vls_core.trajectory import Trajectory
from vls_core.types import (
    InvalidValueError,
    ObjectKind,
    RobotState,
    Scene,
    SceneObject,
    UnknownObjectError,
)

HOME = RobotState(
    0.0, fr3.HOME_JOINT_POSITIONS, np.zeros(7), np.array([0.40, 0.0, 0.30]),
    fr3.DOWNWARD_QUATERNION, 0.08,
)
SHELF = SceneObject('shelf', ObjectKind.OBSTACLE, np.array([0.24, 0.32, 0.62]),
                    np.array([0.16, 0.20, 0.20]))
SCENE = Scene(0.0, (*table_scene().objects, SHELF))
check = WholeArmCheck(margin=0.01)


def plans(*ends, steps=16):
    share = torch.linspace(0.0, 1.0, steps + 1).double().view(1, -1, 1)
    start, ends = torch.tensor([0.40, 0.0, 0.30]).double(), torch.tensor(ends).double()
    positions = start * (1 - share) + ends.unsqueeze(1) * share
    return Trajectory(positions, torch.ones(len(ends), steps + 1).double(), 1 / 15)


def test_a_plan_whose_forearm_hits_what_the_hand_passes_under_is_caught():
    towards, away = (0.40, 0.30, 0.15), (0.40, -0.30, 0.15)
    plan = plans(towards, away)
    avoid = program.Avoid(object='shelf')
    assert (clearance(avoid.object, SCENE, plan).amin(1) > 0.05).all()
    verdict = check(plan, HOME, SCENE, ('shelf',))
    assert verdict.reachable.all()
    assert verdict.clear.tolist() == [False, True]
    assert verdict.clearances[0] < 0.0 < verdict.clearances[1]


def test_only_the_named_objects_count():
    plan = plans((0.40, 0.30, 0.15))
    assert not check(plan, HOME, SCENE, ('shelf',)).clear
    assert check(plan, HOME, SCENE, ('bottle',)).clear
    nothing = check(plan, HOME, SCENE, ())
    assert nothing.clear and nothing.clearances == math.inf


def test_an_object_that_is_grasped_is_no_obstacle_unless_named():
    scene = table_scene(thing('mug', at=(0.45, 0.05)), thing('post', ObjectKind.OBSTACLE,
                                                             (0.60, 0.30), (0.05, 0.05, 0.3)))
    plan = plans((0.45, 0.05, 0.02))
    assert check(plan, HOME, scene, ('post',)).clear
    assert not check(plan, HOME, scene, ('post', 'mug')).clear


def test_the_margin_is_what_has_to_be_left():
    plan = plans((0.45, 0.0, 0.20))
    left = check(plan, HOME, SCENE, ('shelf',)).clearances.item()
    assert left > 0.01
    for margin, expected in ((left - 0.001, True), (left + 0.001, False)):
        assert bool(WholeArmCheck(margin)(plan, HOME, SCENE, ('shelf',)).clear) is expected


def test_a_plan_is_judged_like_alone():
    plan = plans((0.40, 0.30, 0.15), (0.55, 0.1, 0.2), (0.45, -0.3, 0.1))
    together = check(plan, HOME, SCENE, ('shelf', 'bottle'))
    for index in range(3):
        alone = check(plan[index : index + 1], HOME, SCENE, ('shelf', 'bottle'))
        assert alone.clear.shape == alone.reachable.shape == alone.clearances.shape == (1,)
        torch.testing.assert_close(alone.clearances[0], together.clearances[index])
        assert alone.clear[0] == together.clear[index]


def test_a_plan_beyond_reach_is_not_clear():
    verdict = check(plans((0.40, 0.0, 1.3), (0.45, 0.0, 0.3)), HOME, SCENE, ())
    assert verdict.reachable.tolist() == verdict.clear.tolist() == [False, True]


def test_the_elbow_counts_from_where_it_is():
    aside = fr3.HOME_JOINT_POSITIONS + np.array([0.9, 0.0, -0.9, 0.0, 0.0, 0.0, 0.0])
    turned = RobotState(0.0, aside, np.zeros(7), HOME.end_effector_position,
                        fr3.DOWNWARD_QUATERNION, 0.08)
    plan = plans((0.42, 0.0, 0.30))
    first, second = (check(plan, robot, SCENE, ('shelf',)).clearances for robot in (HOME, turned))
    assert (first - second).abs() > 0.02


def test_unnamed_surroundings_count_too():
    plan = plans((0.40, 0.30, 0.15))
    unseen = WholeArmCheck(0.01, surroundings=Box(SHELF.center, SHELF.extent))
    named = check(plan, HOME, SCENE, ('shelf',))
    torch.testing.assert_close(
        unseen(plan, HOME, SCENE, ('bottle',)).clearances, named.clearances
    )


def test_no_gradient_is_kept():
    plan = plans((0.40, 0.30, 0.15))
    plan.positions.requires_grad_(True)
    assert not check(plan, HOME, SCENE, ('shelf',)).clearances.requires_grad


def test_nonsense_is_refused():
    with pytest.raises(UnknownObjectError, match='vase'):
        check(plans((0.4, 0.0, 0.2)), HOME, SCENE, ('vase',))
    for margin in (-0.01, math.nan, math.inf):
        with pytest.raises(InvalidValueError, match='margin'):
            WholeArmCheck(margin)
