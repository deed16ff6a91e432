"""What the bridge follows, and whom: against the simulated robot, as any node would ask."""

import contextlib

import numpy as np
import pytest
from bridge_rig import HOME, SIMULATED, STILL, wait_for
from builtin_interfaces.msg import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint
from vls_interfaces.msg import (
    ActionChunk,
    BridgeStatus,
    RewardProgram,
    RewardStage,
    Scene,
    SceneObject,
)

from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.inputs import BridgeInputs
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.types import TargetKind
from vls_ros import qos
from vls_ros.heartbeat import HeartbeatPublisher

JOINTS = [f'fr3_joint{number}' for number in range(1, 8)]
NO_TURN = [0.0, 0.0, 0.0, 1.0]


@pytest.fixture
def armed(shared_client):
    """At home, holding."""
    shared_client.arm()
    answer = shared_client.ask('home')
    assert answer.success, answer.message
    wait_for(lambda: shared_client.speed() < STILL, 'the arm to rest at home')
    return shared_client


@contextlib.contextmanager
def publisher(node, kind, topic, profile=qos.STATUS):
    made = node.create_publisher(kind, topic, profile)
    try:
        wait_for(lambda: made.get_subscription_count() > 0, f'the bridge to listen to {topic}')
        yield made
    finally:
        node.destroy_publisher(made)


def trajectory(end, names=JOINTS):
    # Stays at its end for long: a simulation slower than real time falls behind on the way.
    return JointTrajectory(joint_names=names, points=[
        JointTrajectoryPoint(
            positions=[float(value) for value in end], time_from_start=Duration(sec=due)
        ) for due in (1, 6)
    ])


@pytest.fixture
def send_trajectory(armed):
    armed.stop_publishing()
    with publisher(armed.node, JointTrajectory, 'joint_trajectory') as trajectories:
        yield trajectories.publish
    armed.start_publishing()


def accepted(client):
    """A condition: something more than now was accepted."""
    before = client.status.accepted_chunks
    return lambda: client.status.accepted_chunks > before


def refused_for(client, *parts):
    return lambda: all(part in client.status.reason for part in parts)


def test_a_trajectory_in_another_order_is_followed_to_its_end(armed, send_trajectory):
    width = armed.status.gripper_width
    end = armed.joint_positions() + [0.15, -0.05, 0.1, 0.05, -0.1, 0.1, 0.2]
    order = [6, 0, 3, 1, 5, 2, 4]
    message = trajectory(end[order], [JOINTS[at] for at in order])
    armed.send_until(
        lambda: send_trajectory(message), accepted(armed), 'the trajectory to be followed'
    )
    armed.wait_for_state(BridgeStatus.STARVED)
    wait_for(
        lambda: np.abs(armed.joint_positions() - end).max() < 0.01, 'the arm to get to the end'
    )
    assert armed.status.gripper_width == pytest.approx(width, abs=2e-3)


@pytest.mark.parametrize(
    ('names', 'value', 'reason'),
    [
        (['elbow', *JOINTS[1:]], 0.0, 'joint_names: elbow unknown'),
        (JOINTS, float('nan'), 'positions: point 0 is not finite'),
    ],
    ids=['unknown joint', 'not a number'],
)
def test_a_bad_trajectory_is_refused_with_a_reason(armed, send_trajectory, names, value, reason):
    counted = int(armed.diagnostics.get('refused: TrajectoryError', 0))
    end = armed.joint_positions() + 0.1
    end[3] = value
    armed.send_until(
        lambda: send_trajectory(trajectory(end, names)), refused_for(armed, reason), reason
    )
    assert armed.status.state == BridgeStatus.ARMED
    wait_for(
        lambda: int(armed.diagnostics.get('refused: TrajectoryError', 0)) > counted,
        'the refusal on /diagnostics',
    )


def test_displacements_move_the_hand_by_their_sum(armed):
    kinematics = Fr3Kinematics()
    before, _ = kinematics.forward(armed.joint_positions())
    counted = armed.status.accepted_chunks
    # Stays at its end for a while: a simulation slower than real time falls behind on the way.
    moves = np.tile([0.002, 0.008, -0.005, *NO_TURN], (60, 1))
    moves[12:, :3] = 0.0
    armed.send_until(
        lambda: armed.send_targets(moves, TargetKind.CARTESIAN_DELTA),
        accepted(armed), 'the displacements to be followed',
    )
    armed.wait_for_state(BridgeStatus.STARVED)
    followed = armed.status.accepted_chunks - counted  # more than once if an answer came late
    end = before + followed * moves[:, :3].sum(axis=0)
    wait_for(
        lambda: np.linalg.norm(kinematics.forward(armed.joint_positions())[0] - end) < 0.004,
        'the hand to get to the end',
    )


def test_of_two_publishers_none_is_followed_until_one_has_gone(armed):
    def send():
        armed.send_line(HOME, HOME + [0.0, 0.03, 0.0])

    rival = Node('teleoperation', namespace=armed.node.get_namespace())
    with publisher(rival, ActionChunk, 'action_chunk', qos.action_chunk(1.0)):
        both = refused_for(armed, '/client on action_chunk', '/teleoperation on action_chunk')
        armed.send_until(send, both, 'a refusal that names both')
        before = armed.status.accepted_chunks
        refused = armed.status.refused_chunks
        armed.send_until(
            send, lambda: armed.status.refused_chunks > refused + 2, 'three more refusals'
        )
        assert armed.status.accepted_chunks == before
        wait_for(
            lambda: 'refused: RivalPublishersError' in armed.diagnostics,
            'the refusals on /diagnostics',
        )
    rival.destroy_node()
    armed.send_until(
        send, armed.entering(BridgeStatus.TRACKING), 'the one that is left to be followed'
    )


def test_chunks_of_a_replaced_reward_program_are_refused_after_the_grace(armed):
    def send(program):
        return lambda: armed.send_line(HOME, HOME + [0.0, 0.03, 0.0], program_id=program)

    with publisher(armed.node, RewardProgram, 'reward_program', qos.LATCHED) as programs:
        programs.publish(RewardProgram(program_id='first', stages=[RewardStage()]))
        wait_for(
            lambda: armed.diagnostics.get('reward program') == 'first', 'the program to be known'
        )
        armed.send_until(send('first'), accepted(armed), 'the first program to be followed')
        programs.publish(RewardProgram(program_id='second', stages=[RewardStage()]))
        armed.send_until(
            send('first'), refused_for(armed, '"first"', 'no longer in force'),
            'chunks of the first program to be refused',
        )
        armed.send_until(send('second'), accepted(armed), 'the second program to be followed')
    wait_for(
        lambda: 'refused: StaleProgramError' in armed.diagnostics, 'the refusal on /diagnostics'
    )


class RecordedLoop:
    """Stands in for the control loop: what it was told."""

    def program_announced(self, program_id):
        self.program = program_id

    def set_obstacles(self, obstacles):
        self.obstacles = [item.name for item in obstacles]


def test_what_was_heard_before_the_arm_was_connected_is_not_lost(ros, namespace):
    node = Node('early', namespace=namespace)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    inputs = BridgeInputs(node, BridgeParameters(scene_obstacles=True), lambda: None)
    loop = RecordedLoop()

    def told():
        executor.spin_once(timeout_sec=0.1)
        inputs.tell(loop)
        return loop.program == 'early' and loop.obstacles == ['box']

    with (
        publisher(node, RewardProgram, 'reward_program', qos.LATCHED) as programs,
        publisher(node, Scene, 'scene', qos.LATCHED) as scenes,
    ):
        programs.publish(RewardProgram(program_id='early', stages=[RewardStage()]))
        box = SceneObject(name='box', kind=SceneObject.OBSTACLE)
        box.extent.x = box.extent.y = box.extent.z = 0.1
        scenes.publish(Scene(objects=[box]))
        wait_for(told, 'the program and the obstacle')
    executor.shutdown()
    node.destroy_node()


@pytest.fixture
def operated(robot, client, start_bridge):
    """A bridge that needs an operator, told to arm by itself."""
    start_bridge(robot_ip=robot.address, operator_timeout=5.0, auto_arm='true', **SIMULATED)
    client.wait_for_state(BridgeStatus.IDLE)
    return client


def test_without_an_operator_nothing_is_armed_and_losing_one_stops_the_arm(operated):
    refused = operated.ask('arm', True)
    assert not refused.success
    assert 'no operator_heartbeat is heard' in refused.message
    operator = HeartbeatPublisher(operated.node, 'operator_heartbeat')
    wait_for(lambda: operated.ask('arm', True).success, 'the operator to be heard')
    operated.wait_for_state(BridgeStatus.ARMED)
    operator.close()
    operated.wait_for_state(BridgeStatus.ESTOP)
    assert 'heartbeat of the operator' in operated.status.reason
    assert operated.ask('recover').success
    assert not operated.ask('arm', True).success
