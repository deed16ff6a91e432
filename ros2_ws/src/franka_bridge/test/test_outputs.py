"""What the bridge tells: against the simulated robot, as any node would hear it."""


import numpy as np
import pinocchio as pin
import pytest
from bridge_rig import HOME, wait_for
from geometry_msgs.msg import PoseStamped, WrenchStamped
from rclpy.clock import Clock
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState, MultiDOFJointState
from std_msgs.msg import Header
from vls_interfaces.msg import BridgeStatus

from franka_bridge.arm import ArmState
from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.outputs import BridgeOutputs
from franka_bridge.transforms import TFMessage
from vls_core.control.fr3 import HOME_JOINT_POSITIONS
from vls_ros.convert import pose_arrays, seconds

RATE = 50.0
BRIDGE = {'state_rate': RATE, 'transform_rate': RATE, 'mode': 'joint_impedance'}
EVERYTHING = QoSProfile(
    depth=1000, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.BEST_EFFORT
)
JITTER = 'reference jitter p50 p95 p99 max [ms]'


class Recorder:
    """Keeps what comes on a topic, and when it came [s]."""

    def __init__(self, client, kind, topic):
        self.messages, self.heard = [], []
        self._client = client
        self._subscription = client.node.create_subscription(
            kind, topic, self._take, EVERYTHING
        )

    def _take(self, message):
        self.heard.append(self._client.now())
        self.messages.append(message)

    def wait_for(self, count):
        wait_for(lambda: len(self.messages) >= count, f'{count} messages')

    def close(self):
        self._client.node.destroy_subscription(self._subscription)


@pytest.fixture
def record(shared_client):
    recorders = []

    def start(kind, topic):
        recorders.append(Recorder(shared_client, kind, topic))
        return recorders[-1]

    yield start
    for recorder in recorders:
        recorder.close()


def test_joint_states_name_the_joints_and_are_stamped_when_they_are_measured(record):
    states = record(JointState, 'joint_states')
    states.wait_for(50)
    message = states.messages[-1]
    assert list(message.name) == [
        *(f'fr3_joint{number}' for number in range(1, 8)), 'fr3_finger_joint1', 'fr3_finger_joint2'
    ]
    assert len(message.position) == len(message.velocity) == 9
    np.testing.assert_allclose(message.position[:7], HOME_JOINT_POSITIONS, atol=0.05)
    stamps = np.array([seconds(item.header.stamp) for item in states.messages[:50]])
    assert (np.diff(stamps) > 0.0).all()
    ages = np.array(states.heard[:50]) - stamps
    assert (ages >= 0.0).all()
    assert np.median(ages) < 0.5


def test_joint_states_come_at_their_rate_by_their_stamps(record):
    states = record(JointState, 'joint_states')
    states.wait_for(100)
    stamps = [seconds(item.header.stamp) for item in states.messages]
    assert np.median(np.diff(stamps)) == pytest.approx(1 / RATE, rel=0.2)


def test_the_wrench_is_that_of_the_end_effector(record):
    wrenches = record(WrenchStamped, 'external_wrench')
    wrenches.wait_for(1)
    assert wrenches.messages[0].header.frame_id == 'fr3_hand_tcp'


def test_the_last_link_is_where_the_end_effector_is_said_to_be(record):
    poses = record(PoseStamped, 'end_effector_pose')
    links = (
        record(TFMessage, '/tf') if TFMessage else record(MultiDOFJointState, 'link_transforms')
    )
    wait_for(lambda: same_stamp(poses.messages, links.messages), 'both of one moment')
    pose, link = same_stamp(poses.messages, links.messages)
    assert pose.header.frame_id == 'fr3_link0'
    position, quaternion = pose_arrays(pose)
    end = end_of(link)
    np.testing.assert_allclose(end.translation, position, atol=1e-6)
    np.testing.assert_allclose(end.rotation, pin.Quaternion(quaternion).matrix(), atol=1e-6)


def same_stamp(poses, links):
    by_stamp = {seconds(pose.header.stamp): pose for pose in list(poses)}
    for link in list(links):
        header = link.transforms[0].header if TFMessage else link.header
        if seconds(header.stamp) in by_stamp:
            return by_stamp[seconds(header.stamp)], link
    return None


def end_of(message):
    if not TFMessage:
        return placement(message.transforms[message.joint_names.index('fr3_hand_tcp')])
    end = pin.SE3.Identity()
    for item in message.transforms:
        end = end * placement(item.transform)
    return end


def placement(transform):
    move, turn = transform.translation, transform.rotation
    quaternion = pin.Quaternion(turn.w, turn.x, turn.y, turn.z)
    return pin.SE3(quaternion, np.array([move.x, move.y, move.z]))


def test_the_status_says_how_the_arm_is_driven_and_how_well_commands_get_through(shared_client):
    shared_client.arm()
    status = shared_client.status
    assert (status.robot_type, status.mode, status.dry_run) == ('fr3', 'joint_impedance', False)
    assert status.chunk_age == -1.0
    assert shared_client.now() - seconds(status.header.stamp) < 5.0
    seen = []

    def told():
        status = shared_client.status
        if status.state == BridgeStatus.TRACKING and status.command_success_rate > 0.0:
            seen.append(status)
        return seen

    shared_client.send_until(
        lambda: shared_client.send_line(HOME, HOME + [0.0, 0.02, 0.0], steps=40), told,
        'a chunk to be followed, and its commands to get through',
    )
    assert seen[0].command_success_rate <= 1.0
    assert seen[0].chunk_age > 0.0
    assert seen[0].accepted_chunks > 0
    assert seen[0].envelope_violations == 0


def test_diagnostics_name_refusals_and_tell_the_jitter_of_references(shared_client):
    shared_client.arm()
    name = 'refused: OutOfWorkspaceError'
    counted = int(shared_client.diagnostics.get(name, 0))
    shared_client.send_until(
        lambda: shared_client.send_line(HOME, HOME + [0.0, 0.0, -0.6]),
        lambda: 'outside the workspace' in shared_client.status.reason, 'a refusal',
    )
    wait_for(
        lambda: int(shared_client.diagnostics.get(name, 0)) > counted, 'it on /diagnostics'
    )
    values = shared_client.diagnostics
    assert values['mode'] == 'joint_impedance'
    assert values['state'] == 'ARMED'
    jitter = [float(value) for value in values[JITTER].split()]
    assert len(jitter) == 4
    assert jitter == sorted(jitter)
    assert int(values['missed periods']) >= 0


def test_the_heartbeat_names_the_bridge(shared_client, record):
    beats = record(Header, 'heartbeat')
    beats.wait_for(2)
    name = f'{shared_client.node.get_namespace()}/franka_bridge'
    assert {beat.frame_id for beat in beats.messages} == {name}


class CountingNode:
    """A fake: publishes nothing, counts what would have been published on each topic."""

    def __init__(self):
        self.counts, self._clock = {}, Clock()

    def get_clock(self):
        return self._clock

    def create_publisher(self, kind, topic, profile):
        self.counts[topic] = 0
        return CountingPublisher(self.counts, topic)


class CountingPublisher:
    """A fake, of CountingNode."""

    def __init__(self, counts, topic):
        self._counts, self._topic = counts, topic

    def publish(self, message):
        self._counts[self._topic] += 1


@pytest.mark.parametrize(
    ('asked', 'expected'),
    [(1.0, 1), (30.0, 30), (120.0, 120), (150.0, 150), (200.0, 200), (1000.0, 200)],
)
def test_states_come_at_any_rate_up_to_that_of_references(asked, expected):
    node = CountingNode()
    outputs = BridgeOutputs(node, BridgeParameters(reference_rate=200.0, state_rate=asked))
    state = ArmState(0.0, HOME_JOINT_POSITIONS, np.zeros(7))
    for _ in range(10 * 200):
        outputs.publish_state(state, None, 0.08)
    assert node.counts['joint_states'] == pytest.approx(10 * expected, abs=1)
    assert node.counts['joint_references'] == 0
