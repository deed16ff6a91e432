"""What a term does with things it does not declare is warned of, or forbidden."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from vls_core.rewards.scene_file import load_scene
from vls_core.rewards.verification.company import (
    drawn_to_obstacles,
    undeclared,
    wants_nothing_else,
)
from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged
from vls_core.rewards.verification.report import Check, Verdict
from vls_core.rewards.verification.verify import ProgramVerifier

NAMES = ('bottle', 'bottle.top', 'mug')
FIRST = as_tensors(invented(NAMES, 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1))


def distances(points, trajectory, name):
    offset = trajectory.positions[:, 1:] - points[name]
    return (offset.square().sum(-1) + 1e-8).sqrt()


def clear(points, trajectory):
    return -torch.relu(0.15 - distances(points, trajectory, 'bottle')).mean(1)


def test_things_that_are_used_but_not_declared_are_named():
    assert undeclared(['bottle.top'], Declaration(obstacle='bottle'), FIRST) is None
    found = undeclared(['bottle', 'mug'], Declaration(Goal('mug')), FIRST)
    assert found.verdict is Verdict.WARNING
    assert '"bottle"' in found.text


def test_a_term_that_only_keeps_clear_wants_nothing_far_away():
    found = wants_nothing_else(clear, 'bottle', ['bottle'], LAYOUTS, 0)
    assert found.verdict is Verdict.PASSED


@pytest.mark.parametrize('more', [
    lambda p, t: distances(p, t, 'mug').mean(1),
    lambda p, t: torch.relu(t.positions[:, :1, 2] + 0.3 - t.positions[..., 2]).mean(1),
    lambda p, t: torch.relu(t.positions[..., 2] - p['bottle'][2] + 0.05).mean(1),
])
def test_a_term_with_a_goal_it_does_not_declare_fails(more):
    found = wants_nothing_else(
        lambda p, t: clear(p, t) - 0.5 * more(p, t), 'bottle', ['bottle'], LAYOUTS, 0
    )
    assert (found.check, found.verdict) == (Check.OBSTACLE, Verdict.FAILED)


def test_no_obstacle_may_attract():
    def both(points, trajectory):
        return -distances(points, trajectory, 'mug').mean(1) - 0.1 * distances(
            points, trajectory, 'bottle').mean(1)

    obstacles = frozenset({'bottle', 'bottle.top'})
    found = drawn_to_obstacles(both, ['mug', 'bottle'], obstacles, LAYOUTS, 0)
    assert found.verdict is Verdict.FAILED
    assert drawn_to_obstacles(both, ['mug', 'bottle'], frozenset(), LAYOUTS, 0) is None
    assert drawn_to_obstacles(clear, ['bottle'], obstacles, LAYOUTS, 0) is None


def test_the_scene_says_what_is_an_obstacle():
    source = '''
def drawn_a_little(keypoints, trajectory):
    """goal: mug"""
    goal = torch.norm(trajectory[:, 1:] - keypoints['mug'], dim=-1).mean(dim=1)
    bottle = torch.norm(trajectory[:, 1:] - keypoints['bottle'], dim=-1).mean(dim=1)
    return -0.9 * goal - 0.1 * bottle
'''
    scene = load_scene(Path(__file__).parent / 'programs' / 'scene.json')
    with ProgramVerifier(deadline=60.0, program_deadline=300.0) as verifier:
        report = verifier.code(source, scene)
    assert [item.check for item in report.failures] == [Check.OBSTACLE]
