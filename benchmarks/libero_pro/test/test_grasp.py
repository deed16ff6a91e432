"""Grasps hold what they should: across what is narrow, at the rim of what is wide, with air."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from benchmarks.libero_pro.grasp import LOWEST, WIDEST, plan_grasp
from benchmarks.libero_pro.solids import Solid

NOTHING = ()
ANGLES = np.linspace(0.0, 2 * np.pi, 64, endpoint=False)


def box(length, width, height, yaw=0.0, middle=(0.0, 0.0)):
    corners = np.array([
        (x * length / 2, y * width / 2, z) for x in (-1, 1) for y in (-1, 1) for z in (0, height)
    ])
    turn = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    corners[:, :2] = corners[:, :2] @ turn + middle
    return Solid(corners)


def bowl(radius=0.07, height=0.05):
    ring = np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)
    foot = np.column_stack([0.4 * radius * ring, 0 * ANGLES])
    rim = np.column_stack([radius * ring, 0 * ANGLES + height])
    return Solid(np.concatenate([foot, rim]))


@example(0.05859375, 0.1875, 0.125, 3.078125, (0.0, 0.0))  # long, and between two directions
@given(
    some.floats(0.02, 0.06), some.floats(0.08, 0.2), some.floats(0.02, 0.2),
    some.floats(-np.pi, np.pi), some.tuples(some.floats(-0.3, 0.3), some.floats(-0.3, 0.3)),
)
def test_a_box_is_taken_across_its_narrow_side(width, length, height, yaw, middle):
    thing = box(length, width, height, yaw, middle)
    grasp = plan_grasp(thing, NOTHING)
    assert thing.width(grasp.yaw) <= WIDEST
    assert grasp.position[:2] == pytest.approx(np.array(middle), abs=1e-6)
    assert min(LOWEST, height) <= grasp.position[2] <= max(height, LOWEST)
    assert grasp.hanging == pytest.approx(grasp.position[2])


def test_a_bowl_is_taken_at_its_rim_with_the_fingers_on_both_sides_of_the_wall():
    grasp = plan_grasp(bowl(), NOTHING)
    reach = np.linalg.norm(grasp.position[:2])
    assert 0.05 < reach < 0.07
    line = np.array([np.cos(grasp.yaw), np.sin(grasp.yaw)])
    assert abs(line @ grasp.position[:2]) == pytest.approx(reach, rel=1e-3)


def test_a_rim_is_not_taken_where_something_stands():
    free = plan_grasp(bowl(), NOTHING)
    towards = free.position[:2] / np.linalg.norm(free.position[:2])
    post = box(0.01, 0.01, 0.1, middle=0.11 * towards)
    beside = plan_grasp(bowl(), [post])
    assert np.linalg.norm(beside.position - free.position) > 0.02


def test_a_rim_is_taken_where_the_hand_has_room_once_the_bowl_is_put_down():
    journey = np.array([0.3, 0.0, 0.0])
    free = plan_grasp(bowl(), NOTHING, journey)
    side = np.sign(free.position[1])
    cabinet = box(0.2, 0.2, 0.3, middle=(0.3, side * 0.22))
    beside = plan_grasp(bowl(), [cabinet], journey)
    assert side * beside.position[1] < 0.0 or abs(beside.position[0]) > 0.03


@given(some.floats(-np.pi, np.pi))
def test_the_hand_never_turns_by_more_than_a_right_angle(yaw):
    grasp = plan_grasp(box(0.12, 0.04, 0.05, yaw), NOTHING)
    assert -np.pi / 2 <= grasp.yaw < np.pi / 2
