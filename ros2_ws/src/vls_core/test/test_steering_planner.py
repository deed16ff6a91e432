from dataclasses import replace

import numpy as np
import pytest
import torch
from two_way_policy import LEFT_END, TwoWayPolicy, box, observation

from vls_core.rewards.goals import stays_clear_of
from vls_core.rewards.program import Above, Code, Grasp, Grasped, Reach, RewardProgram, Stage
from vls_core.rewards.stage_reward import CodeEvaluatorMissingError, CodeUnavailableError
from vls_core.steering.config import SteeringConfig
from vls_core.steering.planner import Planner, PlannerConfig
from vls_core.steering.sampler import Steering
from vls_core.steering.stages import TaskState
from vls_core.steering.task import Task
from vls_core.types import ObjectKind, UnknownObjectError

PROGRAM = RewardProgram(subject='goal', target='goal', stages=(
    Stage(name='go', terms=(Reach(object='goal'),), completion=(Above(object='goal'),)),
))
CODED = RewardProgram(subject='goal', target='goal', stages=(
    Stage(name='go', terms=(Reach(object='goal'), Code(name='closer', source='-', goal='goal')),
          completion=(Above(object='goal'),)),
))
SEEN = observation(box('goal', LEFT_END - [0, 0, 0.02]))


class HalfOpenPolicy(TwoWayPolicy):
    """Asks for a gripper that is neither open nor closed."""

    def __init__(self):
        super().__init__()
        self.means[..., 3] = 0.5


def planner(policy=None, **kwargs):
    made = Planner(policy or TwoWayPolicy(), config=PlannerConfig(**kwargs))
    made.begin(Task(PROGRAM, 'p1', steer=True))
    return made


def robot(stamp, **changes):
    return replace(SEEN.robot, stamp=stamp, **changes)


def test_nothing_is_due_without_a_task_or_before_an_observation():
    idle = Planner(TwoWayPolicy())
    idle.observe(robot(0.0), SEEN.scene)
    assert not idle.due and idle.state is None
    assert not planner().due


def test_the_next_chunk_is_due_when_enough_of_the_last_one_is():
    working = planner(replan_steps=8)
    working.observe(robot(0.0), SEEN.scene)
    assert working.due
    working.plan()
    working.observe(robot(7.9 / 15), SEEN.scene)
    assert not working.due
    working.observe(robot(8.0 / 15), SEEN.scene)
    assert working.due


def test_chunks_are_numbered_stamped_and_start_at_the_hand():
    working = planner()
    working.observe(robot(3.0), SEEN.scene)
    first, second = working.plan().chunk, working.plan().chunk
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.observation_time == 3.0 and first.horizon == 16
    step = np.linalg.norm(first.targets[0, :3] - SEEN.robot.end_effector_position)
    assert step < 0.03


@pytest.mark.parametrize(('latency', 'kept'), [(0.0, 2), (0.4, 6), (9.0, 8)])
def test_what_is_executed_while_the_next_chunk_is_planned_is_kept(latency, kept):
    working = planner(committed_steps=2)
    working.observe(robot(0.0), SEEN.scene)
    first = working.plan().chunk
    half_way = first.targets[7, :3]
    working.observe(robot(8 * first.step_duration, end_effector_position=half_way), SEEN.scene)
    second = working.plan(latency).chunk
    np.testing.assert_allclose(
        second.targets[:kept, :3], first.targets[8 : 8 + kept, :3], atol=1e-4
    )


def test_unsteered_tasks_say_so_and_do_not_name_the_program():
    working = Planner(TwoWayPolicy())
    working.begin(Task(PROGRAM, 'p1', steer=False))
    working.observe(robot(0.0), SEEN.scene)
    planned = working.plan()
    assert planned.chunk.program_id == '' and planned.steering.strength == 0.0
    assert 'switched off' in planned.steering.reason


def test_a_reached_goal_ends_the_task():
    working = planner()
    there = {'end_effector_position': LEFT_END}
    for step in range(10):
        working.observe(robot(0.1 * step, **there), SEEN.scene)
    assert working.state is TaskState.SUCCEEDED and not working.due


def test_an_object_that_left_the_scene_is_an_error_not_a_guess():
    working = planner()
    with pytest.raises(UnknownObjectError):
        for step in range(3):
            working.observe(robot(0.1 * step), replace(SEEN.scene, objects=()))


def test_nothing_is_planned_in_a_scene_that_lacks_an_object():
    working = planner()
    with pytest.raises(UnknownObjectError):
        working.observe(robot(0.0), replace(SEEN.scene, objects=()))
    assert not working.due
    working.observe(robot(0.1), SEEN.scene)
    assert working.due


def test_a_half_open_command_keeps_the_gripper_as_it_is():
    working = Planner(HalfOpenPolicy(), Steering(SteeringConfig(rungs=(0.0,))))
    working.begin(Task(PROGRAM, 'p1', steer=True))
    closed = {'gripper_width': 0.0}
    working.observe(robot(0.0, **closed), SEEN.scene)
    working.plan()
    working.observe(robot(0.5, **closed), SEEN.scene)
    assert working._observation.gripper_command == 0.0


GRASPING = RewardProgram(subject='goal', target='goal', stages=(
    Stage(name='take', terms=(Grasp(object='goal'),), completion=(Grasped(),)),
))


@pytest.mark.parametrize(('widths', 'state'), [
    ([0.05, 0.04, 0.03, 0.02, 0.015, 0.012], TaskState.RUNNING),
    ([0.04] * 6, TaskState.SUCCEEDED),
    ([0.005] * 6, TaskState.RUNNING),
])
def test_something_is_held_once_it_has_stopped_the_fingers(widths, state):
    working = Planner(TwoWayPolicy())
    working.begin(Task(GRASPING, 'p1', steer=True))
    for number, width in enumerate(widths):
        working.observe(robot(0.1 * number, gripper_width=width), SEEN.scene)
    assert working.state is state


def test_how_thin_a_thing_may_be_that_is_held_can_be_said():
    working = Planner(TwoWayPolicy(), config=PlannerConfig(held_width=(0.003, 0.07)))
    working.begin(Task(GRASPING, 'p1', steer=True))
    for number in range(6):
        working.observe(robot(0.1 * number, gripper_width=0.005), SEEN.scene)
    assert working.state is TaskState.SUCCEEDED


def test_the_same_task_twice_gives_the_same_chunks():
    working = planner()
    working.observe(robot(0.0), SEEN.scene)
    first = working.plan().chunk.targets
    working.begin(Task(PROGRAM, 'p2', steer=True))
    working.observe(robot(0.0), SEEN.scene)
    np.testing.assert_array_equal(first, working.plan().chunk.targets)


class Evaluator:
    """Evaluates code terms as minus the distance to the goal, as long as it is able to."""

    able = True

    def __call__(self, term, scene, trajectory):
        if not self.able:
            raise CodeUnavailableError('the worker is not ready')
        goal = torch.tensor(scene[term.goal].center).to(trajectory.positions)
        return -(trajectory.positions[:, -1] - goal).norm(dim=1)


def coded(steer=True):
    evaluator = Evaluator()
    working = Planner(TwoWayPolicy(), code=evaluator)
    working.begin(Task(CODED, 'p1', steer))
    working.observe(robot(0.0), SEEN.scene)
    return working, evaluator


def test_terms_in_code_steer_like_the_others():
    working, _ = coded()
    planned = working.plan()
    assert planned.term_names == ('reach goal', 'closer')
    assert planned.steering.strength > 0
    assert all(value <= 0 for value in planned.steering.term_rewards)


def test_while_code_cannot_be_evaluated_the_other_terms_steer_and_it_says_why():
    working, evaluator = coded()
    evaluator.able = False
    planned = working.plan()
    alone = planner()
    alone.observe(robot(0.0), SEEN.scene)
    assert planned.steering.strength > 0
    np.testing.assert_allclose(planned.chunk.targets, alone.plan().chunk.targets)
    assert planned.chunk.program_id == 'p1'
    assert 'without the terms in code: the worker is not ready' in planned.steering.reason
    known, unknown = planned.steering.term_rewards
    assert np.isnan(unknown)
    assert known == pytest.approx(planned.steering.reward)


def test_while_code_cannot_be_evaluated_an_unsteered_task_stays_unsteered():
    working, evaluator = coded(steer=False)
    evaluator.able = False
    planned = working.plan()
    assert planned.steering.strength == 0.0
    assert 'switched off' in planned.steering.reason


def test_a_stage_of_nothing_but_code_that_cannot_be_evaluated_is_unsteered_and_says_so():
    stage = CODED.stages[0]
    only = CODED.model_copy(update={
        'stages': (stage.model_copy(update={'terms': stage.terms[1:]}),)
    })
    evaluator = Evaluator()
    evaluator.able = False
    working = Planner(TwoWayPolicy(), code=evaluator)
    working.begin(Task(only, 'p1', steer=True))
    working.observe(robot(0.0), SEEN.scene)
    planned = working.plan()
    assert planned.steering.strength == 0.0
    assert planned.chunk.program_id == ''
    assert 'the worker is not ready; unsteered' in planned.steering.reason
    assert np.isnan(planned.steering.term_rewards[0])


def test_what_code_declares_as_its_obstacle_is_avoided_while_it_cannot_be_evaluated():
    term = Code(name='clear', source='-', obstacle='wall')
    stage = CODED.stages[0]
    program = CODED.model_copy(update={
        'stages': (stage.model_copy(update={'terms': (stage.terms[0], term)}),)
    })
    wall = replace(box('wall', LEFT_END + [0, 0, 0.5]), kind=ObjectKind.OBSTACLE)
    scene = replace(SEEN.scene, objects=(*SEEN.scene.objects, wall))
    evaluator = Evaluator()
    evaluator.able = False
    checked = []
    working = Planner(
        TwoWayPolicy(), lambda policy, seen, reward, *rest: checked.append(reward) or Steering()(
            policy, seen, reward, *rest), code=evaluator)
    working.begin(Task(program, 'p1', steer=True))
    working.observe(robot(0.0), scene)
    working.plan()
    assert stays_clear_of(checked[-1].stage, scene) == ('wall',)


def test_rewards_with_and_without_code_are_not_compared():
    rewards, progress = iter((-2.0, -1.0, -1.0, -1.0)), []

    def sampler(policy, seen, reward, generator, previous):
        chunk = Steering()(policy, seen, reward, generator, previous)
        progress.append(previous.progress if previous else None)
        return replace(chunk, reward=next(rewards))

    evaluator = Evaluator()
    working = Planner(TwoWayPolicy(), sampler, code=evaluator)
    working.begin(Task(CODED, 'p1', steer=True))
    working.observe(robot(0.0), SEEN.scene)
    for able in (True, True, True, False):
        evaluator.able = able
        working.plan()
    assert progress == [None, 0.0, 0.5, 0.0]


def test_code_that_can_be_evaluated_again_steers_again():
    working, evaluator = coded()
    evaluator.able = False
    working.plan()
    evaluator.able = True
    working.observe(robot(1.0), SEEN.scene)
    assert working.plan().steering.strength > 0


def test_a_belief_that_the_stage_is_over_is_answered_and_moves_nothing():
    working = planner()
    assert working.suggest('it looks so') is None
    working.observe(robot(0.0), SEEN.scene)
    answer = working.suggest('it looks so')
    assert (answer.stage, answer.reason, answer.missing) == (0, 'it looks so', ('above',))
    assert working.machine.index == 0


def test_a_task_with_code_and_nothing_to_run_it_is_refused_before_it_begins():
    planner = Planner(TwoWayPolicy())
    with pytest.raises(CodeEvaluatorMissingError):
        planner.begin(Task(CODED, 'p1', steer=True))
    assert planner.task is None and not planner.due
