"""The reward of a stage: its terms, weighted; the hard check; and terms in code handed on."""

import numpy as np
import pytest
import torch
from term_examples import BOTTLE, SCENE, evaluate, line, stand, wander

from vls_core.rewards.program import (
    Avoid,
    AvoidObstacles,
    Code,
    GripperIntent,
    Lift,
    Reach,
    Released,
    Stage,
    StayAbove,
)
from vls_core.rewards.signed_distance import Box
from vls_core.rewards.stage_reward import CodeEvaluatorMissingError, StageReward
from vls_core.types import Grip, ObjectKind, Scene, SceneObject

SOURCE = 'def f(keypoints, trajectory): ...'
CODE = Code(name='stay low', source=SOURCE, goal='cube', weight=3.0)
THROUGH = line([0.4, -0.1, 0.1], [0.4, 0.4, 0.1])
BESIDE = line([0.6, -0.1, 0.1], [0.6, 0.4, 0.1])
UNSEEN = Box(np.array([0.6, 0.1, 0.1]), np.full(3, 0.1))


def stage(*terms):
    return Stage(name='go', terms=terms, completion=(Released(),))


def height(term, scene, trajectory):
    """Plays the evaluator: the code would say, stay low."""
    assert term is CODE and scene is SCENE
    return -trajectory.positions[:, 1:, 2].mean(1)


def test_the_reward_is_the_weighted_sum_of_its_terms():
    parts = (Reach(object='cube', weight=2.0), StayAbove(height=0.2, weight=0.5))
    reward, plans = StageReward(stage(*parts), SCENE), wander(0)
    expected = sum(part.weight * evaluate(part, plans) for part in parts)
    torch.testing.assert_close(reward(plans), expected)
    torch.testing.assert_close(reward.terms(plans)[:, 1], evaluate(parts[1], plans))


@pytest.mark.parametrize(('grip', 'intent', 'passes'), [
    (Grip.HOLDING, GripperIntent.CLOSED, [True, False]),
    (Grip.HOLDING, GripperIntent.OPEN, [True, True]),
    (Grip.OPEN, GripperIntent.CLOSED, [True, True]),
    (Grip.EMPTY, GripperIntent.CLOSED, [True, True]),
], ids=['carrying', 'letting go', 'on the way', 'after a miss'])
def test_what_a_stage_is_to_keep_must_not_be_dropped_by_any_step(grip, intent, passes):
    opening = stand([0.4, 0.1, 0.2], 0.0).gripper.clone()
    opening[:, -1] = 0.9
    plans = wander(0, particles=2)
    plans.gripper[:] = torch.cat([torch.zeros_like(opening), opening])
    keep = Stage(name='carry', terms=(Lift(),), completion=(Released(),), gripper=intent)
    assert StageReward(keep, SCENE, grip=grip).passes(plans).tolist() == passes


def test_terms_in_code_are_handed_to_the_evaluator_and_count_like_any_other():
    reward, plans = StageReward(stage(Reach(object='cube'), CODE), SCENE, code=height), wander(1)
    torch.testing.assert_close(reward.terms(plans)[:, 1], -plans.positions[:, 1:, 2].mean(1))
    torch.testing.assert_close(
        reward(plans), reward.terms(plans)[:, 0] + 3.0 * reward.terms(plans)[:, 1]
    )
    assert reward.term_names == ('reach cube', 'stay low')


def test_gradients_come_back_from_code():
    plans = wander(2)
    plans.positions.requires_grad_(True)
    StageReward(stage(CODE), SCENE, code=height)(plans).sum().backward()
    assert (plans.positions.grad[:, 1:, 2] < 0).all()


def test_code_without_an_evaluator_is_refused_before_anything_is_planned():
    with pytest.raises(CodeEvaluatorMissingError, match='"go": "stay low"'):
        StageReward(stage(Reach(object='cube'), CODE), SCENE)


@pytest.mark.parametrize('term', [
    Avoid(object='bottle'), AvoidObstacles(),
    Code(name='around', source=SOURCE, obstacle='bottle'),
])
def test_plans_through_what_is_to_be_avoided_do_not_pass_however_it_is_said(term):
    reward = StageReward(stage(Lift(), term), SCENE, code=height)
    assert not reward.passes(THROUGH) and reward.collides(THROUGH)
    assert reward.passes(BESIDE) and not reward.collides(BESIDE)


def test_every_obstacle_counts_and_nothing_else_does():
    post = SceneObject('post', ObjectKind.OBSTACLE, np.array([0.6, 0.1, 0.1]), np.full(3, 0.1))
    block = SceneObject('block', ObjectKind.SURFACE, post.center, post.extent)
    for extra, passing in ((post, False), (block, True)):
        scene = Scene(0.0, (BOTTLE, extra))
        reward = StageReward(stage(AvoidObstacles()), scene)
        assert reward.passes(BESIDE).item() is passing


def test_without_anything_to_avoid_plans_only_have_to_stay_in_the_workspace():
    reward = StageReward(stage(Lift()), SCENE)
    assert reward.passes(THROUGH)
    assert not reward.passes(stand([1.2, 0.0, 0.3]))


def test_surroundings_count_where_obstacles_are_avoided_and_only_there():
    for term, passing in ((AvoidObstacles(), False), (Avoid(object='bottle'), True)):
        reward = StageReward(stage(term), SCENE, surroundings=UNSEEN)
        assert reward.passes(BESIDE).item() is passing
        assert (reward(BESIDE).item() == 0.0) is passing
