import numpy as np
import pytest
import torch
from planar_plans import plans

from benchmarks.steering.planar import HORIZON, Disc, PlanarTest, make_scene
from benchmarks.steering.planar_reward import LONGEST_STEP, MARGIN, PlanarReward

DISC = Disc(np.array([0.0, 0.5]), 0.2)
REWARD = PlanarReward((0.0, 1.0), DISC)


def bow(width, end=(0.0, 1.0)):
    """A path from the origin that swings out by that much."""
    time = np.linspace(0, 1, HORIZON + 1)
    return np.stack([end[0] * time + width * np.sin(np.pi * time), end[1] * time], -1)


def gradient(reward, plan):
    plan.positions.requires_grad_(True)
    (values,) = torch.autograd.grad(reward(plan).sum(), plan.positions)
    return values


def test_reward_is_zero_exactly_where_nothing_is_missing():
    terms = REWARD.terms(plans([bow(0.3), bow(0.3, (0.1, 1.0)), bow(0.1)]))
    assert terms[0].tolist() == [0.0, 0.0]
    assert terms[1, 0] < -0.08
    assert terms[1, 1] == 0.0
    assert terms[2, 0] == 0.0
    assert terms[2, 1] < -0.05


def test_gradient_at_the_goal_is_finite_and_vanishes():
    assert gradient(REWARD, plans([bow(0.3)])).abs().max() < 1e-6


def test_gradient_at_the_center_of_the_disc_is_finite():
    assert gradient(REWARD, plans([bow(0.0)])).isfinite().all()


def test_gradients_lead_to_the_goal_and_out_of_the_disc():
    to_goal = gradient(PlanarReward((0.0, 1.0)), plans([bow(0.0, (0.2, 1.0))]))
    assert to_goal[0, -1, 0] < 0
    outwards = gradient(REWARD, plans([bow(0.1)]))
    assert outwards[0, :, 0].min() > -1e-6
    assert outwards[0, HORIZON // 2, 0] > 0


def test_particles_do_not_see_each_other():
    batch = plans([bow(0.1), bow(0.2), bow(0.0, (0.3, 0.8))])
    alone = torch.cat([REWARD(batch[index : index + 1]) for index in range(3)])
    torch.testing.assert_close(REWARD(batch), alone)


def test_the_call_is_the_weighted_sum_of_the_terms():
    plan = plans([bow(0.1, (0.2, 0.9))])
    terms = REWARD.terms(plan)[0]
    assert float(REWARD(plan)) == pytest.approx(
        float(REWARD.goal_weight * terms[0] + REWARD.clear_weight * terms[1])
    )


def test_a_disc_that_is_touched_only_between_two_steps_is_noticed():
    path = np.array([[-0.07, 0.0], [0.07, 0.0]])
    narrow = PlanarReward((0.07, 0.0), Disc(np.array([0.0, 0.01]), 0.02))
    assert float(narrow.terms(plans([path]))[0, 1]) < -0.01
    assert not narrow.passes(plans([path]))


def test_the_hard_check_asks_for_free_paths_and_usual_steps_but_for_no_margin():
    tight = bow(DISC.radius + MARGIN / 2)
    jump = bow(0.3)
    jump[12:] += [0.0, LONGEST_STEP]
    passes = REWARD.passes(plans([bow(0.3), tight, bow(0.1), jump, bow(0.3, (0.3, 1.0))]))
    assert passes.tolist() == [True, True, False, False, True]
    assert float(REWARD(plans([tight]))) < 0


@pytest.mark.parametrize('test', PlanarTest)
def test_a_scene_says_what_is_rewarded(test):
    scene = make_scene(test, 0)
    reward = PlanarReward.of(scene)
    assert reward.goal == pytest.approx(tuple(scene.goal))
    assert reward.disc is scene.disc
