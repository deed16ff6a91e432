"""A real franky client meets a robot behind the protocol server."""

import itertools
import threading

import franky
import numpy as np
import pytest

from vls_core.control import fr3
from vls_sim.protocol_server import AddressInUseError, ProtocolServer
from vls_sim.scene_model import build_simulator

_addresses = (f'127.0.77.{number}' for number in itertools.count(1))


@pytest.fixture
def server():
    """A running server at a loopback address of its own: the ports are fixed by the protocol."""
    with ProtocolServer(build_simulator(cameras=())[0], next(_addresses)) as running:
        running.start()
        yield running


def wait_until(condition, timeout=60.0):
    tick, ticks = threading.Event(), int(timeout / 0.01)
    for _ in range(ticks):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError('waited in vain')


def address_of(server):
    return server.robot.hostname


def test_a_client_reads_the_state_of_the_arm_at_home(server):
    robot = franky.Robot(address_of(server), realtime_config=franky.RealtimeConfig.Ignore)
    np.testing.assert_allclose(robot.state.q, fr3.HOME_JOINT_POSITIONS, atol=5e-3)
    np.testing.assert_allclose(robot.state.O_T_EE.translation, [0.40, 0.0, 0.30], atol=5e-3)
    assert server.client_connected
    del robot
    wait_until(lambda: not server.client_connected)
    assert server.failure is None


def test_a_client_moves_a_joint(server):
    robot = franky.Robot(address_of(server), realtime_config=franky.RealtimeConfig.Ignore)
    robot.relative_dynamics_factor = 0.3
    goal = fr3.HOME_JOINT_POSITIONS + [0.1, 0, 0, 0, 0, 0, 0]
    robot.move(franky.JointMotion([float(angle) for angle in goal]))
    np.testing.assert_allclose(robot.state.q, goal, atol=0.02)


def test_a_client_closes_the_gripper(server):
    gripper = franky.Gripper(address_of(server))
    assert gripper.width == pytest.approx(0.08, abs=1e-3)
    gripper.move(0.02, 0.05)
    assert gripper.width == pytest.approx(0.02, abs=2e-3)


def test_time_goes_on_and_the_rate_is_measured(server):
    wait_until(lambda: server.real_time_factor > 0.0)
    with server.locked() as data:
        before = data.time
    wait_until(lambda: server.robot.data.time > before + 0.05)


def test_a_second_server_at_the_same_address_is_refused(server):
    with (
        pytest.raises(AddressInUseError, match='another simulator'),
        ProtocolServer(build_simulator(cameras=())[0], address_of(server)),
    ):
        pass


def test_a_refused_priority_leaves_the_loop_running(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr('os.sched_setscheduler', refuse)
    simulator = build_simulator(cameras=())[0]
    with ProtocolServer(simulator, next(_addresses), realtime_priority=20) as server:
        server.start()
        assert not server.realtime
        wait_until(lambda: server.robot.data.time > 0.05)


def test_before_it_is_started_nothing_moves_and_it_ends_all_the_same():
    with ProtocolServer(build_simulator(cameras=())[0], next(_addresses)) as server:
        assert server.real_time_factor == 0.0
        assert not server.client_connected
        with server.locked() as data:
            before = data.time
        threading.Event().wait(0.05)
        assert server.robot.data.time == before
