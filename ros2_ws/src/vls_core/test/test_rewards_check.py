"""A sound program passes; each broken rule is found and named."""

import numpy as np
import pytest
from table_scene import table_scene, thing

from vls_core.rewards.check import ProgramRejectedError, Rule, check_program
from vls_core.rewards.program import (
    Above,
    AlignAxis,
    AnchorContact,
    Apart,
    Avoid,
    AvoidObstacles,
    Carried,
    Code,
    Displace,
    Displaced,
    Dwell,
    Elapsed,
    Grasp,
    Grasped,
    GripperIntent,
    HoldGripper,
    KeepUpright,
    Lift,
    Lifted,
    Moved,
    Near,
    NoBacktrack,
    On,
    Place,
    Reach,
    Reached,
    ReachPoint,
    Released,
    Retract,
    Retreated,
    RewardProgram,
    SoftChoice,
    SpeedLimit,
    Stage,
    StayAbove,
    StayOnLine,
    Tilted,
    Waypoint,
)
from vls_core.types import Keypoint, ObjectKind, SceneObject
from vls_core.vlm.layout import pick_and_place

SCENE = table_scene()
BOTTLE = Avoid(object='bottle')
GRASP = Stage(
    name='grasp', terms=(Grasp(object='red cube'), BOTTLE), completion=(Grasped(), Lifted())
)
CARRY = Stage(
    name='carry',
    terms=(Reach(object='plate', height=0.12), HoldGripper(state='closed'), BOTTLE),
    completion=(Above(object='plate'),),
)
PLACE = Stage(
    name='place', terms=(Place(object='plate', subject='red cube'), BOTTLE),
    completion=(Released(),),
)
RETREAT = Stage(
    name='retreat', terms=(Reach(object='plate', height=0.15), HoldGripper(state='open'), BOTTLE),
    completion=(Retreated(object='plate'), On(object='red cube', target='plate')),
)
STAGES = (GRASP, CARRY, PLACE, RETREAT)


def problems(program, scene=SCENE):
    with pytest.raises(ProgramRejectedError) as caught:
        check_program(program, scene)
    assert all(item.text in str(caught.value) for item in caught.value.problems)
    return {item.rule for item in caught.value.problems}


def with_stages(*stages, subject='red cube', target='plate'):
    return RewardProgram(subject=subject, target=target, stages=stages)


def changed(stage, **values):
    return stage.model_copy(update=values)


def test_a_sound_program_passes():
    check_program(with_stages(*STAGES), SCENE)


@pytest.mark.parametrize('target', ['plate', 'tray', 'blue cube'])
def test_the_pick_and_place_layout_is_sound(target):
    check_program(pick_and_place('red cube', target, ('bottle', 'green cube'), True), SCENE)


def test_every_unknown_name_is_listed_with_what_is_seen():
    with pytest.raises(ProgramRejectedError, match='seen: red cube') as caught:
        check_program(pick_and_place('mug', 'shelf', ('cat',), False), SCENE)
    assert [item.rule for item in caught.value.problems] == [Rule.NAME] * 3


@pytest.mark.parametrize(('subject', 'target'), [
    ('plate', 'tray'), ('bottle', 'plate'), ('red cube', 'bottle'), ('red cube', 'red cube'),
])
def test_only_graspables_are_grasped_and_nothing_is_put_on_obstacles(subject, target):
    assert Rule.KIND in problems(pick_and_place(subject, target, (), False))


def test_a_grasp_of_something_that_is_no_graspable_is_found_in_any_stage():
    extra = Stage(name='x', terms=(Grasp(object='tray'),), completion=(Grasped(),))
    assert problems(with_stages(*STAGES, extra)) == {Rule.KIND}


@pytest.mark.parametrize('position', [(1.2, 0.0), (0.1, 0.0), (0.5, 0.9)])
def test_objects_out_of_reach_are_found(position):
    scene = table_scene(thing('far plate', ObjectKind.SURFACE, position, (0.15, 0.15, 0.01)))
    program = pick_and_place('red cube', 'far plate', (), False)
    assert problems(program, scene) == {Rule.WORKSPACE}


@pytest.mark.parametrize('stage', [
    changed(GRASP, terms=(*GRASP.terms, Lift(height=0.95))),
    changed(GRASP, completion=(Grasped(), Lifted(height=0.95))),
    changed(GRASP, terms=(*GRASP.terms, Reach(object='tray', height=-0.2))),
    changed(GRASP, completion=(Grasped(), Retreated(object='bottle', height=0.9))),
])
def test_heights_outside_the_workspace_are_found(stage):
    assert problems(with_stages(stage, *STAGES[1:])) == {Rule.WORKSPACE}


@pytest.mark.parametrize('timeouts', [(0.01, 10, 10, 10), (300, 300, 300, 300)])
def test_timeouts_no_arm_can_keep_or_nobody_would_wait_for_are_found(timeouts):
    stages = [changed(stage, timeout=float(timeout))
              for stage, timeout in zip(STAGES, timeouts, strict=True)]
    assert problems(with_stages(*stages)) == {Rule.TIME}


@pytest.mark.parametrize('stages', [
    (PLACE,),
    (PLACE, GRASP),
    STAGES[1:],
    (GRASP, GRASP.model_copy(update={'terms': (Grasp(object='blue cube'),)}), PLACE),
    (GRASP, changed(PLACE, terms=(Place(object='plate', subject='blue cube'),))),
    (changed(GRASP, completion=(Lifted(),)), PLACE),
    (GRASP, changed(PLACE, completion=(Lifted(),))),
    (GRASP, Stage(name='let go', terms=(HoldGripper(state='open'),), completion=(Released(),))),
    (GRASP, PLACE, PLACE),
    (Stage(name='look', terms=(Reach(object='plate', height=0.2),), completion=(Released(),)),),
])
def test_what_is_carried_must_be_in_the_hand(stages):
    assert problems(with_stages(*stages)) == {Rule.ORDER}


def test_the_subject_must_be_what_is_grasped():
    assert problems(with_stages(*STAGES, subject='blue cube')) == {Rule.ORDER}


@pytest.mark.parametrize('stage', [
    changed(GRASP, terms=(*GRASP.terms, Avoid(object='red cube'))),
    changed(GRASP, terms=(*GRASP.terms, HoldGripper(state='open'), HoldGripper(state='closed'))),
])
def test_stages_that_contradict_themselves_are_found(stage):
    assert Rule.CONTRADICTION in problems(with_stages(stage, *STAGES[1:]))


def test_placing_while_avoiding_load_or_place_is_found():
    for name in ('red cube', 'plate'):
        stage = changed(PLACE, terms=(*PLACE.terms, Avoid(object=name)))
        assert problems(with_stages(GRASP, stage)) == {Rule.CONTRADICTION}


# Programs without a pick and place.

HANDLE = Keypoint('handle', np.array([0.55, 0.30, 0.10]), np.eye(3) * 1e-6)
DRAWER = SceneObject('drawer', ObjectKind.SURFACE, np.array([0.60, 0.42, 0.10]),
                     np.array([0.30, 0.20, 0.16]), (HANDLE,))
ROOM = table_scene(DRAWER)
PUSH = Stage(
    name='push', gripper=GripperIntent.CLOSED,
    terms=(AnchorContact(keypoint='red cube'), Displace(direction=(0, 1, 0)),
           HoldGripper(state='closed'), AvoidObstacles()),
    completion=(Displaced(object='red cube', direction=(0, 1, 0), distance=0.08),),
)
TAKE_HANDLE = Stage(
    name='take the handle',
    terms=(ReachPoint(keypoint='drawer.handle'), HoldGripper(state='closed')),
    completion=(Reached(keypoint='drawer.handle'), Grasped()),
)
PULL = Stage(
    name='pull', gripper=GripperIntent.CLOSED,
    terms=(Displace(direction=(0, -1, 0)), StayOnLine(direction=(0, -1, 0)),
           NoBacktrack(direction=(0, -1, 0)), HoldGripper(state='closed')),
    completion=(Moved(direction=(0, -1, 0), distance=0.15),),
)
LEAVE = Stage(
    name='leave', gripper=GripperIntent.OPEN,
    terms=(HoldGripper(state='open'), Retract(keypoint='drawer.handle')), completion=(Elapsed(),),
)
PRESS = Stage(
    name='press', terms=(ReachPoint(keypoint='plate.top'), Dwell(last_share=1.0)),
    completion=(Reached(keypoint='plate.top'), Elapsed(duration=2.0)),
)
POUR = Stage(
    name='pour',
    terms=(Reach(object='plate', height=0.2), AlignAxis(direction=(1, 0, 0)),
           HoldGripper(state='closed'), SpeedLimit(), StayAbove(height=0.1)),
    completion=(Tilted(angle=1.2),),
)
BESIDE = Code(name='beside the cube', source='def f(keypoints, trajectory): ...', goal='red cube',
              goal_offset=(0.0, -0.05, 0.05), obstacle='bottle')


@pytest.mark.parametrize('program', [
    RewardProgram(subject='red cube', stages=(PUSH,)),
    RewardProgram(subject='drawer', stages=(TAKE_HANDLE, PULL, LEAVE)),
    RewardProgram(subject='plate', stages=(PRESS,)),
    RewardProgram(subject='red cube', target='plate', stages=(GRASP, POUR)),
    RewardProgram(subject='red cube', stages=(changed(PUSH, terms=(BESIDE,)),)),
    RewardProgram(subject='red cube', stages=(
        Stage(name='to either', terms=(SoftChoice(keypoints=('red cube.top', 'blue cube.top')),),
              completion=(Reached(keypoint='red cube.top'),)),)),
    RewardProgram(subject='red cube', stages=(
        Stage(name='pass', terms=(Waypoint(keypoint='red cube.top', offset=(0, 0, 0.2)),),
              completion=(Reached(keypoint='red cube.top', offset=(0, 0, 0.2), distance=0.05),)
              ),)),
], ids=['push', 'open a drawer', 'press', 'pour', 'code', 'choice', 'waypoint'])
def test_sound_programs_need_neither_a_grasp_nor_a_target(program):
    check_program(program, ROOM)


def found(*stages, subject='red cube', target=None):
    with pytest.raises(ProgramRejectedError) as caught:
        check_program(RewardProgram(subject=subject, target=target, stages=stages), ROOM)
    return caught.value.problems


def with_terms(*terms, stage=PUSH):
    return changed(stage, terms=(*stage.terms, *terms))


def waiting_for(*completion, stage=PUSH):
    return changed(stage, completion=completion)


@pytest.mark.parametrize(('stage', 'text'), [
    (with_terms(ReachPoint(keypoint='drawer.knob')), 'it has center, top, handle'),
    (with_terms(Waypoint(keypoint='mug.handle')), 'no "mug.handle" in the scene'),
    (with_terms(SoftChoice(keypoints=('red cube', 'cup'))), 'no "cup" in the scene'),
    (with_terms(Reach(object='drawer.handle')), 'write "drawer"'),
    (with_terms(changed(BESIDE, goal='cup')), 'no "cup" in the scene'),
    (with_terms(changed(BESIDE, obstacle='vase')), 'no "vase" in the scene'),
    (waiting_for(Reached(keypoint='drawer.knob')), 'has no point "knob"'),
    (waiting_for(Apart(object='red cube', target='cup')), 'no "cup" in the scene'),
])
def test_every_object_and_point_must_exist(stage, text):
    (problem,) = found(stage)
    assert problem.rule is Rule.NAME and text in problem.text


def test_code_must_say_what_it_is_for():
    (problem,) = found(with_terms(changed(BESIDE, goal=None, obstacle=None)))
    assert problem.rule is Rule.PURPOSE and 'beside the cube' in problem.text


@pytest.mark.parametrize('stage', [
    with_terms(ReachPoint(keypoint='red cube', offset=(0.0, -0.5, 0.0))),
    with_terms(Waypoint(keypoint='red cube', offset=(0.0, 0.0, 0.9)),
               stage=waiting_for(Reached(keypoint='red cube', distance=0.05))),
    with_terms(SoftChoice(keypoints=('red cube', 'blue cube'), offset=(-0.2, 0.0, 0.0))),
    with_terms(Reach(object='red cube', offset=(0.0, -0.5, 0.0))),
    with_terms(changed(BESIDE, goal_offset=(0.0, 0.0, -0.4))),
    changed(PUSH, terms=(Displace(direction=(0, 1, 0)), StayAbove(height=0.9))),
    waiting_for(Reached(keypoint='red cube', offset=(0.0, -0.5, 0.0))),
    waiting_for(Above(object='red cube', offset=(0.0, -0.5, 0.0))),
    waiting_for(On(object='red cube', target='plate', offset=(0.0, 0.9, 0.0))),
    waiting_for(Carried(height=0.9)),
])
def test_offsets_count_where_goals_and_heights_must_be_within_reach(stage):
    assert {item.rule for item in found(stage)} == {Rule.WORKSPACE}


def test_placing_beside_something_out_of_reach_is_found():
    stage = changed(PLACE, terms=(Place(object='tray', subject='red cube', offset=(0, 0.9, 0)),))
    assert {item.rule for item in found(GRASP, stage)} == {Rule.WORKSPACE}


@pytest.mark.parametrize('stage', [
    changed(PUSH, terms=(ReachPoint(keypoint='bottle'), Grasp(object='red cube')),
            completion=(Grasped(),)),
    changed(PUSH, terms=(changed(BESIDE, goal='bottle', goal_offset=(0.01, 0.0, 0.0)),)),
    waiting_for(Reached(keypoint='bottle', offset=(0.0, 0.02, 0.05))),
])
def test_goals_inside_obstacles_are_found_and_the_obstacle_is_named(stage):
    problems = found(stage)
    assert {item.rule for item in problems} == {Rule.BLOCKED}
    assert all('"bottle"' in item.text for item in problems)


def test_pushing_against_an_obstacle_from_beside_it_is_no_problem():
    push = changed(PUSH, terms=(ReachPoint(keypoint='bottle', offset=(0, -0.05, 0)),
                                Displace(direction=(0, 1, 0))))
    check_program(RewardProgram(subject='bottle', stages=(push,)), ROOM)


@pytest.mark.parametrize('item', [
    Moved(direction=(0, 0, 1), distance=0.8),
    Displaced(object='red cube', direction=(1, 0, 0), distance=0.6),
])
def test_distances_longer_than_the_workspace_cannot_be_completed(item):
    assert [problem.rule for problem in found(waiting_for(item))][-1] is Rule.COMPLETION


def test_a_stage_must_have_the_time_it_waits_for():
    stage = changed(waiting_for(Elapsed(duration=10.0)), timeout=10.0)
    assert [item.rule for item in found(stage)] == [Rule.TIME]


def test_something_must_be_done_to_the_subject():
    (problem,) = found(PUSH, subject='blue cube')
    assert problem.rule is Rule.ORDER and '"blue cube"' in problem.text


@pytest.mark.parametrize('completion', [
    PUSH.completion, (Reached(keypoint='plate', offset=(0, 0, 0.2), distance=0.02),),
    (Reached(keypoint='plate.top', offset=(0, 0, 0.2), distance=0.05), *PUSH.completion),
])
def test_a_stage_must_wait_for_its_waypoint_and_notice_a_hand_that_passes(completion):
    stage = with_terms(Waypoint(keypoint='plate', offset=(0, 0, 0.2)))
    (problem,) = found(changed(stage, completion=completion))
    assert problem.rule is Rule.ORDER and 'at least 0.04 m' in problem.text


@pytest.mark.parametrize(('stage', 'text'), [
    (with_terms(Avoid(object='red cube')), 'stays clear of it'),
    (with_terms(Avoid(object='drawer'), stage=TAKE_HANDLE), 'goes to "drawer"'),
    (with_terms(SoftChoice(keypoints=('red cube', 'plate.top')), Avoid(object='plate')), 'plate'),
    (with_terms(changed(BESIDE, goal='plate.top', obstacle='red cube')), 'stays clear of it'),
    (with_terms(ReachPoint(keypoint='bottle.top')), 'of which it is one'),
    (with_terms(StayAbove(height=0.1)), 'stays above 0.10 m'),
    (with_terms(Retract(keypoint='red cube.top', distance=0.1)), 'retracts'),
    (with_terms(NoBacktrack(direction=(0, -1, 0.1))), 'opposite'),
    (with_terms(Dwell(last_share=1.0)), 'stands still'),
    (with_terms(KeepUpright(tilt=0.2), stage=waiting_for(Tilted(angle=1.0))), 'tilted by'),
    (with_terms(KeepUpright(tilt=0.2), AlignAxis(direction=(1, 0, -1))), 'aligns'),
    (waiting_for(Released()), 'until it is open'),
    (with_terms(HoldGripper(state='open'), stage=changed(
        LEAVE, completion=(Grasped(),), terms=PUSH.terms[:1])), 'until something is grasped'),
    (waiting_for(Near(object='red cube', target='plate', distance=0.1),
                 Apart(object='plate', target='red cube', distance=0.2)), 'both near and apart'),
])
def test_what_cannot_be_had_together_is_named(stage, text):
    problems = found(stage, subject='drawer' if stage.name == 'take the handle' else 'red cube')
    assert [item.rule for item in problems] == [Rule.CONTRADICTION]
    assert text in problems[0].text


def test_what_is_held_cannot_be_avoided_in_later_stages_either():
    (problem,) = found(GRASP, with_terms(Avoid(object='red cube'), stage=CARRY))
    assert problem.rule is Rule.CONTRADICTION and 'holds "red cube"' in problem.text


def test_code_may_lead_around_what_it_avoids_itself():
    around = changed(BESIDE, obstacle='red cube', goal_offset=(0.0, 0.0, 0.2))
    check_program(
        RewardProgram(subject='red cube', stages=(changed(PUSH, terms=(around,)),)), ROOM)
