"""Programs agree when they mean the same task, however they are written."""

import pytest
from table_scene import table_scene

from vls_core.rewards.program import (
    AlignAxis,
    Avoid,
    AvoidObstacles,
    Code,
    Displace,
    Elapsed,
    Grasp,
    Lift,
    Place,
    Reach,
    ReachPoint,
    Retract,
    RewardProgram,
    Smooth,
    SoftChoice,
    Stage,
    Waypoint,
)
from vls_core.vlm.answer import Answer
from vls_core.vlm.author import DisagreementError
from vls_core.vlm.consensus import avoided_objects, differences, majority, steps
from vls_core.vlm.layout import pick_and_place

SCENE = table_scene()
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)


def answer(program):
    return Answer(outcome='program', program=program)


def program(*stages, subject='red cube', target='plate'):
    return RewardProgram(subject=subject, target=target, stages=tuple(
        Stage(name=f'stage {index}', terms=terms, completion=(Elapsed(),))
        for index, terms in enumerate(stages)
    ))  # fmt: skip


def different(one, other):
    return differences(answer(one), answer(other), SCENE)


TAKE, PUT = Grasp(object='red cube'), Place(object='plate', subject='red cube')


def test_names_weights_times_and_margins_do_not_count():
    reworded = PROGRAM.model_copy(update={'stages': tuple(
        stage.model_copy(update={
            'name': f'step {index}', 'timeout': 3.0,
            'terms': tuple(term.model_copy(update={'weight': 0.5}) for term in stage.terms),
        })
        for index, stage in enumerate(PROGRAM.stages)
    )})  # fmt: skip
    assert different(PROGRAM, reworded) == ()


def test_lifting_approaching_and_retreating_on_the_way_do_not_count():
    assert different(program((TAKE,), (PUT,)), program(
        (Reach(object='red cube', height=0.1),), (TAKE, Smooth()), (Lift(),),
        (Reach(object='plate', height=0.1),), (PUT,), (Retract(keypoint='plate'),),
    )) == ()
    assert [str(step) for step in steps(PROGRAM, SCENE)] == ['take red cube', 'put red cube plate']


def test_a_lift_that_is_the_task_counts():
    assert different(program((TAKE,), (Lift(),)), program((TAKE,))) != ()


@pytest.mark.parametrize(('one', 'other'), [
    (Reach(object='plate', height=0.1), ReachPoint(keypoint='plate.top', offset=(0, 0, 0.1))),
    (Reach(object='plate', height=0.1), Code(
        name='x', source='x', goal='plate', goal_offset=(0, 0, 0.1))),
    (AvoidObstacles(), Avoid(object='bottle')),
    (Avoid(object='bottle'), Code(name='x', source='x', obstacle='bottle.top')),
    (SoftChoice(keypoints=('plate', 'tray')), SoftChoice(keypoints=('tray', 'plate'))),
    (Displace(direction=(1, 0, 0), distance=0.1),
     Displace(direction=(0.5, 0.05, 0), distance=0.12)),
])
def test_the_same_written_in_another_way_is_the_same(one, other):
    assert different(program((one,)), program((other,))) == ()


@pytest.mark.parametrize(('one', 'other'), [
    (Reach(object='plate'), Reach(object='tray')),
    (Reach(object='plate', height=0.05), Reach(object='plate', height=0.2)),
    (Reach(object='plate'), Waypoint(keypoint='plate')),
    (Place(object='plate', subject='red cube'),
     Place(object='plate', subject='red cube', offset=(0, 0.1, 0))),
    (Displace(direction=(1, 0, 0)), Displace(direction=(-1, 0, 0))),
    (Displace(direction=(1, 0, 0), distance=0.1), Displace(direction=(1, 0, 0), distance=0.3)),
    (AlignAxis(direction=(1, 0, 0)), AlignAxis(direction=(0, 0, -1))),
    (AlignAxis(axis='y', direction=(1, 0, 0)), AlignAxis(axis='z', direction=(1, 0, 0))),
    (Smooth(), Avoid(object='green cube')),
    (SoftChoice(keypoints=('plate', 'tray')), SoftChoice(keypoints=('plate', 'bottle'))),
])
def test_another_thing_place_way_or_care_is_a_difference(one, other):
    assert len(different(program((one,)), program((other,)))) == 1


def test_the_order_of_what_is_done_counts():
    first, second = Grasp(object='red cube'), Grasp(object='green cube')
    assert different(program((first,), (second,)), program((second,), (first,))) != ()


def test_subject_and_target_count():
    one = program((Smooth(),))
    found = different(one, program((Smooth(),), subject='green cube', target=None))
    assert found == ('subject: green cube or red cube', 'target: None or plate')


def test_what_is_stayed_clear_of_in_any_stage_counts():
    found = avoided_objects(program((Avoid(object='tray'),), (AvoidObstacles(),)), SCENE)
    assert found == {'tray', 'bottle'}


def test_the_tolerance_decides_about_goals():
    one, other = (answer(program((Reach(object='plate', height=height),)))
                  for height in (0.1, 0.14))
    assert differences(one, other, SCENE, tolerance=0.05) == ()
    (found,) = differences(one, other, SCENE, tolerance=0.03)
    assert found.startswith('where to go to plate: (0.52, 0.12, 0.11) m or')


def test_a_majority_needs_more_than_half_of_all_that_were_asked():
    a, b = answer(PROGRAM), answer(pick_and_place('green cube', 'plate', ('bottle',), False))
    winner = majority([b, a, a], SCENE, 3)
    assert (winner.index, winner.supporters) == (1, 2)
    assert majority([a], SCENE, 1).supporters == 1
    for votes, count in (([a, b], 2), ([a, a, b, b], 4), ([a], 3)):
        with pytest.raises(DisagreementError):
            majority(votes, SCENE, count)


def test_a_disagreement_lists_each_difference_once():
    votes = [answer(pick_and_place(name, 'plate', ('bottle',), False))
             for name in ('red cube', 'green cube', 'blue cube')]
    with pytest.raises(DisagreementError) as caught:
        majority(votes, SCENE, 3)
    found = caught.value.differences
    assert 'subject: green cube or red cube' in found
    assert len(found) == len(set(found))


def test_outcomes_without_a_program_can_agree_and_disagree():
    unknown, lost = Answer(outcome='unknown_object'), Answer(outcome='not_understood')
    assert majority([unknown, answer(PROGRAM), unknown], SCENE, 3).index == 0
    (found,) = differences(unknown, lost, SCENE)
    assert found == 'outcome: not understood or unknown object'
    assert differences(lost, answer(PROGRAM), SCENE) != ()
