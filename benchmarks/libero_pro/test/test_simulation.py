"""A task begins the same way each time, and moves as its actions say."""

import numpy as np
import pytest

from benchmarks.libero_pro.simulation import OPEN, Simulation
from benchmarks.libero_pro.suites import tasks


def places(simulation):
    return np.array([simulation.place(name) for name in simulation.things])


def test_an_initial_state_is_the_same_whatever_came_before(simulation):
    simulation.begin(3)
    first, robot = places(simulation), simulation.robot()
    for _ in range(20):
        simulation.step(np.array([1.0, -1.0, 0.5, 0.0, 0.0, 1.0, 1.0]))
    simulation.begin(3)
    assert (places(simulation) == first).all()
    assert (simulation.robot().position == robot.position).all()
    assert simulation.robot().opening == robot.opening


def test_initial_states_differ(simulation):
    simulation.begin(0)
    first = places(simulation)
    simulation.begin(1)
    assert np.abs(places(simulation) - first).max() > 1e-3


def test_an_initial_state_that_is_not_there_is_an_error(simulation):
    with pytest.raises(IndexError):
        simulation.begin(simulation.initial_states)


@pytest.mark.parametrize('axis', range(3))
def test_the_hand_goes_where_an_action_says(simulation, axis):
    simulation.begin(0)
    start = simulation.robot().position
    action = np.zeros(7)
    action[axis], action[6] = (1.0 if axis == 2 else -1.0), OPEN
    for _ in range(10):
        simulation.step(action)
    moved = simulation.robot().position - start
    assert np.argmax(np.abs(moved)) == axis
    assert moved[axis] * action[axis] == pytest.approx(0.095, rel=0.3)


def test_nothing_is_done_at_the_beginning(simulation):
    simulation.begin(0)
    assert not simulation.succeeded()


def test_a_perturbed_task_gives_its_own_sentence_and_goal_not_those_of_its_file_name():
    perturbed = next(item for item in tasks('libero_object', 'task') if 'alphabet' in item.name)
    with Simulation(perturbed) as simulation:
        assert 'alphabet' not in simulation.instruction.lower()
        assert all('alphabet' not in word for word in simulation.goal[0])
