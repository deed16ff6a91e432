"""Episodes are judged by the physics, refusals are no episodes, and repeating changes nothing."""

import pytest
import torch

from benchmarks.offline_author.episode import play
from benchmarks.offline_author.tasks import TASKS, Task
from benchmarks.steering.version import CHECKPOINT
from vls_core.policies.flow import FlowPolicy
from vls_core.steering.planner import Planner, PlannerConfig
from vls_sim.rig import Rig

torch.set_num_threads(1)
LIFT = next(task for task in TASKS if task.name == 'lift')


@pytest.fixture(scope='module')
def episode():
    rig, policy = Rig(), FlowPolicy.load(CHECKPOINT)

    def episode(task, steer, seed=0):
        return play(rig, Planner(policy, config=PlannerConfig(seed, 8)), task, seed, steer)

    return episode


def test_steered_it_holds_up_what_unsteered_it_puts_down(episode):
    steered, alone = episode(LIFT, True), episode(LIFT, False)
    assert steered.success and steered.claimed and steered.ending == 'program done'
    assert steered.displacement[2] > 150
    assert not alone.success and not alone.claimed and alone.ending == 'program given up'
    assert alone.stage == 'lift the red cube'


def test_the_physics_decides_whatever_the_program_says(episode):
    outcomes = []

    def never(outcome):
        outcomes.append(outcome)
        return False

    ended = episode(Task('never', LIFT.sentence, LIFT.subject, never), True)
    assert ended.claimed and not ended.success
    (outcome,) = outcomes
    assert outcome.after['red cube'][2] > outcome.before['red cube'][2] + 0.15
    assert not outcome.released


def test_what_the_rules_refuse_is_not_played(episode):
    refused = episode(Task('shelf', 'put the red cube on the shelf', 'red cube', LIFT.done), True)
    assert refused.ending == 'refused' and 'shelf' in refused.stage
    assert not refused.success and refused.duration == 0.0


def test_the_same_episode_goes_the_same_way_again(episode):
    assert episode(LIFT, True) == episode(LIFT, True)
