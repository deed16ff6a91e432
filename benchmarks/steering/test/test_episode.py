"""Episodes end when their outcome is decided, and say what decided it."""

import pytest

from benchmarks.steering.episode import RECOVERY_TIME, TIME_LIMIT, run_episode
from benchmarks.steering.version import CHECKPOINT
from vls_core.policies.flow import FlowPolicy
from vls_core.steering.planner import UNSTEERED, Planner, PlannerConfig
from vls_core.steering.sampler import Steering
from vls_sim.rig import Rig
from vls_sim.scene_layout import Shift


@pytest.fixture(scope='module')
def play():
    rig, policy = Rig(), FlowPolicy.load(CHECKPOINT)

    def play(shift, seed=0, sampler=UNSTEERED):
        planner = Planner(policy, sampler, PlannerConfig(seed, 8, gate=None))
        return run_episode(rig, planner, seed, shift, 8)

    return play


def test_a_usual_scene_ends_with_the_program(play):
    outcome = play('none')
    assert outcome.success and outcome.ending == 'program done'
    assert not (outcome.collision or outcome.touched or outcome.dropped)
    assert outcome.steered_share == 0.0
    assert outcome.network_evaluations == 10
    assert outcome.chunks == pytest.approx(outcome.duration * 15 / 8, abs=1.0)


def test_a_toppled_obstacle_ends_the_episode(play):
    outcome = play('obstacle')
    assert not outcome.success and outcome.ending == 'obstacle knocked over'
    assert outcome.collision and outcome.touched
    assert outcome.unsafe_share > 0.0, 'the hard check saw it coming'
    assert outcome.duration < TIME_LIMIT / 2


def test_an_object_left_elsewhere_ends_the_episode(play):
    outcome = play('other_target')
    assert not outcome.success and outcome.ending == 'object left elsewhere'
    assert outcome.dropped and not outcome.collision
    assert RECOVERY_TIME < outcome.duration < TIME_LIMIT


def test_the_same_episode_goes_the_same_way_again(play):
    first, second = play('none'), play('none')
    assert (first.duration, first.chunks) == (second.duration, second.chunks)


@pytest.mark.parametrize('shift', Shift)
def test_steered_every_scene_ends_well(play, shift):
    """Regression: a change for grasps made placing fail in every one of one kind of scene."""
    outcome = play(shift, 1000, Steering())
    assert outcome.success and outcome.ending == 'program done'
    assert not (outcome.collision or outcome.dropped)
