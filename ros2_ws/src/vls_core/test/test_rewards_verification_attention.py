"""Rewards have to look at the end of a motion, and not at the gripper alone."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.attention import heeds_the_end, with_any_gripper
from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.gradient import differentiate
from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged
from vls_core.rewards.verification.report import Verdict

FIRST = as_tensors(invented(('mug', 'bottle'), 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1))


def distances(points, trajectory, name='mug'):
    offset = trajectory.positions[:, 1:] - points[name]
    return (offset.square().sum(-1) + 1e-8).sqrt()


def with_gripper(judge):
    return with_any_gripper(judge, Goal('mug'), LAYOUTS, 0)


def closing_once_there(points, trajectory):
    near = torch.exp(-distances(points, trajectory) / 0.03)
    grip = trajectory.gripper[:, 1:]
    return -distances(points, trajectory).mean(1) - 0.05 * (
        near * grip + (1 - near) * (1 - grip)).mean(1)


def elsewhere_with_an_open_gripper(points, trajectory):
    opened = ((trajectory.gripper[:, 0] > 0.999) & (trajectory.gripper[:, -1] > 0.999)).float()
    mug, bottle = (distances(points, trajectory, name).mean(1) for name in ('mug', 'bottle'))
    return -(1 - opened) * mug - opened * bottle


@pytest.mark.parametrize('right', [
    lambda p, t: -distances(p, t).mean(1),
    lambda p, t: -distances(p, t)[:, -1] - 0.1 * t.gripper.mean(1),
    closing_once_there,
])
def test_a_gripper_on_the_side_is_fine(right):
    found = with_gripper(right)
    assert found.verdict is Verdict.PASSED, found.text


@pytest.mark.parametrize(('wrong', 'word'), [
    (elsewhere_with_an_open_gripper, 'gripper'),
    (lambda p, t: -distances(p, t).mean(1) - 10 * t.gripper.mean(1), 'weigh it less'),
    (lambda p, t: -distances(p, t).mean(1) * (2 * t.gripper[:, -1] - 1), 'closed'),
])
def test_a_gripper_that_decides_everything_fails(wrong, word):
    found = with_gripper(wrong)
    assert found.verdict is Verdict.FAILED
    assert word in found.text


@pytest.mark.parametrize(('reward', 'heeds'), [
    (lambda t: -distances(FIRST, t).mean(1), True),
    (lambda t: -distances(FIRST, t).amin(1), True),
    (lambda t: -distances(FIRST, t)[:, -1], True),
    (lambda t: -distances(FIRST, t)[:, :8].mean(1), False),
    (lambda t: -distances(FIRST, t)[:, 8], False),
])
def test_the_end_has_to_count(reward, heeds):
    found = heeds_the_end(differentiate(reward, motions.motions(FIRST, 0)))
    assert (found is None) is heeds
