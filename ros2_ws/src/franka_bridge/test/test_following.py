"""Each way to follow references, in process, on franky's simulated robot."""

import time

import numpy as np
import pytest
from bridge_rig import STILL, simulated_robot, wait_for
from memory_arm import RecordingGripper

from franka_bridge.connecting import robot_at
from franka_bridge.control_loop import ControlLoop
from franka_bridge.following.mode import FollowMode
from franka_bridge.franky_arm import ArmSettings, FrankyArm
from franka_bridge.loop_settings import LoopSettings
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.watchdog import BridgeState
from vls_core.types import ActionChunk

STEP = 1 / 15
MOVING, STAYING = 60, 20  # steps; so slow that a simulation slower than real time keeps up
PATIENT = LoopSettings(dry_run=False, state_timeout=5.0)
TOLERANCE = {
    FollowMode.JOINT_IMPEDANCE: 0.004,
    FollowMode.JOINT_VELOCITY: 0.003,
    FollowMode.CARTESIAN_IMPEDANCE: 0.006,
}
"""Of the hand at the end of a chunk [m]."""


@pytest.fixture
def connection():
    with simulated_robot() as process:
        yield robot_at(process.address, 30.0)


class Bridge:
    """A loop on the simulated robot, and what it has measured."""

    def __init__(self, connection, mode):
        self.mode = mode
        self.arm = FrankyArm(connection, ArmSettings(mode=mode))
        self.states, self.references = [], []
        self.loop = ControlLoop(
            self.arm, RecordingGripper(), PATIENT, self._listen
        )
        self._kinematics = Fr3Kinematics()

    def _listen(self, state, reference):
        self.states.append(state)
        self.references.append(reference)

    def hand(self):
        return self._kinematics.forward(self.states[-1].joint_positions)[0]

    def send_way(self, move):
        """Sends the hand along a straight way, slowly at its ends; where it leads to (3,) [m]."""
        start, turn = self._kinematics.forward(self.references[-1].position)
        u = np.minimum(np.arange(1, MOVING + STAYING + 1) / MOVING, 1.0)[:, None]
        way = start + u**2 * (3 - 2 * u) * np.array(move)
        targets = np.hstack([way, np.tile(turn, (len(way), 1))])
        self.loop.accept(
            ActionChunk(time.monotonic(), STEP, 1, targets, np.full(len(way), 0.5))
        )
        return way[-1]

    def speed(self):
        return np.abs(self.states[-1].joint_velocities).max()

    def wait(self, duration):
        """Until so much of the robot's time has passed [s]."""
        end = self.states[-1].time + duration
        wait_for(lambda: self.states[-1].time > end, f'{duration} s of the robot')

    @property
    def state(self):
        return self.loop.status.state


@pytest.fixture(params=list(FollowMode), ids=lambda mode: mode.value)
def bridge(connection, request):
    bridge = Bridge(connection, request.param)
    bridge.loop.start()
    bridge.loop.arm()
    wait_for(lambda: bridge.references and bridge.references[-1] is not None, 'references')
    yield bridge
    bridge.loop.close()


def test_a_slow_chunk_is_followed_to_its_end_and_the_hand_holds_still_there(bridge):
    tolerance = TOLERANCE[bridge.mode]
    end = bridge.send_way([0.05, 0.12, -0.08])
    wait_for(lambda: bridge.state is BridgeState.STARVED, 'the end of the chunk')
    wait_for(lambda: np.linalg.norm(bridge.hand() - end) < tolerance, 'the hand at the end')
    wait_for(lambda: bridge.speed() < STILL, 'the arm to rest')
    first = len(bridge.states)
    bridge.wait(0.5)
    held = np.array([
        Fr3Kinematics().forward(state.joint_positions)[0] for state in bridge.states[first:]
    ])
    assert np.linalg.norm(held - end, axis=1).max() < tolerance
    assert max(np.abs(state.joint_velocities).max() for state in bridge.states[first:]) < STILL
    assert bridge.state is BridgeState.STARVED, bridge.loop.status.reason
    assert bridge.loop.status.violations == {}


def test_an_arm_whose_loop_has_died_comes_to_rest(bridge):
    let_the_loop_die_while_moving(bridge)
    wait_for(
        lambda: np.abs(bridge.arm.read().joint_velocities).max() < STILL, 'the arm to rest'
    )


@pytest.mark.parametrize('bridge', [FollowMode.JOINT_VELOCITY], indirect=True)
def test_velocities_that_are_not_renewed_end_the_motion_for_good(bridge, connection):
    let_the_loop_die_while_moving(bridge)
    wait_for(lambda: not connection.is_in_control, "franky's own dead-man")
    bridge.loop.cycle()  # back from the dead, too late
    assert bridge.state is BridgeState.FAULT
    assert 'came too late' in bridge.loop.status.reason
    assert np.abs(bridge.arm.read().joint_velocities).max() < STILL


def let_the_loop_die_while_moving(bridge):
    bridge.send_way([0.0, 0.2, 0.0])
    wait_for(lambda: bridge.speed() > 5 * STILL, 'the arm to move')
    bridge.loop._thread.close()  # without a word to anybody
    assert bridge.state is BridgeState.TRACKING
