"""The expert solves what it is asked to, disturbed or not, and says what it cannot do."""

import pytest

from benchmarks.libero_pro.demonstration import NOISE, Demonstration, demonstrate
from benchmarks.libero_pro.expert import Expert
from benchmarks.libero_pro.goal import NotPickAndPlaceError, pick_and_place
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.suites import task


def test_the_goal_says_which_thing_goes_where(simulation):
    goal = pick_and_place(simulation)
    assert (goal.subject, goal.place) == ('alphabet_soup_1', 'basket_1_contain_region')


@pytest.mark.parametrize('noise', [0.0, NOISE])
def test_it_brings_the_soup_into_the_basket(simulation, noise):
    outcomes = [demonstrate(simulation, state, 0, noise) for state in range(3)]
    assert sum(item.succeeded for item in outcomes) >= 2


def test_a_demonstration_survives_its_file(simulation, tmp_path):
    made = demonstrate(simulation, 0, 0)
    made.save(tmp_path / 'new' / 'one.npz')
    again = Demonstration.load(tmp_path / 'new' / 'one.npz')
    assert (again.instruction, again.succeeded) == (made.instruction, made.succeeded)
    assert (again.actions == made.actions).all()
    assert again.places.shape == (len(made.actions), len(made.names), 3)
    assert not list(tmp_path.rglob('*.unfinished*'))


def test_the_same_seed_makes_the_same_demonstration(simulation):
    first, second = (demonstrate(simulation, 1, 5) for _ in range(2))
    assert (first.actions == second.actions).all()


def test_it_does_not_pretend_to_know_how_to_open_a_drawer():
    with Simulation(task('libero_goal', 'none', 'open_the_middle_drawer_of_the_cabinet')) as item:
        item.begin(0)
        with pytest.raises(NotPickAndPlaceError, match='open'):
            Expert(item)
