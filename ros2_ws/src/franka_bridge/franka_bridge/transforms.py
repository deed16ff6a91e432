"""Where the links of the arm are, for tf2 and whoever draws the robot.

With tf2 installed (any ROS installation) every link is published against the one before it on
`/tf`. The PyPI packages have no tf2_msgs; there, the poses of all links in the base frame go out
by name as `sensor_msgs/MultiDOFJointState` on `link_transforms`, the one standard message at hand
that keeps a name beside each transform.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pinocchio as pin
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import MultiDOFJointState

from vls_core.control import fr3
from vls_core.types import BASE_FRAME, END_EFFECTOR_FRAME, JOINT_COUNT
from vls_ros import convert, qos

try:
    from tf2_msgs.msg import TFMessage
except ModuleNotFoundError:
    TFMessage = None

LINK_FRAMES: Final = (
    BASE_FRAME, *(f'fr3_link{number}' for number in range(1, 9)), 'fr3_hand', END_EFFECTOR_FRAME
)
"""From the base to the end effector; each is the parent of the next. A Panda has the same geometry
and is published under the same names, those of all other frames of the stack."""

_TF_QOS = QoSProfile(depth=100)  # as tf2_ros broadcasts


def _moving_placements() -> list[pin.SE3]:
    return [
        pin.SE3(pin.utils.rotate('x', turn), np.array(translation))
        for translation, turn in fr3.JOINT_PLACEMENTS
    ]


def _fixed_placements() -> list[pin.SE3]:
    # Flange, hand and end effector, each in the one before; the flange has the axes of joint 7.
    return [
        pin.SE3(np.eye(3), np.array([0.0, 0.0, fr3.JOINT7_TO_HAND])),
        pin.SE3(pin.utils.rotate('z', fr3.HAND_ROTATION), np.zeros(3)),
        pin.SE3(np.eye(3), np.array([0.0, 0.0, fr3.HAND_TO_END_EFFECTOR])),
    ]


_MOVING, _FIXED = _moving_placements(), _fixed_placements()


def link_placements(joint_positions: np.ndarray) -> list[pin.SE3]:
    """Each frame of LINK_FRAMES after the first, in the frame before it.

    Args:
        joint_positions: (7,) [rad].
    """
    turned = [
        placement * pin.SE3(pin.utils.rotate('z', float(angle)), np.zeros(3))
        for placement, angle in zip(_MOVING, joint_positions[:JOINT_COUNT], strict=True)
    ]
    return turned + _FIXED


def link_transforms(stamp: Time, joint_positions: np.ndarray) -> list[TransformStamped]:
    """All links, from parent to child, as tf2 wants them.

    Args:
        joint_positions: (7,) [rad].
    """
    transforms = []
    for parent, child, placement in zip(
        LINK_FRAMES, LINK_FRAMES[1:], link_placements(joint_positions), strict=False
    ):
        item = TransformStamped(child_frame_id=child, transform=_transform(placement))
        item.header.stamp, item.header.frame_id = stamp, parent
        transforms.append(item)
    return transforms


def link_poses(stamp: Time, joint_positions: np.ndarray) -> MultiDOFJointState:
    """All links in the base frame, by name; the base itself is left out.

    Args:
        joint_positions: (7,) [rad].
    """
    message = MultiDOFJointState(joint_names=LINK_FRAMES[1:])
    message.header.stamp, message.header.frame_id = stamp, BASE_FRAME
    pose = pin.SE3.Identity()
    for placement in link_placements(joint_positions):
        pose = pose * placement
        message.transforms.append(_transform(pose))
    return message


def _transform(placement: pin.SE3) -> Transform:
    x, y, z = placement.translation.tolist()
    qx, qy, qz, qw = pin.Quaternion(placement.rotation).coeffs().tolist()
    return Transform(
        translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)
    )


class TransformPublisher:
    """Publishes the links, on `/tf` if tf2 is installed, else on `link_transforms`.

    Args:
        node: to publish with.
        rate: transforms per second at most [Hz], however often `publish` is called.
    """

    def __init__(self, node: Node, rate: float) -> None:
        self._period = 1.0 / rate
        self._due: float | None = None
        self._with_tf = TFMessage is not None
        self._publisher: Any = (
            node.create_publisher(TFMessage, '/tf', _TF_QOS) if self._with_tf
            else node.create_publisher(MultiDOFJointState, 'link_transforms', qos.STATE)
        )

    def publish(self, stamp: Time, joint_positions: np.ndarray) -> None:
        """Publishes the links at joint positions (7,) [rad], unless it is too soon."""
        if not self._is_due(convert.seconds(stamp)):
            return
        self._publisher.publish(
            TFMessage(transforms=link_transforms(stamp, joint_positions)) if self._with_tf
            else link_poses(stamp, joint_positions)
        )

    def _is_due(self, now: float) -> bool:
        # Counted from when it was due, not from when it was called: else a rate that does not
        # divide the caller's would come out too low. A clock that was set back starts afresh.
        due = self._due
        if due is not None and due - self._period <= now < due:
            return False
        late = due is None or not due <= now < due + self._period
        self._due = (now if late else due) + self._period
        return True
