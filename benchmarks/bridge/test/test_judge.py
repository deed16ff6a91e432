"""The judge accepts what the robot would, names what it would not, and leaves nothing behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import franky
import numpy as np
import pytest

from benchmarks.bridge import judge as judge_module
from benchmarks.bridge.judge import Judge, JudgeError, reflexes_in, unused_address
from franka_bridge.connecting import robot_at
from vls_core.control import fr3

START_AND_WAIT = '''
import signal
from benchmarks.bridge.judge import Judge
with Judge(realtime=False) as judge:
    print(judge._process.pid, judge.address, flush=True)
    signal.pause()
'''


def wait_for(condition, what, timeout=20.0):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f'waited {timeout} s in vain for {what}')


@pytest.fixture
def robot(judge):
    return robot_at(judge.address)


def test_the_arm_stands_where_it_was_told_to(robot):
    np.testing.assert_allclose(robot.state.q, fr3.HOME_JOINT_POSITIONS, atol=1e-3)


def test_a_calm_motion_is_accepted(judge, robot):
    start = np.array(robot.state.q)
    goal = start + 0.05
    with franky.JointImpedanceTracker(
        robot, stiffness=fr3.STIFFNESS, period=0.005
    ) as tracker:
        for share in np.linspace(0.0, 1.0, 200):
            assert tracker.tick()
            tracker.set_target(start + (3 - 2 * share) * share**2 * (goal - start))
        wait_for(lambda: np.abs(robot.state.q - goal).max() < 0.03, 'the arm to arrive')
    assert judge.reflexes() == []
    wait_for(judge.pace, 'the judge to tell its pace')


def test_a_jump_of_a_commanded_signal_is_a_reflex_with_its_name(judge, robot):
    with (
        pytest.raises(franky.ControlException, match='controller_torque_discontinuity'),
        franky.JointImpedanceTracker(
            robot, stiffness=fr3.STIFFNESS, max_delta_tau=1000.0
        ) as tracker,
    ):
        tracker.set_target(np.array(robot.state.q) + 0.05)
        wait_for(lambda: not tracker.is_running, 'the judge to stop the motion')
        robot.poll_motion()
    assert [reflex.error for reflex in judge.reflexes()] == ['controller_torque_discontinuity']


def test_a_client_frozen_for_200_ms_is_a_reflex_with_its_name(judge):
    script = Path(__file__).with_name('holding_client.py')
    client = subprocess.Popen(
        [sys.executable, script, judge.address], stdout=subprocess.PIPE, text=True
    )
    try:
        assert client.stdout.readline().strip() == 'holding'
        wait_for(lambda: 'TORQUE' in judge.log_text(), 'the first command')
        client.send_signal(signal.SIGSTOP)
        time.sleep(0.2)  # what is tested is a time
        client.send_signal(signal.SIGCONT)
        wait_for(judge.reflexes, 'the judge to notice')
    finally:
        client.kill()
        client.wait()
    assert judge.reflexes()[0].error == 'communication_constraints_violation'


def test_the_judge_ends_with_whoever_started_it_even_when_that_one_is_killed():
    process = subprocess.Popen(
        [sys.executable, '-c', START_AND_WAIT], stdout=subprocess.PIPE, text=True,
        cwd=judge_module.ROOT,
    )
    judge, address = process.stdout.readline().split()
    assert Path(f'/proc/{judge}').exists()
    process.kill()
    process.wait()
    wait_for(lambda: not _alive(int(judge)), 'the judge to end')
    with Judge(address, realtime=False) as successor:
        assert successor.address == address


def _alive(process):
    try:
        state = Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0]
    except FileNotFoundError:
        return False
    return state != 'Z'


def test_leaving_the_context_ends_the_judge():
    with Judge(realtime=False) as judge:
        process = judge._process
    assert process.returncode == -signal.SIGKILL
    judge.close()


def test_an_address_in_use_is_an_error_that_says_so(judge):
    with pytest.raises(JudgeError, match='already in use'):
        Judge(judge.address).__enter__()


def test_a_missing_environment_is_an_error_that_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(judge_module, 'VENV', tmp_path)
    with pytest.raises(JudgeError, match='make setup'):
        Judge().__enter__()


def test_a_gripper_is_served_on_request():
    with Judge(gripper=True, realtime=False) as judge:
        assert franky.Gripper(judge.address).width >= 0.0


def test_the_log_stays_where_it_was_asked_for(tmp_path):
    path = tmp_path / 'logs' / 'judge.log'
    with Judge(realtime=False, log=path):
        pass
    assert 'Server listening' in path.read_text()


def test_reflexes_are_read_off_the_log():
    log = (
        '2026-01-01 00:00:00,000 WARNING franka_sim.x: motion limit violated: a_b: dq = 3\n'
        '2026-01-01 00:00:00,001 ERROR franka_sim.franka_sim_server: '
        'joint_velocity_violation: dq joint 1 = 3, limit 2 -- aborting the motion\n'
    )
    (reflex,) = reflexes_in(log)
    assert reflex.error == 'joint_velocity_violation'
    assert reflex.reason == 'joint_velocity_violation: dq joint 1 = 3, limit 2'


def test_addresses_are_loopback_and_differ():
    addresses = {unused_address() for _ in range(50)}
    assert len(addresses) == 50
    assert all(address.startswith('127.') for address in addresses)
