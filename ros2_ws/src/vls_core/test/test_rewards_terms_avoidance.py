"""Staying clear of one thing, of all obstacles, of what was only seen, and of the table."""

import numpy as np
import torch
from term_examples import BOTTLE, SCENE, evaluate, gradients, line, plan, stand

from vls_core.rewards import program, terms
from vls_core.rewards.esdf import esdf_from_points
from vls_core.rewards.signed_distance import Box
from vls_core.rewards.terms.avoidance import avoid_obstacles, hand_clearance
from vls_core.types import ObjectKind, Scene, SceneObject

AVOID = program.Avoid(object='bottle', margin=0.03)
ALL = program.AvoidObstacles(margin=0.03)
POST = SceneObject('post', ObjectKind.OBSTACLE, np.array([0.6, -0.1, 0.1]), np.full(3, 0.08))


def test_passing_through_an_obstacle_costs_and_passing_over_it_does_not():
    through = line([0.4, -0.1, 0.1], [0.4, 0.4, 0.1])
    over = line([0.4, -0.1, 0.5], [0.4, 0.4, 0.5])
    for term in (AVOID, ALL):
        assert evaluate(term, over) == 0.0
        assert evaluate(term, through) < -0.05


def test_the_obstacle_pushes_away_whatever_is_within_its_margin():
    _, (slopes, *_) = gradients(program.Avoid(object='bottle', margin=0.08),
                                line([0.46, 0.15, 0.1], [0.47, 0.15, 0.1]))
    assert (slopes[0, 1:, 0] >= 0).all() and slopes[0, 1:, 0].sum() > 0


def test_an_obstacle_far_away_costs_nothing_and_pulls_nowhere():
    reward, (slopes, *_) = gradients(AVOID, line([0.3, -0.3, 0.4], [0.3, -0.2, 0.4]))
    assert reward.tolist() == [0.0] and not slopes.any()


def test_a_short_touch_is_not_averaged_away():
    positions = np.tile([0.4, -0.3, 0.3], (17, 1))
    positions[8] = BOTTLE.center
    assert evaluate(AVOID, plan(positions)) < -0.03


def test_all_obstacles_are_the_nearest_of_them_and_nothing_else_counts():
    scene = Scene(0.0, (*SCENE.objects, POST))
    for place in ([0.42, 0.12, 0.1], [0.58, -0.1, 0.1], [0.5, 0.0, 0.02]):
        alone = [evaluate(program.Avoid(object=name, margin=0.03), stand(place), scene).item()
                 for name in ('bottle', 'post')]
        assert evaluate(ALL, stand(place), scene).item() == min(alone)


def test_without_obstacles_there_is_nothing_to_avoid():
    reward, (slopes, *_) = gradients(ALL, stand([0.5, 0, 0.02]), Scene(0.0, SCENE.objects[:2]))
    assert reward.tolist() == [0.0] and not slopes.any()


def test_surroundings_count_as_obstacles_do():
    empty, plans = Scene(0.0, ()), line([0.6, -0.3, 0.1], [0.6, 0.1, 0.1])
    assert avoid_obstacles(ALL, empty, plans) == 0.0
    as_box = avoid_obstacles(ALL, empty, plans, Box(POST.center, POST.extent))
    torch.testing.assert_close(as_box, evaluate(ALL, plans, Scene(0.0, (POST,))))


def test_a_field_of_points_pushes_the_hand_out():
    grid = np.stack(np.meshgrid(*3 * [np.linspace(-0.04, 0.04, 17)]), -1).reshape(-1, 3)
    field = esdf_from_points(POST.center + grid, np.array([0.3, -0.4, 0.0]),
                             np.array([0.8, 0.3, 0.4]), 0.02)
    start = stand(POST.center + [0.05, 0, 0])
    start.positions.requires_grad_(True)
    reward = avoid_obstacles(ALL, Scene(0.0, ()), start, field)
    (slopes,) = torch.autograd.grad(reward.sum(), start.positions)
    assert reward.item() < -0.02 and torch.isfinite(slopes).all()
    assert slopes[0, 1:, 0].sum() > 0.1


def test_clearance_is_measured_from_the_surface_of_the_hand():
    away = stand(BOTTLE.center + [0.3, 0, 0])
    free = terms.clearance('bottle', SCENE, away)
    assert free.shape == (1, 16) and (free < 0.27).all() and (free > 0.15).all()
    torch.testing.assert_close(free, hand_clearance(Box(BOTTLE.center, BOTTLE.extent), away))


def test_below_a_height_the_way_is_up_and_above_it_is_free():
    term = program.StayAbove(height=0.2)
    reward, (slopes, *_) = gradients(term, stand([0.4, 0, 0.1]))
    assert reward.item() < -0.09 and (slopes[0, 1:, 2] > 0).all()
    assert evaluate(term, line([0.4, 0, 0.2], [0.4, 0, 0.5])).item() == 0.0
