"""A reward has to lead to its goal in chunks of every length."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged
from vls_core.rewards.verification.lengths import leads_there_at_any_length
from vls_core.rewards.verification.report import Verdict

FIRST = as_tensors(invented(('mug', 'bottle'), 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1))


def distances(points, trajectory, name='mug'):
    offset = trajectory.positions[:, 1:] - points[name]
    return (offset.square().sum(-1) + 1e-8).sqrt()


def switch(points, trajectory, steps):
    name = 'bottle' if trajectory.positions.shape[1] - 1 in steps else 'mug'
    return -distances(points, trajectory, name).mean(1)


@pytest.mark.parametrize(('steps', 'verdict'), [
    ((), Verdict.PASSED), ((8,), Verdict.FAILED), (range(17, 99), Verdict.FAILED),
])
def test_other_lengths_lead_to_the_same_goal(steps, verdict):
    found = leads_there_at_any_length(
        lambda p, t: switch(p, t, steps), Goal('mug'), LAYOUTS, 10, 0
    )
    assert found.verdict is verdict


def test_a_nearest_step_is_enough():
    found = leads_there_at_any_length(
        lambda p, t: -torch.amin(distances(p, t), 1), Goal('mug'), LAYOUTS, 10, 0
    )
    assert found.verdict is Verdict.PASSED
