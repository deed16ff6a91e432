"""The bridge as a process against a simulated robot, over the robot's own protocol."""

import os
import socket
import subprocess

import numpy as np
import pytest
from bridge_rig import HOME, SIMULATED, STILL, wait_for
from vls_interfaces.msg import ActionChunk, BridgeStatus

from franka_bridge.franky_arm import connect_arm


@pytest.fixture
def bridge(robot, client, start_bridge):
    process = start_bridge(robot_ip=robot.address, **SIMULATED)
    client.wait_for_state(BridgeStatus.IDLE)
    return process


def test_a_chunk_is_tracked_and_when_the_stream_ends_the_arm_holds_still(bridge, client):
    assert client.ask('arm', True).success
    client.wait_for_state(BridgeStatus.ARMED)
    before = client.joint_positions()
    client.send_until(
        lambda: client.send_line(HOME, HOME + [0.05, 0.10, -0.05], gripper=0.0),
        client.entering(BridgeStatus.TRACKING), 'a chunk to be tracked',
    )
    client.wait_for_state(BridgeStatus.STARVED)
    wait_for(lambda: client.speed() < STILL, 'the arm to rest')  # a slow simulation is braking
    reached = client.joint_positions()
    assert np.abs(reached - before).max() > 0.1
    assert 1 <= client.status.accepted_chunks <= client.sent
    assert client.status.refused_chunks == 0
    wait_for(lambda: client.status.gripper_width < 0.01, 'the gripper to close')
    assert np.abs(client.joint_positions() - reached).max() < 0.01


def test_stop_latches_and_recovery_needs_arming_again(bridge, client):
    client.ask('arm', True)
    client.send_until(
        lambda: client.send_line(HOME, HOME + [0.0, 0.30, 0.0]),
        client.entering(BridgeStatus.TRACKING), 'a chunk to be tracked',
    )
    assert client.ask('estop').success
    client.wait_for_state(BridgeStatus.ESTOP)
    refused = client.ask('arm', True)
    assert not refused.success
    assert 'recover' in refused.message
    assert client.ask('recover').success
    client.wait_for_state(BridgeStatus.IDLE)
    assert client.ask('arm', True).success
    client.wait_for_state(BridgeStatus.ARMED)
    assert client.ask('home').success
    wait_for(lambda: np.abs(client.joint_positions()[0]) < 0.02, 'the arm to be seen at home')


def test_bad_chunks_are_refused_with_a_reason_and_the_arm_holds(bridge, client):
    client.ask('arm', True)
    client.wait_for_state(BridgeStatus.ARMED)
    wrong_frame = ActionChunk(horizon=0)
    wrong_frame.header.frame_id = 'camera'
    client.send_until(
        lambda: client.publish(wrong_frame),
        lambda: 'frame_id' in client.status.reason, 'the frame to be refused',
    )
    client.send_until(
        lambda: client.send_line(HOME, HOME + [0.0, 0.0, -0.6]),
        lambda: 'outside the workspace' in client.status.reason, 'the poses to be refused',
    )
    assert client.status.state == BridgeStatus.ARMED
    assert 2 <= client.status.refused_chunks <= client.sent
    assert client.status.accepted_chunks == 0
    assert client.speed() < STILL


def test_terminating_the_bridge_while_moving_leaves_the_arm_at_rest(robot, bridge, client):
    client.ask('arm', True)
    client.send_until(
        lambda: client.send_line(HOME, HOME + [0.0, 0.30, 0.0], steps=20),
        lambda: client.speed() > 5 * STILL, 'the arm to move',
    )
    bridge.terminate()
    assert bridge.wait(60.0) == 0
    arm = connect_arm(robot.address, False, 30.0)
    assert np.abs(arm.read().joint_velocities).max() < STILL


def test_a_robot_that_vanishes_is_a_fault_not_a_crash(robot, bridge, client):
    client.ask('arm', True)
    robot.kill()
    client.wait_for_state(BridgeStatus.FAULT)
    assert bridge.poll() is None


def test_by_default_nothing_is_sent_to_the_arm(robot, client, start_bridge):
    patient = {name: value for name, value in SIMULATED.items() if name != 'dry_run'}
    start_bridge(robot_ip=robot.address, **patient)
    client.wait_for_state(BridgeStatus.IDLE)
    assert client.status.dry_run
    assert client.ask('arm', True).success
    before = client.joint_positions()
    client.send_until(
        lambda: client.send_line(HOME, HOME + [0.0, 0.10, 0.0]),
        client.entering(BridgeStatus.TRACKING), 'a chunk to be tracked',
    )
    client.wait_for_state(BridgeStatus.STARVED)
    assert np.abs(client.joint_positions() - before).max() < 1e-3


@pytest.mark.parametrize('listening', [False, True], ids=['nobody there', 'somebody mute'])
def test_an_unreachable_robot_ends_in_a_message_and_exit_code_1(bridge_command, listening):
    with socket.socket() as mute:
        mute.bind(('127.13.0.1', 1337))
        if listening:
            mute.listen()
        result = subprocess.run(
            bridge_command(robot_ip='127.13.0.1', realtime='false', connect_timeout=1.0),
            capture_output=True, text=True, timeout=60, env=os.environ,
        )
    assert result.returncode == 1
    assert 'no robot at robot_ip "127.13.0.1"' in result.stderr
    assert 'sim:=true' in result.stderr
    assert 'Traceback' not in result.stderr


def test_an_unknown_parameter_ends_in_a_message_and_exit_code_1(bridge_command):
    result = subprocess.run(
        bridge_command(robot_adress='127.13.0.1'), capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert 'has no parameter robot_adress' in result.stderr
