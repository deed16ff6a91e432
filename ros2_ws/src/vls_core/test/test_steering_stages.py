from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from two_way_policy import box, observation

from vls_core.rewards.program import (
    Above,
    Carried,
    Displace,
    Displaced,
    Elapsed,
    Grasp,
    Grasped,
    GripperIntent,
    Lifted,
    Moved,
    Place,
    Reach,
    Reached,
    Released,
    RewardProgram,
    Stage,
)
from vls_core.steering.stages import DWELL, RETRIES, StageMachine, TaskState
from vls_core.types import ObjectKind

PROGRAM = RewardProgram(subject='cube', target='plate', stages=(
    Stage(name='grasp', terms=(Grasp(object='cube'),), completion=(Grasped(),), timeout=5,
          gripper=GripperIntent.CLOSED),
    Stage(name='carry', terms=(Reach(object='plate', height=0.1),), timeout=5,
          completion=(Lifted(height=0.1), Above(object='plate')), gripper=GripperIntent.CLOSED),
    Stage(name='place', terms=(Place(object='plate', subject='cube'),), timeout=5,
          completion=(Released(),), gripper=GripperIntent.OPEN),
))
SEEN = observation(box('cube', [0.4, 0, 0.02], kind=ObjectKind.GRASPABLE),
                   box('plate', [0.5, 0.2, 0.006]), subject='cube', target='plate')
PLATE = np.array([0.5, 0.2, 0.2])


def view(width=0.08, command=1.0, position=(0.4, 0.0, 0.3)):
    robot = replace(SEEN.robot, gripper_width=width, end_effector_position=np.array(position))
    return replace(SEEN, robot=robot, gripper_command=command)


HOLDING = view(0.04, 0.0)
HOLDING_ABOVE_PLATE = view(0.04, 0.0, PLATE)
SHUT_ON_NOTHING = view(0.0, 0.0)


def feed(machine, seen, duration, start=0.0, period=0.05):
    """Shows the same observation for a while; returns the time after it."""
    steps = round(duration / period)
    for step in range(steps):
        machine.update(seen, start + step * period)
    return start + steps * period


def test_a_task_goes_through_all_stages_to_success():
    machine = StageMachine(PROGRAM)
    now = feed(machine, view(), 1.0)
    now = feed(machine, HOLDING, 1.0, now)
    assert machine.index == 1
    now = feed(machine, HOLDING_ABOVE_PLATE, 1.0, now)
    assert machine.index == 2
    feed(machine, view(0.08, 1.0, PLATE), 1.0, now)
    assert machine.state is TaskState.SUCCEEDED


def test_a_predicate_that_flickers_does_not_end_a_stage():
    machine = StageMachine(PROGRAM)
    now = 0.0
    for _ in range(20):
        now = feed(machine, HOLDING, DWELL * 0.6, now)
        now = feed(machine, view(), 0.05, now)
    assert machine.index == 0


def test_a_stage_that_takes_too_long_fails_the_task():
    machine = StageMachine(PROGRAM)
    feed(machine, view(), 5.5)
    assert machine.state is TaskState.FAILED


def test_a_lost_grasp_goes_back_to_grasping_a_limited_number_of_times():
    machine, now = StageMachine(PROGRAM), 0.0
    for attempt in range(RETRIES):
        now = feed(machine, HOLDING, 1.0, now)
        assert machine.index == 1
        now = feed(machine, SHUT_ON_NOTHING, 0.5, now)
        assert machine.index == 0 and machine.retries == attempt + 1
    now = feed(machine, HOLDING, 1.0, now)
    feed(machine, SHUT_ON_NOTHING, 0.5, now)
    assert machine.state is TaskState.FAILED


def test_what_is_lost_on_the_way_down_is_taken_again_and_what_was_released_is_not():
    machine = StageMachine(PROGRAM)
    now = feed(machine, HOLDING, 1.0)
    now = feed(machine, HOLDING_ABOVE_PLATE, 1.0, now)
    assert machine.index == 2
    now = feed(machine, SHUT_ON_NOTHING, 1.0, now)
    assert machine.index == 0
    now = feed(machine, HOLDING, 1.0, now)
    now = feed(machine, HOLDING_ABOVE_PLATE, 1.0, now)
    feed(machine, view(0.08, 1.0, PLATE), 1.0, now)
    assert machine.state is TaskState.SUCCEEDED


def test_an_open_gripper_while_carrying_is_not_a_lost_grasp():
    machine = StageMachine(PROGRAM)
    now = feed(machine, HOLDING, 1.0)
    feed(machine, view(), 1.0, now)
    assert machine.index == 1


@pytest.mark.parametrize('end', [TaskState.SUCCEEDED, TaskState.FAILED])
def test_an_ended_task_stays_ended(end):
    machine = StageMachine(PROGRAM, state=end)
    feed(machine, HOLDING, 10.0)
    assert machine.state is end and machine.index == 0


@settings(max_examples=50)
@given(st.lists(st.sampled_from([view(), HOLDING, HOLDING_ABOVE_PLATE, SHUT_ON_NOTHING]),
                max_size=80))
def test_stages_never_go_back_except_for_a_lost_grasp(views):
    machine, now = StageMachine(PROGRAM), 0.0
    for seen in views:
        before, retries = machine.index, machine.retries
        machine.update(seen, now)
        now += 0.1
        assert machine.index >= before or machine.retries == retries + 1
        assert machine.index <= before + 1


def test_a_suggestion_is_answered_and_moves_nothing():
    machine = StageMachine(PROGRAM)
    machine.update(view(), 0.0)
    for _ in range(50):
        answer = machine.suggest('a model says so', view())
    assert answer.missing == ('grasped',) and answer.reason == 'a model says so'
    assert machine.index == 0 and machine.state is TaskState.RUNNING
    assert machine.suggest('a model says so', HOLDING).missing == ()
    assert machine.index == 0


ALONG_Y = (0.0, 1.0, 0.0)


def push(name, distance, **values):
    return Stage(name=name, terms=(Displace(direction=ALONG_Y),), gripper=GripperIntent.CLOSED,
                 completion=(Moved(direction=ALONG_Y, distance=distance),), **values)


def test_motion_is_counted_anew_in_each_stage():
    machine = StageMachine(RewardProgram(subject='cube', stages=(push('a', 0.1), push('b', 0.1))))
    now = feed(machine, view(position=(0.4, 0.0, 0.1)), 0.5)
    now = feed(machine, view(position=(0.4, 0.11, 0.1)), 1.0, now)
    assert machine.index == 1 and machine.state is TaskState.RUNNING
    assert machine.suggest('far enough', view(position=(0.4, 0.2, 0.1))).missing == ('moved',)
    feed(machine, view(position=(0.4, 0.22, 0.1)), 1.0, now)
    assert machine.state is TaskState.SUCCEEDED


def test_time_is_counted_anew_in_each_stage():
    wait = Stage(name='wait', terms=(Reach(object='cube'),), completion=(Elapsed(duration=2.0),))
    machine = StageMachine(RewardProgram(subject='cube', stages=(wait, wait)))
    now = feed(machine, view(), 2.0 + DWELL - 0.1, start=100.0)
    assert machine.index == 0
    now = feed(machine, view(), 0.3, now)
    assert machine.index == 1
    now = feed(machine, view(), 1.5, now)
    assert machine.suggest('long enough', view()).missing == ('elapsed',)
    feed(machine, view(), 1.5, now)
    assert machine.state is TaskState.SUCCEEDED


def test_a_gripper_closed_to_push_with_cannot_lose_what_it_does_not_hold():
    reach = Stage(name='go', terms=(Reach(object='cube'),), gripper=GripperIntent.CLOSED,
                  completion=(Reached(keypoint='cube', distance=1.0),))
    machine = StageMachine(RewardProgram(subject='cube', stages=(reach, push('push', 0.2))))
    now = feed(machine, SHUT_ON_NOTHING, 3.0)
    assert machine.index == 1 and machine.retries == 0
    feed(machine, view(0.0, 0.0, (0.4, 0.25, 0.3)), 1.0, now)
    assert machine.state is TaskState.SUCCEEDED


def test_what_was_put_down_cannot_be_lost():
    stages = (*PROGRAM.stages, push('push', 0.2))
    machine = StageMachine(PROGRAM.model_copy(update={'stages': stages}), index=3)
    feed(machine, SHUT_ON_NOTHING, 3.0)
    assert machine.index == 3 and machine.retries == 0


def test_a_lost_grasp_goes_back_to_where_it_was_taken_and_not_to_an_earlier_one():
    second = (
        Stage(name='again', terms=(Grasp(object='cube'),), completion=(Carried(),),
              gripper=GripperIntent.CLOSED),
        *PROGRAM.stages[1:2],
    )
    program = PROGRAM.model_copy(update={'stages': (*PROGRAM.stages, *second)})
    machine = StageMachine(program, index=4)
    feed(machine, SHUT_ON_NOTHING, 0.5)
    assert machine.index == 3 and machine.retries == 1


def pushing(sideways):
    """A machine that waits for the cube to be 8 cm farther along y, having seen it begin."""
    pushed = Displaced(object='cube', direction=(0, 1, 0), distance=0.08, sideways=sideways)
    machine = StageMachine(RewardProgram(subject='cube', stages=(
        Stage(name='push', terms=(Reach(object='cube'),), completion=(pushed,), timeout=20),
    )))
    return machine, feed(machine, SEEN, 0.5)


def cube_at(x, y):
    return observation(box('cube', [x, y, 0.02], kind=ObjectKind.GRASPABLE),
                       box('plate', [0.5, 0.2, 0.006]), subject='cube', target='plate')


def test_what_was_pushed_far_enough_but_crooked_is_given_up_before_the_time_is_up():
    machine, now = pushing(sideways=0.03)
    now = feed(machine, cube_at(0.45, 0.07), 5.0, now)
    assert machine.state is TaskState.RUNNING, 'it may still come back to the line'
    now = feed(machine, cube_at(0.45, 0.09), DWELL - 0.1, now)
    now = feed(machine, cube_at(0.42, 0.07), 1.0, now)
    assert machine.state is TaskState.RUNNING, 'not for long enough to be sure'
    feed(machine, cube_at(0.45, 0.09), DWELL + 0.1, now)
    assert machine.state is TaskState.FAILED


@pytest.mark.parametrize(('sideways', 'cube'), [(None, (0.45, 0.09)), (0.03, (0.42, 0.09))])
def test_what_was_pushed_as_asked_is_done(sideways, cube):
    machine, now = pushing(sideways)
    feed(machine, cube_at(*cube), DWELL + 0.1, now)
    assert machine.state is TaskState.SUCCEEDED
