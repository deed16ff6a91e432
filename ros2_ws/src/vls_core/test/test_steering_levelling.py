"""Levelled gradients lead uphill, are as long as before, and get early and late actions right."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from two_way_policy import TwoWayPolicy, box, observation

from vls_core.steering.guidance import Guidance, calibration, guide, reward_gradient
from vls_core.steering.levelling import Levelling, adding_up
from vls_core.trajectory import Trajectory

SEEN = observation(box('goal', [0.5, 0.1, 0.1]))


class Absolute(TwoWayPolicy):
    """Actions that say where to be instead of how far to go."""

    def decode(self, actions, seen):
        start = torch.zeros(len(actions), 1, 3)
        positions = torch.cat([start, actions[..., :3]], 1)
        return Trajectory(positions, torch.ones(len(actions), self.horizon + 1), 0.1)


def test_displacements_add_up_and_the_gripper_does_not():
    assert adding_up(TwoWayPolicy(), SEEN).tolist() == [True, True, True, False]


def test_positions_do_not_add_up_and_are_left_alone():
    level = Levelling.of(Absolute(), SEEN, 0.5)
    gradient = torch.randn(2, 16, 4)
    assert not level.adds_up.any()
    torch.testing.assert_close(level(gradient), gradient)


@given(st.floats(0.0, 1.0), st.integers(0, 100))
def test_a_levelled_gradient_leads_uphill_and_is_as_long_as_before(share, seed):
    gradient = torch.randn(3, 16, 4, generator=torch.Generator().manual_seed(seed))
    direction = Levelling.of(TwoWayPolicy(), SEEN, share)(gradient)
    assert ((direction * gradient).sum((1, 2)) > 0).all()
    torch.testing.assert_close(direction.flatten(1).norm(dim=1), gradient.flatten(1).norm(dim=1))


def test_a_share_of_nothing_changes_nothing():
    gradient = torch.randn(3, 16, 4)
    torch.testing.assert_close(Levelling.of(TwoWayPolicy(), SEEN, 0.0)(gradient), gradient)


def test_no_gradient_stays_none():
    assert not Levelling.of(TwoWayPolicy(), SEEN, 0.5)(torch.zeros(2, 16, 4)).any()


@pytest.mark.parametrize('steps', [4, 8])
def test_a_plan_that_is_to_arrive_early_is_found_in_few_steps(steps):
    def soon(actions):
        away = actions[..., :3].cumsum(1) - 1.0
        return -(away.square().sum(2) + 1e-4).sqrt().mean(1)

    clean = 0.1 * torch.randn(8, 16, 4, generator=torch.Generator().manual_seed(0))
    scale, strength = calibration(reward_gradient(soon, clean)[1]), torch.full((8, 1, 1), 8.0)
    plain, levelled = (
        guide(soon, clean, strength, scale, Guidance(steps, 10.0, momentum=0.8),
              lambda actions: actions.clamp(-1.0, 1.0), level=level).clean
        for level in (None, Levelling.of(TwoWayPolicy(), SEEN, 0.5))
    )
    assert soon(levelled).mean() > soon(plain).mean()
