"""Rewards that lead to their goal pass, in whatever way; all others are told why not."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.goal_check import leads_to_goal
from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged
from vls_core.rewards.verification.report import Check, Verdict

NAMES = ('mug', 'mug.handle', 'plate', 'bottle')
FIRST = as_tensors(invented(NAMES, 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1), rearranged(FIRST, 2))
UP = torch.tensor([0.0, 0.0, 0.1])


def outcome(judge, goal):
    return leads_to_goal(judge, goal, LAYOUTS, NAMES, 0)


def distances(points, trajectory, name='mug', offset=None):
    goal = points[name] if offset is None else points[name] + offset
    return ((trajectory.positions[:, 1:] - goal).square().sum(-1) + 1e-8).sqrt()


def gated_grasp(points, trajectory):
    far = distances(points, trajectory)
    near = torch.exp(-(far / 0.03) ** 2)
    grip = trajectory.gripper[:, 1:]
    return -far.mean(1) - 0.05 * (near * grip + (1 - near) * (1 - grip)).mean(1)


RIGHT = {
    'mean': (lambda p, t: -distances(p, t).mean(1), Goal('mug')),
    'end': (lambda p, t: -distances(p, t)[:, -1], Goal('mug')),
    'squared': (lambda p, t: -distances(p, t).square().mean(1), Goal('mug')),
    'some time': (lambda p, t: -distances(p, t).amin(1), Goal('mug')),
    'above': (lambda p, t: -distances(p, t, offset=UP).mean(1), Goal('mug', (0, 0, 0.1))),
    'floor': (
        lambda p, t: -torch.relu(p['plate'][2] + 0.1 - t.positions[:, 1:, 2]).mean(1),
        Goal('plate', (0, 0, 0.1)),
    ),
    'choice': (
        lambda p, t: -torch.minimum(
            distances(p, t)[:, -1], distances(p, t, 'plate')[:, -1]), Goal('plate'),
    ),
    'by way of the plate': (
        lambda p, t: -distances(p, t)[:, -1] - 0.5 * distances(p, t, 'plate', UP).amin(1),
        Goal('mug'),
    ),
    'gripper': (gated_grasp, Goal('mug')),
    'clear of the bottle': (
        lambda p, t: -distances(p, t).mean(1)
        - 4 * torch.relu(0.1 - distances(p, t, 'bottle')).amax(1), Goal('mug'),
    ),
}


@pytest.mark.parametrize('name', RIGHT)
def test_right_rewards_pass(name):
    judge, goal = RIGHT[name]
    found = outcome(judge, goal)
    assert found.verdict is not Verdict.FAILED, found.text


WRONG = {
    'flipped': (lambda p, t: distances(p, t).mean(1), Goal('mug'), 'better'),
    'flees': (lambda p, t: -torch.exp(-distances(p, t)[:, -1]), Goal('mug'), 'better'),
    'another object': (lambda p, t: -distances(p, t, 'plate').mean(1), Goal('mug'), 'moved'),
    'another keypoint': (
        lambda p, t: -distances(p, t, 'mug.handle').mean(1), Goal('mug'), 'mug.handle'),
    'another offset': (
        lambda p, t: -distances(p, t, offset=2.5 * UP).mean(1), Goal('mug', (0, 0, 0.1)), 'm'),
    'slightly another offset': (
        lambda p, t: -distances(p, t, offset=0.45 * UP).mean(1), Goal('mug'), 'best place'),
    'a place': (
        lambda p, t: -(t.positions[:, -1] - FIRST['mug']).norm(dim=1), Goal('mug'), 'moved'),
    'unattainable': (lambda p, t: -distances(p, t).mean(1) - 2, Goal('mug'), 'must be 0'),
    'impossible gripper': (
        lambda p, t: -distances(p, t).mean(1) - (t.gripper[:, -1] - 2).abs() / 10, Goal('mug'),
        'gripper'),
    'between two': (
        lambda p, t: -(distances(p, t) + distances(p, t, 'plate')).mean(1), Goal('mug'), ''),
}


@pytest.mark.parametrize('name', WRONG)
def test_wrong_rewards_fail(name):
    judge, goal, word = WRONG[name]
    found = outcome(judge, goal)
    assert (found.check, found.verdict) == (Check.GOAL, Verdict.FAILED)
    assert word in found.text


def test_a_reward_right_by_coincidence_is_found_out_elsewhere():
    def plate_at_first(points, trajectory):
        offset = FIRST['mug'] - FIRST['plate']
        return -distances(points, trajectory, 'plate', offset).mean(1)

    first = leads_to_goal(
        lambda p, t: plate_at_first(p, t) - 1e-2 * distances(p, t).mean(1), Goal('mug'),
        LAYOUTS[:1], NAMES, 0,
    )
    assert first.verdict is not Verdict.FAILED
    assert outcome(plate_at_first, Goal('mug')).verdict is Verdict.FAILED


def test_a_goal_says_where_it_is():
    goal = Goal('plate', (0.0, 0.1, -0.02))
    assert torch.allclose(goal.place(FIRST), FIRST['plate'] + torch.tensor([0, 0.1, -0.02]))
    assert str(goal) == '"plate" + (0, 0.1, -0.02)'
    assert str(Goal('plate')) == '"plate"'
