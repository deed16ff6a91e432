"""Stages of vetted terms are tried as a whole: what weights and combinations do."""

from __future__ import annotations

import pytest
from table_scene import table_scene

from vls_core.rewards.code.evaluator import InProcessEvaluator
from vls_core.rewards.program import (
    AlignAxis,
    AnchorContact,
    Avoid,
    AvoidObstacles,
    Code,
    Displace,
    Dwell,
    Elapsed,
    Grasp,
    HoldGripper,
    KeepUpright,
    Lift,
    NoBacktrack,
    Place,
    Reach,
    ReachPoint,
    Retract,
    Smooth,
    SoftChoice,
    SpeedLimit,
    Stage,
    StayAbove,
    StayOnLine,
    Waypoint,
)
from vls_core.rewards.verification import arrivals
from vls_core.rewards.verification import stage as check
from vls_core.rewards.verification.report import Check, Verdict
from vls_core.rewards.verification.stage import MOST_GOALS, check_stage

SCENE = table_scene()
ALONE = {
    'reach': Reach(object='plate', height=0.1),
    'reach_point': ReachPoint(keypoint='red cube.top'),
    'waypoint': Waypoint(keypoint='plate.top', offset=(0, 0, 0.1)),
    'soft_choice': SoftChoice(keypoints=('red cube', 'blue cube')),
    'grasp': Grasp(object='red cube'),
    'place': Place(object='plate', subject='red cube'),
    'lift': Lift(height=0.2),
    'displace': Displace(direction=(0, 1, 0)),
    'anchor_contact': AnchorContact(keypoint='red cube'),
    'no_backtrack': NoBacktrack(direction=(1, 0, 0)),
    'stay_on_line': StayOnLine(direction=(1, 0, 0)),
    'retract': Retract(keypoint='red cube'),
    'keep_upright': KeepUpright(),
    'align_axis': AlignAxis(direction=(1, 0, -1)),
    'hold_gripper': HoldGripper(state='closed'),
    'avoid': Avoid(object='bottle'),
    'avoid_obstacles': AvoidObstacles(),
    'stay_above': StayAbove(height=0.2),
    'speed_limit': SpeedLimit(),
    'smooth': Smooth(),
    'dwell': Dwell(),
}


def stage(*terms):
    return Stage(name='try', terms=terms, completion=(Elapsed(),))


def failures(*terms, code=None):
    outcomes, _ = check_stage(stage(*terms), SCENE, code)
    return {item.check: item.text for item in outcomes if item.verdict is Verdict.FAILED}


@pytest.mark.parametrize('kind', ALONE)
def test_every_vetted_term_passes_by_itself(kind):
    assert failures(ALONE[kind]) == {}


def test_terms_that_have_nothing_to_do_with_places_are_no_dead_ones():
    assert failures(Smooth(), HoldGripper(state='open'), Avoid(object='bottle')) == {}


def test_weights_of_nothing_steer_nothing():
    assert Check.GRADIENT in failures(Reach(object='plate', weight=0), Smooth(weight=0))


def test_terms_that_work_against_each_other_are_found():
    assert Check.GOAL in failures(
        Reach(object='plate', weight=0.1), Retract(keypoint='plate', distance=0.6, weight=10)
    )
    assert failures(Reach(object='plate'), AvoidObstacles(weight=3), Smooth()) == {}


def test_large_weights_are_no_wrong_scale():
    assert failures(Reach(object='plate', weight=100), Smooth(weight=100)) == {}


def test_every_term_has_its_scale():
    _, scales = check_stage(stage(
        ALONE['reach'], ALONE['avoid'], ALONE['hold_gripper']), SCENE, None)
    assert scales['reach plate'] == pytest.approx(1.0, abs=0.3)
    assert scales['avoid bottle'] > 0
    assert scales['hold_gripper closed'] == 0


def test_code_takes_part_in_the_whole():
    term = Code(name='mine', goal='plate', source='''
def f(keypoints, trajectory):
    return -torch.norm(trajectory[:, 1:] - keypoints["plate"], dim=-1).mean(dim=1)
''')
    assert failures(term, Smooth(), code=InProcessEvaluator()) == {}


def test_of_very_many_places_only_the_best_are_tried(monkeypatch):
    tried = []

    def arriving(place, *_):
        tried.append(place)
        return arrivals.arriving(place, *_)

    monkeypatch.setattr(check, 'arriving', arriving)
    choices = tuple(
        SoftChoice(keypoints=('red cube', 'blue cube'), offset=(0.0, 0.0, 0.01 * index))
        for index in range(8)
    )
    assert failures(*choices) == {}
    assert len(tried) == MOST_GOALS


def test_the_checks_of_a_stage_can_be_stopped_between_any_two():
    for most in range(3):
        left = iter(range(most))
        with pytest.raises(StopIteration):
            check_stage(
                stage(Reach(object='plate')), SCENE, None, go_on=lambda left=left: next(left)
            )
