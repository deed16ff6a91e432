"""A lean robot moves as franky_sim's own, and tells those who command torques what is measured."""

from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pytest
from franky_sim.franka_robot_state import FrankaRobotState
from franky_sim.mujoco_simulator import FrankaMujocoRobot, MujocoSimulator

from vls_sim.lean_robot import LeanRobot, LeanSimulator, TorqueReport

REST = {
    'ddq_d': (0.0,) * 7, 'dtau_J': (0.0,) * 7, 'O_dP_EE_d': (0.0,) * 6, 'delbow_c': (0.0,) * 2,
    'ddelbow_c': (0.0,) * 2, 'O_dP_EE_c': (0.0,) * 6, 'O_ddP_EE_c': (0.0,) * 6,
}
MODES = {'robot_mode': 2, 'controller_mode': 3, 'motion_generator_mode': 5}
Pair = tuple[MujocoSimulator, FrankaMujocoRobot]


@pytest.fixture
def started() -> Iterator[tuple[Pair, Pair]]:
    """A lean simulator and franky_sim's own, each with its robot."""
    with ExitStack() as stack:
        pairs = []
        for simulator in (LeanSimulator(), MujocoSimulator()):
            robot = simulator.add_robot()
            stack.enter_context(simulator)
            simulator.start()
            pairs.append((simulator, robot))
        yield pairs[0], pairs[1]


def push(pair: Pair, torques: np.ndarray) -> None:
    simulator, robot = pair
    robot.torque_control(torques)
    simulator.step()


def test_driven_by_torques_it_moves_and_reports_as_franky_sim_but_for_derivatives(
    started: tuple[Pair, Pair]
) -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        torques = random.uniform(-100.0, 100.0, 7)  # beyond the limits of some joints
        for pair in started:
            push(pair, torques)
    lean, full = (robot.state for _, robot in started)
    assert isinstance(lean, TorqueReport)
    assert isinstance(full, FrankaRobotState)
    assert (lean.q, lean.q_d, lean.O_T_EE) == (full.q, full.q_d, full.O_T_EE)
    expected = full.replace(**REST, **MODES).pack_state()
    assert lean.replace(**MODES).pack_state() == expected


@pytest.mark.parametrize('command', ['joint_position_control', 'joint_velocity_control'])
def test_those_who_command_motions_get_the_whole_report(
    started: tuple[Pair, Pair], command: str
) -> None:
    values = np.full(7, 0.1)
    for simulator, robot in started:
        getattr(robot, command)(values)
        simulator.step()
    (_, lean), (_, full) = started
    assert lean.state == full.state


def test_from_torques_to_motions_and_back(started: tuple[Pair, Pair]) -> None:
    (simulator, robot), _ = started
    push((simulator, robot), np.zeros(7))
    push((simulator, robot), np.zeros(7))
    assert isinstance(robot.state, TorqueReport)
    robot.joint_position_control(robot.state.q_d)
    simulator.step()
    assert isinstance(robot.state, FrankaRobotState)
    push((simulator, robot), np.zeros(7))
    assert isinstance(robot.state, TorqueReport)


def test_what_a_client_sets_amid_torques_is_in_the_reports(started: tuple[Pair, Pair]) -> None:
    for _, robot in started:
        robot.set_EE_T_K(tuple(np.eye(4).ravel()))
    for pair in started:
        push(pair, np.zeros(7))
    placement = np.eye(4)
    placement[2, 3] = 0.05
    for _, robot in started:
        robot.set_load(0.5, (0.0, 0.0, 0.02), (0.001,) * 9)
        robot.set_NE_T_EE(tuple(placement.ravel('F')))
    for _ in range(3):
        for pair in started:
            push(pair, np.zeros(7))
    lean, full = (robot.state for _, robot in started)
    assert lean.replace(**MODES).pack_state() == full.replace(**REST, **MODES).pack_state()


def test_the_robot_is_added_with_the_settings_that_are_asked_for() -> None:
    simulator = LeanSimulator()
    robot = simulator.add_robot(initial_q=(0.1,) * 7, position=(0.0, 1.0, 0.0))
    assert isinstance(robot, LeanRobot)
    assert robot.initial_q == (0.1,) * 7
    with simulator:
        simulator.start()
        assert simulator.robots == [robot]
        np.testing.assert_allclose(robot.inner_state.q, 0.1)
        np.testing.assert_allclose(simulator.model.body('robot0_base').pos, [0.0, 1.0, 0.0])
