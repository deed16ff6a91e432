"""A sound program passes; each broken rule is found and named."""

import pytest
from table_scene import table_scene, thing

from vls_core.rewards.check import ProgramRejectedError, Rule, check_program
from vls_core.rewards.program import (
    Above,
    Avoid,
    Grasp,
    Grasped,
    HoldGripper,
    Lift,
    Lifted,
    On,
    Place,
    Reach,
    Released,
    Retreated,
    RewardProgram,
    Stage,
)
from vls_core.types import ObjectKind
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
