"""What an undeclared term is for is inferred from its behaviour, or not at all."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.inference import infer
from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged

NAMES = ('mug', 'plate')
FIRST = as_tensors(invented(NAMES, 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1), rearranged(FIRST, 2))


def distances(points, trajectory, name='mug', offset=(0.0, 0.0, 0.0)):
    goal = points[name] + torch.tensor(offset)
    return ((trajectory.positions[:, 1:] - goal).square().sum(-1) + 1e-8).sqrt()


def pushed(points, trajectory):
    contact = distances(points, trajectory, 'mug', (0.0, -0.05, 0.0))[:, :3].mean(1)
    return -0.3 * contact - distances(points, trajectory, 'mug', (0.0, 0.1, 0.0))[:, -1]


@pytest.mark.parametrize(('judge', 'expected'), [
    (lambda p, t: -distances(p, t).mean(1), Declaration(Goal('mug'))),
    (lambda p, t: -distances(p, t, 'plate')[:, -1], Declaration(Goal('plate'))),
    (lambda p, t: -distances(p, t, 'mug', (0.05, 0.0, 0.1)).mean(1),
     Declaration(Goal('mug', (0.05, 0.0, 0.1)))),
    (pushed, Declaration(Goal('mug', (0.0, 0.1, 0.0)))),
    (lambda p, t: -torch.relu(0.12 - distances(p, t, 'plate')).amax(1),
     Declaration(obstacle='plate')),
])
def test_behaviour_tells(judge, expected):
    assert infer(judge, NAMES, LAYOUTS, 0) == expected


@pytest.mark.parametrize('judge', [
    lambda p, t: -(distances(p, t) - distances(p, t, 'plate')).abs().mean(1),
    lambda p, t: -(t.positions[:, -1] - torch.tensor([0.5, 0.0, 0.1])).norm(dim=-1),
    lambda p, t: -torch.relu(p['mug'][2] + 0.1 - t.positions[:, 1:, 2]).mean(1),
    lambda p, t: distances(p, t).mean(1),
])
def test_nothing_is_made_up(judge):
    assert infer(judge, NAMES, LAYOUTS, 0).empty
