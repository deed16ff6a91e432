from dataclasses import replace

import numpy as np
import pytest
import torch
from two_way_policy import box, observation

from vls_core.rewards.program import (
    Avoid,
    Code,
    Reach,
    ReachPoint,
    Released,
    Retract,
    SoftChoice,
    Stage,
    Waypoint,
)
from vls_core.steering.gate import Gate, GateConfig
from vls_core.steering.result import SteeredChunk
from vls_core.trajectory import Trajectory
from vls_core.types import Keypoint, ObjectKind

CONFIG = GateConfig(patience=3, pause=2)
STAGE = Stage(name='go', terms=(Reach(object='goal'), Avoid(object='post')),
              completion=(Released(),))


def scene(goal=0.0, post=0.0):
    """Goal and post, known to so many metres."""
    def known(item, deviation):
        keypoint = Keypoint('center', item.center, np.eye(3) * deviation**2)
        return replace(item, keypoints=(keypoint,))

    objects = (known(box('goal', [0.5, 0, 0]), goal),
               known(box('post', [0.5, 0.2, 0], kind=ObjectKind.OBSTACLE), post))
    return observation(*objects).scene


def chunk(reward=-0.1, strength=1.0, saturation=1.0):
    plan = Trajectory(torch.zeros(1, 2, 3), torch.zeros(1, 2), 0.1)
    return SteeredChunk(plan, reward, (reward,), strength, '', saturation=saturation)


def test_a_goal_that_is_well_known_is_steered_to():
    assert Gate(CONFIG).decide(0, STAGE, scene(goal=0.005)).steer


def test_a_goal_that_is_hardly_known_is_not_and_the_reason_names_it():
    decision = Gate(CONFIG).decide(0, STAGE, scene(goal=0.04))
    assert not decision.steer and 'goal' in decision.reason and '4.0 cm' in decision.reason


def test_an_obstacle_is_avoided_however_vaguely_it_is_known():
    assert Gate(CONFIG).decide(0, STAGE, scene(post=0.2)).steer


def test_straining_without_gain_pauses_steering_and_then_tries_again():
    gate = Gate(CONFIG)
    steered = []
    for _ in range(9):
        decision = gate.decide(0, STAGE, scene())
        steered.append(decision.steer)
        gate.record(0, chunk(strength=float(decision.steer)))
    # The first chunk of a stage always counts as a gain.
    assert steered == [True] * 4 + [False] * 2 + [True] * 3


def test_gaining_keeps_steering_on_however_much_it_strains():
    gate = Gate(CONFIG)
    for number in range(10):
        assert gate.decide(0, STAGE, scene()).steer
        gate.record(0, chunk(reward=-0.5 + 0.04 * number))


def test_a_new_stage_starts_afresh():
    gate = Gate(CONFIG)
    for _ in range(4):
        gate.record(0, chunk())
    assert not gate.decide(0, STAGE, scene()).steer
    assert gate.decide(1, STAGE, scene()).steer


def mug(handle, rim):
    """A mug whose handle and rim are known to so many metres."""
    item = box('mug', [0.5, 0, 0.05])
    points = tuple(Keypoint(name, item.center, np.eye(3) * deviation**2)
                   for name, deviation in (('handle', handle), ('rim', rim)))
    return observation(replace(item, keypoints=points)).scene


def going(term):
    return Stage(name='go', terms=(term,), completion=(Released(),))


@pytest.mark.parametrize('term', [
    ReachPoint(keypoint='mug.handle'), Waypoint(keypoint='mug.handle'),
    SoftChoice(keypoints=('mug.handle', 'mug.handle')),
    Code(name='c', source='def f(keypoints, trajectory): ...', goal='mug.handle'),
])
def test_of_a_goal_that_is_a_point_it_is_the_point_that_must_be_known(term):
    assert Gate(CONFIG).decide(0, going(term), mug(handle=0.005, rim=0.04)).steer
    decision = Gate(CONFIG).decide(0, going(term), mug(handle=0.04, rim=0.005))
    assert not decision.steer and 'mug.handle' in decision.reason


def test_of_a_goal_without_a_measure_of_its_own_the_whole_object_must_be_known():
    assert not Gate(CONFIG).decide(0, going(ReachPoint(keypoint='mug.top')), mug(0.0, 0.04)).steer


def test_what_is_only_left_may_be_known_vaguely():
    assert Gate(CONFIG).decide(0, going(Retract(keypoint='mug.handle')), mug(0.2, 0.2)).steer
