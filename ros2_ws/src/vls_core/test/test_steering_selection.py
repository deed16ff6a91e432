import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from vls_core.steering.errors import NoFinitePlanError
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.selection import Tolerance, select
from vls_core.trajectory import Trajectory

STRENGTHS = torch.tensor([0.0, 0.0, 1.0, 1.0, 2.0, 2.0])
EXACT = Tolerance(absolute=0.0, relative=0.0)


class Listed:
    """Rewards and checks given by hand; a particle's number is its first coordinate."""

    def __init__(self, rewards, passes=None):
        self.rewards = torch.tensor(rewards)
        self.passing = torch.ones(len(rewards), dtype=torch.bool)
        if passes is not None:
            self.passing = torch.tensor(passes)

    def __call__(self, trajectory):
        return self.rewards

    def passes(self, trajectory):
        return self.passing


def plans(count=6):
    positions = torch.zeros(count, 3, 3)
    positions[:, :, 0] = torch.arange(count).view(-1, 1)
    return Trajectory(positions, torch.zeros(count, 3), 0.1)


def choose(rewards, passes=None, tolerance=EXACT, previous=None):
    return select(plans(), Listed(rewards, passes), STRENGTHS, tolerance, previous)


def test_the_mildest_rung_that_does_as_well_is_taken():
    choice = choose([-1.0, -0.5, -0.5, -0.9, -0.5, -0.6])
    assert (choice.index, choice.strength) == (1, 0.0)
    assert 'unsteered' in choice.reason


def test_a_better_plan_beyond_the_tolerance_is_worth_escalating_for():
    rewards = [-1.0, -0.5, -0.3, -0.9, -0.29, -0.6]
    assert choose(rewards, tolerance=Tolerance(0.02, 0.0)).index == 2
    assert choose(rewards, tolerance=Tolerance(0.3, 0.0)).index == 1
    assert choose(rewards).index == 4


def test_a_plan_that_fails_the_hard_check_is_only_taken_when_all_do():
    rewards = [-0.1, -0.2, -0.9, -0.8, -1.0, -1.0]
    some = choose(rewards, [False, False, True, True, True, True])
    assert (some.index, some.passes) == (3, True)
    none = choose(rewards, [False] * 6)
    assert (none.index, none.passes) == (0, False) and 'least bad' in none.reason


@pytest.mark.parametrize('asked', [None, lambda indices: indices.float()])
def test_where_nothing_passes_no_plan_is_forgiven_anything(asked):
    rewards = [-0.5, -0.9, -0.3, -0.01, -0.01, -0.02]
    lenient = Tolerance(absolute=0.1, relative=0.5)
    choice = select(plans(), Listed(rewards, [False] * 6), STRENGTHS, lenient, None, asked)
    assert rewards[choice.index] == -0.01 and not choice.passes


def test_a_plan_that_passes_beats_any_that_does_not_however_poor_its_reward():
    choice = choose([-1.0, -1.0, -1.0, -1.0, -1.0, -1e6], [False] * 5 + [True])
    assert (choice.index, choice.passes) == (5, True)


def test_steered_plans_are_chosen_from_by_plausibility_but_come_after_unsteered_ones():
    rewards = [-0.9, -0.9, -0.1, -0.1, -0.1, -0.1]
    chosen = select(plans(), Listed(rewards), STRENGTHS, EXACT, None, lambda those: -those.float())
    assert chosen.index == 5
    rewards[1] = -0.1
    chosen = select(plans(), Listed(rewards), STRENGTHS, EXACT, None, lambda those: -those.float())
    assert chosen.index == 1


def test_no_finite_plan_is_an_error_and_a_broken_one_is_not_even_checked():
    broken = plans()
    broken.positions[:5] = torch.nan

    class Careful(Listed):
        def passes(self, trajectory):
            assert trajectory.finite().all()
            return torch.ones(trajectory.particles, dtype=torch.bool)

    assert select(broken, Careful([-0.1] * 6), STRENGTHS, EXACT).index == 5
    broken.positions[:] = torch.nan
    with pytest.raises(NoFinitePlanError, match='without NaN'):
        select(broken, Careful([-0.1] * 6), STRENGTHS, EXACT)


def test_of_equal_plans_the_one_closer_to_the_last_is_taken():
    last = PreviousChunk(torch.zeros(2, 4), torch.tensor([[1.0, 0, 0]] * 2))
    choice = choose([-0.5] * 6, tolerance=Tolerance(0.0, 0.0, 0.1), previous=last)
    assert choice.index == 1


def test_rewards_that_are_not_finite_never_win():
    nan = float('nan')
    assert choose([nan, -0.9, float('inf'), nan, nan, -0.5]).index == 5
    lost = choose([nan] * 6)
    assert lost.strength == 0.0 and 'finite' in lost.reason
    checked = choose([nan] * 6, [False, False, False, True, True, True])
    assert (checked.index, checked.passes) == (3, True)


@given(st.lists(st.floats(-2, 0, width=32), min_size=6, max_size=6),
       st.permutations(list(range(6))), st.floats(0, 0.5))
def test_the_order_of_particles_does_not_matter(rewards, order, tolerance):
    limits = Tolerance(tolerance, 0.1)
    first = select(plans(), Listed(rewards), STRENGTHS, limits)
    again = select(plans(), Listed([rewards[index] for index in order]), STRENGTHS[order], limits)
    assert rewards[first.index] == rewards[order[again.index]]
    assert first.strength == again.strength


@given(st.lists(st.floats(-2, 0, width=32), min_size=6, max_size=6))
def test_more_tolerance_never_means_more_steering(rewards):
    chosen = [choose(rewards, tolerance=Tolerance(value, 0.0)).strength
              for value in (0.0, 0.1, 0.5, 3.0)]
    assert chosen == sorted(chosen, reverse=True)


class Fast:
    """The further along x in the end the better; standing still is worth -1 [m]."""

    def __call__(self, trajectory):
        return trajectory.positions[:, -1, 0] - 1.0

    def passes(self, trajectory):
        return torch.ones(trajectory.particles, dtype=torch.bool)


@given(st.lists(st.floats(-0.5, 1, width=32), min_size=6, max_size=6), st.floats(0.1, 0.9))
def test_the_base_policy_is_left_alone_when_it_makes_its_share_of_the_best_progress(ends, share):
    positions = torch.zeros(6, 3, 3)
    positions[:, -1, 0] = torch.tensor(ends)
    made = Trajectory(positions, torch.zeros(6, 3), 0.1)
    chosen = select(made, Fast(), STRENGTHS, Tolerance(0.0, 0.0, base_share=share))
    best, base = max(ends), max(ends[:2])
    assume(abs(base - share * max(0.0, best)) > 1e-5 and (best == base or best - base > 1e-5))
    assert (chosen.strength == 0.0) == (base == best or base > share * max(0.0, best))


def test_leniency_towards_the_base_policy_is_not_leniency_towards_the_mild_rung():
    made = plans()
    made.positions[:, -1, 0] = torch.tensor([0.1, 0.1, 0.6, 0.6, 0.9, 0.9])
    made.positions[:, 0, 0] = 0.0
    lenient = Tolerance(0.0, 0.0, base_share=0.5)
    assert select(made, Fast(), STRENGTHS, lenient).strength == 2.0
    made.positions[1, -1, 0] = 0.5
    assert select(made, Fast(), STRENGTHS, lenient).index == 1


def test_where_no_plan_makes_progress_the_base_policy_may_stand_still_but_not_lead_away():
    made = plans()
    made.positions[:, :, 0] = 0.0
    made.positions[2:, -1, 0] = torch.tensor([-0.1, -0.1, -0.2, -0.2])
    lenient = Tolerance(0.0, 0.0, base_share=0.5)
    assert select(made, Fast(), STRENGTHS, lenient).index == 0
    made.positions[:2, -1, 0] = -0.3
    assert select(made, Fast(), STRENGTHS, lenient).index == 2
