"""Rewards never learn how many particles there are."""

from __future__ import annotations

import pytest
import torch
from code_rewards import POINTS, REACH, function, inputs

from vls_core.rewards.code.blocks import BLOCK, in_blocks
from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.errors import RewardCodeError

SWITCHES = [
    'len(trajectory)', 'trajectory.shape[0]', 'gripper.size(0)',
    'torch.ones_like(trajectory[:, 0, 0]).sum()',
]


@pytest.mark.parametrize('counts', SWITCHES)
def test_the_number_of_particles_is_always_the_same(counts):
    compiled = compile_reward(function(f'n = {counts}', 'trajectory[:, 0, 0] * 0.0 - n'))
    for particles in (1, 32, BLOCK, 300):
        assert in_blocks(compiled, POINTS, *inputs(particles)).eq(-BLOCK).all()


@pytest.mark.parametrize('particles', [0, 1, 32, BLOCK, BLOCK + 1])
def test_values_and_gradients_are_those_of_each_particle(particles):
    compiled = compile_reward(REACH)
    positions, gripper = inputs(particles)
    values = in_blocks(compiled, POINTS, positions, gripper)
    expected = compiled(POINTS, positions, gripper)
    torch.testing.assert_close(values, expected)
    if particles:
        torch.testing.assert_close(
            torch.autograd.grad(values.sum(), positions),
            torch.autograd.grad(expected.sum(), positions),
        )


def test_a_reward_of_another_shape_is_refused():
    compiled = compile_reward(function('', 'trajectory'))
    with pytest.raises(RewardCodeError, match='shape'):
        in_blocks(compiled, POINTS, *inputs(3))
