"""The links are where forward kinematics says, in order, by name, and not too often."""

from dataclasses import dataclass, field

import numpy as np
import pinocchio as pin
import pytest
import rclpy
from builtin_interfaces.msg import Time
from geometry_msgs.msg import TransformStamped
from hypothesis import given
from hypothesis import strategies as st
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import MultiDOFJointState

from franka_bridge import transforms
from franka_bridge.transforms import LINK_FRAMES, TransformPublisher, link_poses, link_transforms
from vls_core.control.fr3 import HOME_JOINT_POSITIONS, JOINT_PLACEMENTS
from vls_core.control.kinematics import Fr3Kinematics
from vls_ros import convert, qos

STAMP = Time(sec=5, nanosec=250_000_000)
POSITIONS = st.lists(st.floats(-3.0, 3.0), min_size=7, max_size=7).map(np.array)


def placement(transform):
    turn, shift = transform.rotation, transform.translation
    return pin.SE3(
        pin.Quaternion(turn.w, turn.x, turn.y, turn.z), np.array([shift.x, shift.y, shift.z])
    )


@given(POSITIONS)
def test_the_chain_of_links_ends_where_forward_kinematics_says(positions):
    pose = pin.SE3.Identity()
    for item in link_transforms(STAMP, positions):
        pose = pose * placement(item.transform)
    position, quaternion = Fr3Kinematics().forward(positions)
    assert pose.translation == pytest.approx(position, abs=1e-9)
    turn = pin.Quaternion(pose.rotation).coeffs()
    assert abs(turn @ quaternion) == pytest.approx(1.0, abs=1e-9)


@given(POSITIONS)
def test_poses_in_the_base_frame_are_the_chain_multiplied_out(positions):
    message = link_poses(STAMP, positions)
    pose = pin.SE3.Identity()
    for item, transform in zip(
        link_transforms(STAMP, positions), message.transforms, strict=True
    ):
        pose = pose * placement(item.transform)
        assert pose.isApprox(placement(transform), 1e-9)


def test_each_link_hangs_on_the_one_before_it():
    items = link_transforms(STAMP, HOME_JOINT_POSITIONS)
    pairs = [(item.header.frame_id, item.child_frame_id) for item in items]
    assert pairs == list(zip(LINK_FRAMES, LINK_FRAMES[1:], strict=False))
    assert (pairs[0][0], pairs[-1][1]) == ('fr3_link0', 'fr3_hand_tcp')
    assert {'fr3_link1', 'fr3_link7', 'fr3_link8', 'fr3_hand'} <= {child for _, child in pairs}
    assert all(item.header.stamp == STAMP for item in items)


def test_a_joint_at_zero_is_its_placement():
    first = link_transforms(STAMP, np.zeros(7))[0].transform.translation
    assert (first.x, first.y, first.z) == JOINT_PLACEMENTS[0][0]


def test_poses_are_named_and_in_the_base_frame():
    message = link_poses(STAMP, HOME_JOINT_POSITIONS)
    assert message.header.frame_id == 'fr3_link0'
    assert message.header.stamp == STAMP
    assert tuple(message.joint_names) == LINK_FRAMES[1:]
    last = message.transforms[-1].translation
    assert (last.x, last.y, last.z) == pytest.approx((0.40, 0.0, 0.30), abs=1e-6)


class RecordingNode:
    """Fake: notes what is published where."""

    def __init__(self):
        self.publishers, self.messages = [], []

    def create_publisher(self, kind, topic, profile):
        self.publishers.append((kind, topic))
        return self

    def publish(self, message):
        self.messages.append(message)


@dataclass
class FakeTransformMessage:
    """Stands in for tf2_msgs/TFMessage, which PyPI does not have."""

    transforms: list[TransformStamped] = field(default_factory=list)


def test_with_tf2_the_links_go_to_tf(monkeypatch):
    monkeypatch.setattr(transforms, 'TFMessage', FakeTransformMessage)
    node = RecordingNode()
    TransformPublisher(node, 50.0).publish(STAMP, HOME_JOINT_POSITIONS)
    assert node.publishers == [(FakeTransformMessage, '/tf')]
    assert [item.child_frame_id for item in node.messages[0].transforms] == list(LINK_FRAMES[1:])


@pytest.mark.parametrize(('rate', 'expected'), [(30.0, 31), (50.0, 51), (1000.0, 201)])
def test_the_rate_is_kept_whatever_the_rate_of_calls(monkeypatch, rate, expected):
    monkeypatch.setattr(transforms, 'TFMessage', None)
    node = RecordingNode()
    publisher = TransformPublisher(node, rate)
    for tick in range(201):  # one second
        publisher.publish(convert.stamp(100.0 + 0.005 * tick + 1e-6), HOME_JOINT_POSITIONS)
    assert len(node.messages) == pytest.approx(expected, abs=1)


def test_a_clock_that_was_set_back_does_not_silence_it(monkeypatch):
    monkeypatch.setattr(transforms, 'TFMessage', None)
    node = RecordingNode()
    publisher = TransformPublisher(node, 10.0)
    for time in (100.0, 20.0, 20.05, 20.1001):
        publisher.publish(convert.stamp(time), HOME_JOINT_POSITIONS)
    assert len(node.messages) == 3


@pytest.fixture
def node():
    context = Context()
    rclpy.init(context=context, domain_id=77)
    item = Node('transforms', context=context, namespace='/links')
    yield item
    item.destroy_node()
    context.try_shutdown()


@pytest.mark.skipif(transforms.TFMessage is not None, reason='tf2 is installed')
def test_without_tf2_the_poses_arrive_by_name(node):
    heard = []
    node.create_subscription(MultiDOFJointState, 'link_transforms', heard.append, qos.STATE)
    publisher = TransformPublisher(node, 1000.0)
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    for tick in range(2000):
        publisher.publish(convert.stamp(100.0 + 0.01 * tick), HOME_JOINT_POSITIONS)
        executor.spin_once(timeout_sec=0.01)
        if heard:
            break
    executor.shutdown()
    assert tuple(heard[0].joint_names) == LINK_FRAMES[1:]
