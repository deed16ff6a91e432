"""What is as good elsewhere as at its goal is told from what is best there."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification.distinction import distinguishes
from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged
from vls_core.rewards.verification.report import Check, Verdict

NAMES = ('mug', 'plate', 'bottle')
FIRST = as_tensors(invented(NAMES, 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1), rearranged(FIRST, 2))
MUG = Goal('mug')


def found(judge, **more):
    return distinguishes(judge, MUG, LAYOUTS, NAMES, 0, **more)


def offsets(points, trajectory, name='mug'):
    return trajectory.positions[:, 1:] - points[name]


def distances(points, trajectory, name='mug'):
    return (offsets(points, trajectory, name).square().sum(-1) + 1e-8).sqrt()


@pytest.mark.parametrize('right', [
    lambda p, t: -distances(p, t).mean(1),
    lambda p, t: -distances(p, t).square().mean(1),
    lambda p, t: -distances(p, t)[:, -1],
    lambda p, t: -distances(p, t).amin(1),
    lambda p, t: -offsets(p, t).abs().sum(-1).mean(1),
])
def test_nothing_is_said_of_what_is_best_at_its_goal(right):
    assert found(right) == []


@pytest.mark.parametrize(('wrong', 'word'), [
    (lambda p, t: -offsets(p, t)[..., :2].norm(dim=-1).mean(1), 'below'),
    (lambda p, t: -torch.relu(offsets(p, t)[..., 2]).mean(1), 'below'),
    (lambda p, t: -distances(p, t).pow(4).mean(1), 'below'),
    (lambda p, t: -offsets(p, t).sum(-1).abs().mean(1), 'below'),
    (lambda p, t: -offsets(p, t).mean(1).norm(dim=-1), 'on average'),
    (lambda p, t: -(t.positions.mean(1) - p['mug']).norm(dim=-1), 'on average'),
])
def test_goals_that_are_no_place_fail(wrong, word):
    outcome, = found(wrong)
    assert (outcome.check, outcome.verdict) == (Check.GOAL, Verdict.FAILED)
    assert word in outcome.text


def test_freedom_upwards_is_warned_of():
    outcome, = found(lambda p, t: -(
        offsets(p, t)[..., :2].norm(dim=-1) + torch.relu(-offsets(p, t)[..., 2])).mean(1))
    assert outcome.verdict is Verdict.WARNING
    assert ' above "mug"' in outcome.text


def choice(weight):
    return lambda p, t: -torch.minimum(
        distances(p, t)[:, -1], weight * distances(p, t, 'bottle')[:, -1])


def test_a_choice_of_goals_is_warned_of_unless_the_other_one_is_an_obstacle_or_wins():
    outcome, = found(choice(1.0))
    assert outcome.verdict is Verdict.WARNING
    assert '"bottle"' in outcome.text
    outcome, = found(choice(1.0), obstacles=frozenset({'bottle'}))
    assert outcome.verdict is Verdict.FAILED
    outcome, = found(choice(0.3))
    assert outcome.verdict is Verdict.FAILED
    assert 'half-way' in outcome.text
