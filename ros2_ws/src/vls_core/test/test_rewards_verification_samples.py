"""Synthetic motions are seeded, cover where terms act, and are what they say."""

from __future__ import annotations

import pytest
import torch

from vls_core.control.fr3 import DEFAULT_WORKSPACE
from vls_core.rewards.verification import samples
from vls_core.rewards.verification.layouts import as_tensors

POINTS = as_tensors({'mug': [0.5, 0.1, 0.05], 'plate': [0.6, -0.3, 0.01]})


def test_the_same_seed_gives_the_same_motions():
    first, again, other = (samples.motions(POINTS, seed) for seed in (3, 3, 4))
    assert torch.equal(first.positions, again.positions)
    assert torch.equal(first.gripper, again.gripper)
    assert torch.equal(first.rotations, again.rotations)
    assert not torch.equal(first.positions, other.positions)


def test_motions_begin_and_end_close_to_every_point_and_far_from_it():
    motions = samples.motions(POINTS, 0)
    assert motions.positions.shape[1:] == (samples.STEPS + 1, 3)
    for where in POINTS.values():
        for step in (0, -1):
            distances = (motions.positions[:, step] - where).norm(dim=1)
            assert distances.min() < samples.NEAR
            assert distances.max() > 0.3


def test_without_points_there_are_motions_all_the_same():
    assert samples.motions({}, 0).particles > 30


def test_grippers_and_hands_take_all_states():
    motions = samples.motions(POINTS, 0)
    assert motions.gripper.min() >= 0
    assert motions.gripper.max() <= 1
    assert motions.gripper.std() > 0.1
    unit = motions.rotations @ motions.rotations.transpose(-1, -2)
    assert torch.allclose(unit, torch.eye(3).expand_as(unit), atol=1e-5)
    tilt = -motions.rotations[..., 2, 2]
    assert tilt.min() < 0.9 < tilt.max()


def test_points_in_the_workspace_are_in_it():
    points = samples.points_in_workspace(200, samples.generator(0))
    assert all(DEFAULT_WORKSPACE.contains(point.numpy(), 1e-6) for point in points)


@pytest.mark.parametrize('arrival', [0.3, 1.0])
def test_lines_arrive_when_they_should(arrival):
    start, end = torch.tensor([[0.3, 0.0, 0.1]]), torch.tensor([[0.5, 0.2, 0.3]])
    line = samples.lines(start, end, arrival)[0]
    reached = int(arrival * samples.STEPS + 0.999)
    assert torch.equal(line[0], start[0])
    assert torch.allclose(line[reached:], end.expand_as(line[reached:]))
    assert (line[: reached - 1] - end).norm(dim=1).min() > 0.01


def test_ways_by_a_point_pass_it_and_rest_at_their_end():
    start, via, end = torch.eye(3).unsqueeze(1).unbind(0)
    way = samples.by_way_of(start, via, end)[0]
    assert (way - via).norm(dim=1).min() < 0.15
    assert torch.allclose(way[-2:], end.expand(2, 3))


def test_points_around_are_around_and_above_the_table():
    around = samples.points_around(torch.tensor([[0.5, 0.0, 0.0]]), 50, samples.generator(1), 0.1)
    assert around.shape == (50, 3)
    assert around[:, 2].min() >= DEFAULT_WORKSPACE.lower[2] - 1e-6
    assert ((around - torch.tensor([0.5, 0.0, 0.0])).norm(dim=1) < 0.12).all()
