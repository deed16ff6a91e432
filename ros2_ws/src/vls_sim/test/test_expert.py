"""The expert succeeds where nothing is in its way, moves smoothly, and recovers by itself."""

from itertools import groupby

import numpy as np
import pytest

from vls_core.types import Observation
from vls_sim.expert import MAXIMUM_ACCELERATION, MAXIMUM_SPEED, Expert, Phase
from vls_sim.rig import CONTROL_PERIOD


def run(rig, seed, shift, push=None, steps=260):
    layout = rig.reset(seed, shift)
    expert = Expert(rig.robot_state().end_effector_position)
    actions = []
    for step in range(steps):
        observation = Observation(rig.robot_state(), rig.scene(), layout.subject, layout.target)
        action = expert.act(observation)
        actions.append(action)
        displacement = np.zeros(3) if push is None else push(step)
        expert.disturb(displacement)
        rig.step(action.position + displacement, action.gripper)
        if action.phase is Phase.RETREAT and action.at_rest:
            break
    return actions


@pytest.mark.parametrize('seed, shift', [
    (1, 'none'), (2, 'moved_object'), (3, 'moved_target'), (4, 'other_target')
])
def test_the_expert_succeeds_without_an_obstacle(rig, seed, shift):
    run(rig, seed, shift)
    assert rig.score().success


def test_the_straight_way_of_the_expert_runs_into_the_bottle(rig):
    run(rig, 0, 'obstacle', steps=80)
    assert rig.score().obstacle_upset


def test_targets_are_smooth_and_the_phases_come_in_order(rig):
    actions = run(rig, 5, 'none')
    path = np.array([action.position for action in actions])
    velocity = np.diff(path, axis=0) / CONTROL_PERIOD
    acceleration = np.diff(velocity, axis=0) / CONTROL_PERIOD
    assert np.linalg.norm(velocity, axis=1).max() <= MAXIMUM_SPEED + 1e-6
    assert np.linalg.norm(acceleration, axis=1).max() <= MAXIMUM_ACCELERATION + 1e-6
    phases = [phase for phase, _ in groupby(action.phase for action in actions)]
    assert phases == list(Phase)


def test_a_pushed_arm_still_succeeds(rig):
    def push(step):
        return np.array([0.012, -0.012, 0.004]) if step in range(8, 12) else np.zeros(3)

    run(rig, 7, 'none', push)
    assert rig.score().success


def test_an_object_that_was_never_grasped_is_fetched_again(rig):
    """The cube is taken away at the first grasp: the expert opens and goes where it now is."""
    layout = rig.reset(8, 'none')
    expert, taken = Expert(rig.robot_state().end_effector_position), False
    for _ in range(260):
        observation = Observation(rig.robot_state(), rig.scene(), layout.subject, layout.target)
        action = expert.act(observation)
        if action.phase is Phase.GRASP and not taken:
            address, taken = rig.model.joint(layout.subject).qposadr[0], True
            rig.data.qpos[address : address + 2] = [0.50, 0.0]
        rig.step(action.position, action.gripper)
        if action.phase is Phase.RETREAT and action.at_rest:
            break
    assert taken and rig.score().success
