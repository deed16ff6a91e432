"""Rewards that keep clear of an obstacle pass; all others are told why not."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged
from vls_core.rewards.verification.obstacle import keeps_clear
from vls_core.rewards.verification.report import Check, Verdict

NAMES = ('bottle', 'bottle.top', 'vase', 'plate')
FIRST = as_tensors(invented(NAMES, 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1))


def distances(points, trajectory, name='bottle'):
    offset = trajectory.positions[:, 1:] - points[name]
    return (offset.square().sum(-1) + 1e-8).sqrt()


def margin(points, trajectory, name='bottle', size=0.12):
    return torch.relu(size - distances(points, trajectory, name))


def column(points, trajectory):
    level = trajectory.positions[:, 1:, :2] - points['bottle'][:2]
    return -torch.relu(0.1 - (level.square().sum(-1) + 1e-8).sqrt()).amax(1)


RIGHT = {
    'worst step': lambda p, t: -margin(p, t).amax(1),
    'mean': lambda p, t: -margin(p, t).mean(1),
    'smooth': lambda p, t: -torch.exp(-distances(p, t).square() / 0.01).mean(1),
    'column': column,
    'two obstacles': lambda p, t: -margin(p, t).amax(1) - margin(p, t, 'vase').amax(1),
    'and a goal': lambda p, t: -distances(p, t, 'plate').mean(1) - 3 * margin(p, t).amax(1),
}
WRONG = {
    'flipped': (lambda p, t: margin(p, t).amax(1), 'sign'),
    'attracted': (lambda p, t: -torch.relu(distances(p, t) - 0.1).mean(1), 'sign'),
    'another obstacle': (lambda p, t: -margin(p, t, 'vase').amax(1), 'moved out'),
    'nothing': (lambda p, t: -distances(p, t, 'plate').mean(1), 'moved out'),
    'end only': (lambda p, t: -margin(p, t)[:, -1], 'path through'),
    'without end': (lambda p, t: -torch.relu(3 - distances(p, t)).mean(1), 'still punishes'),
    'a shell': (
        lambda p, t: -torch.relu(0.04 - (distances(p, t) - 0.1).abs()).mean(1)
        - 0.01 * margin(p, t, size=0.05).mean(1), ''),
}


@pytest.mark.parametrize('name', RIGHT)
def test_right_rewards_pass(name):
    found = keeps_clear(RIGHT[name], 'bottle', LAYOUTS, NAMES, 0)
    assert found.verdict is Verdict.PASSED, found.text


@pytest.mark.parametrize('name', WRONG)
def test_wrong_rewards_fail(name):
    judge, word = WRONG[name]
    found = keeps_clear(judge, 'bottle', LAYOUTS, NAMES, 0)
    assert (found.check, found.verdict) == (Check.OBSTACLE, Verdict.FAILED)
    assert word in found.text


OVERLOOKING = {
    'a hole': lambda p, t: -margin(p, t).mean(1) + margin(p, t)[:, 2] * 0.055,
    'first half': lambda p, t: -margin(p, t)[:, :8].mean(1),
    'later steps': lambda p, t: -margin(p, t)[:, 8:].mean(1),
    'every fourth': lambda p, t: -margin(p, t)[:, ::4].mean(1),
    'middle step': lambda p, t: -margin(p, t)[:, 8],
    'mean position': lambda p, t: -torch.relu(
        0.15 - (t.positions.mean(1) - p['bottle']).norm(dim=-1)),
}


@pytest.mark.parametrize('name', OVERLOOKING)
def test_every_step_has_to_count(name):
    found = keeps_clear(OVERLOOKING[name], 'bottle', LAYOUTS, NAMES, 0)
    assert found.verdict is Verdict.FAILED
    assert 'step' in found.text


def test_a_margin_within_the_thing_is_too_small():
    found = keeps_clear(lambda p, t: -margin(p, t, size=0.03).mean(1), 'bottle', LAYOUTS, NAMES, 0)
    assert found.verdict is Verdict.FAILED
    assert 'margin' in found.text
