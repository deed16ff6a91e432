"""Half of each plan is executed and the next one made: what terms want has to come about.

The plans are as good as gradients make them, without a policy: what stays undone here is the fault
of the reward. What a term asks of one chunk is not always what comes about over many.
"""

from dataclasses import replace

import numpy as np
import torch
from term_examples import BOTTLE, CUBE, HANDLE, SCENE, STEP_DURATION

from vls_core.rewards import program
from vls_core.rewards.check.order import PASSING_DISTANCE
from vls_core.rewards.program import Released, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.stages import DWELL
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

FASTEST = 0.02
"""Of a step, along each axis [m]."""
START = np.array([0.4, -0.05, 0.3])
ALONG_Y = (0.0, 1.0, 0.0)


def best_plan(reward, start, steps=16, iterations=40):
    """(T + 1, 3) by ascent on displacements, a tenth of the largest step at first, then finer."""
    moves = torch.zeros(1, steps, 3, dtype=torch.float64)
    begin = torch.tensor(start).view(1, 1, 3)
    size = 0.1 * FASTEST

    def judge(candidate):
        positions = torch.cat([begin, begin + candidate.cumsum(1)], 1)
        return reward(Trajectory(positions, torch.ones(1, steps + 1).double(), STEP_DURATION))

    for _ in range(iterations):
        leaf = moves.clone().requires_grad_(True)
        value = judge(leaf)
        (slope,) = torch.autograd.grad(value.sum(), leaf)
        ahead = (moves + size * slope / slope.abs().max().clamp_min(1e-12)).clamp(
            -FASTEST, FASTEST)
        if judge(ahead) > value:
            moves, size = ahead, 1.3 * size
        else:
            size *= 0.4
    return torch.cat([begin, begin + moves.cumsum(1)], 1)[0].numpy()


def run(*terms, start=START, chunks=8, scene=SCENE, follows=()):
    """(N, 3) the way of the hand; the objects in `follows` go where it goes."""
    way, stage = [start], Stage(name='s', terms=terms, completion=(Released(),))
    for _ in range(chunks):
        planned = best_plan(StageReward(stage, scene), way[-1])
        way += list(planned[1:9])
        scene = _dragged(scene, follows, planned[8] - planned[0])
    return np.array(way)


def _dragged(scene, names, shift):
    moved = []
    for item in scene.objects:
        if item.name in names:
            points = tuple(replace(point, position=point.position + shift)
                           for point in item.keypoints)
            item = replace(item, center=item.center + shift, keypoints=points)
        moved.append(item)
    return Scene(scene.stamp, tuple(moved))


def distance(way, goal):
    return np.linalg.norm(way[-1] - goal)


def test_points_are_arrived_at():
    for term in (program.ReachPoint(keypoint='drawer.handle'),
                 program.AnchorContact(keypoint='drawer.handle')):
        assert distance(run(term), HANDLE.position) < 0.02


def test_a_waypoint_is_passed_slowly_enough_to_be_noticed():
    way = run(program.Waypoint(keypoint='drawer.handle'))
    near = np.linalg.norm(way - HANDLE.position, axis=1) < PASSING_DISTANCE
    held = np.convolve(near, np.ones(1 + round(DWELL / STEP_DURATION)), 'valid')
    assert held.max() > DWELL / STEP_DURATION


def test_one_of_two_points_is_arrived_at_even_from_nearly_half_way_between():
    term = program.SoftChoice(keypoints=('drawer.handle', 'cube.top'))
    half_way = (HANDLE.position + CUBE.top) / 2
    for share in (-0.02, 0.02):
        start = half_way + share * (HANDLE.position - CUBE.top)
        chosen = HANDLE.position if share > 0 else CUBE.top
        assert distance(run(term, start=start), chosen) < 0.02


def test_displacing_goes_on_for_as_long_as_the_stage_lasts():
    way = run(program.Displace(direction=ALONG_Y, distance=0.1), chunks=4)
    gained = way[::8, 1]
    assert (np.diff(gained) > 0.04).all()
    assert np.abs(way[-1] - START)[[0, 2]].max() < 0.02


def test_a_handle_is_taken_along_its_line_without_losing_it():
    terms = (program.AnchorContact(keypoint='drawer.handle'),
             program.Displace(direction=ALONG_Y, distance=0.1),
             program.StayOnLine(direction=ALONG_Y), program.NoBacktrack(direction=ALONG_Y))
    way = run(*terms, start=HANDLE.position, chunks=4, follows=('drawer',))
    assert way[-1, 1] - HANDLE.position[1] > 0.12
    assert np.abs(way - HANDLE.position)[:, [0, 2]].max() < 0.02


def test_leaving_ends_as_far_away_as_it_should():
    way = run(program.Retract(keypoint='cube', distance=0.15), start=CUBE.center.copy())
    assert distance(way, CUBE.center) >= 0.145


def test_a_speed_limit_slows_down_and_does_not_stop():
    terms = (program.ReachPoint(keypoint='drawer.handle'), program.SpeedLimit(speed=0.1))
    way = run(*terms, chunks=8)
    speeds = np.linalg.norm(np.diff(way, axis=0), axis=1) / STEP_DURATION
    assert distance(way, HANDLE.position) < 0.02
    assert np.median(speeds[:24]) < 0.12


def test_resting_at_the_end_of_each_plan_does_not_keep_from_arriving():
    terms = (program.ReachPoint(keypoint='drawer.handle'), program.Dwell(last_share=0.5))
    way = run(*terms, chunks=8)
    assert distance(way, HANDLE.position) < 0.02
    assert np.linalg.norm(way[-1] - way[-9]) < 0.02


def test_obstacles_and_heights_are_left_when_one_is_inside():
    inside = BOTTLE.center + [0.06, 0.0, 0.0]
    way = run(program.AvoidObstacles(margin=0.03), program.StayAbove(height=0.15), start=inside,
              chunks=4)
    reward = StageReward(Stage(name='s', terms=(program.AvoidObstacles(margin=0.0),),
                               completion=(Released(),)), SCENE)
    there = Trajectory(torch.tensor(way[-1]).expand(1, 17, 3), torch.ones(1, 17).double(),
                       STEP_DURATION)
    assert way[-1, 2] > 0.145 and reward(there).item() > -0.002
