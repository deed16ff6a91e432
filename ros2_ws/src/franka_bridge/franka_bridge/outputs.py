"""What the bridge tells the world: joint states, pose, wrench, transforms, status, diagnostics."""

from __future__ import annotations

import numpy as np
from geometry_msgs.msg import PoseStamped, Quaternion, WrenchStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState
from vls_interfaces.msg import BridgeStatus

from franka_bridge.arm import ArmState
from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.loop_settings import LoopStatus
from franka_bridge.transforms import TransformPublisher
from franka_bridge.wrench import wrench_message
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference
from vls_core.types import BASE_FRAME, joint_names
from vls_ros import convert, qos

_ONE = 1.0 - 1e-9  # five fifths may sum up to a little less


class BridgeOutputs:
    """Publishers of the bridge, all relative to its namespace.

    Args:
        node: to publish with.
        parameters: of the bridge.
    """

    def __init__(self, node: Node, parameters: BridgeParameters) -> None:
        self._node, self._parameters = node, parameters
        self._kinematics = Fr3Kinematics()
        self._owed = 0.0
        self._joint_states = node.create_publisher(JointState, 'joint_states', qos.STATE)
        self._references = node.create_publisher(JointState, 'joint_references', qos.STATE)
        self._poses = node.create_publisher(PoseStamped, 'end_effector_pose', qos.STATE)
        self._wrenches = node.create_publisher(WrenchStamped, 'external_wrench', qos.STATE)
        self._statuses = node.create_publisher(BridgeStatus, 'bridge_status', qos.STATUS)
        self._transforms = TransformPublisher(node, parameters.transform_rate)

    def publish_state(
        self, state: ArmState, reference: Reference | None, gripper_width: float
    ) -> None:
        """At the rate of states, whatever the rate of calls; from the loop's thread."""
        self._owed += self._parameters.state_rate / self._parameters.reference_rate
        if self._owed < _ONE:
            return
        self._owed = min(self._owed - 1.0, 1.0)
        stamp = self._node.get_clock().now().to_msg()
        robot_type = self._parameters.robot_type
        self._joint_states.publish(_joint_state(stamp, robot_type, state, gripper_width))
        pose = self._kinematics.forward(state.joint_positions)
        self._poses.publish(_pose_message(stamp, *pose))
        self._wrenches.publish(wrench_message(stamp, state.external_wrench))
        self._transforms.publish(stamp, state.joint_positions)
        if self._parameters.dry_run and reference is not None:
            self._references.publish(_reference_message(stamp, robot_type, reference))

    def publish_status(self, status: LoopStatus) -> None:
        """What is going on."""
        message = BridgeStatus(
            state=int(status.state),
            reason=status.reason,
            dry_run=self._parameters.dry_run,
            robot_type=self._parameters.robot_type,
            mode=self._parameters.mode,
            chunk_age=status.chunk_age,
            last_sequence=status.last_sequence,
            accepted_chunks=status.accepted_chunks,
            refused_chunks=status.refused_chunks,
            starvations=status.starvations,
            limited_references=status.limited_references,
            envelope_violations=sum(status.violations.values()),
            command_success_rate=status.command_success_rate,
            gripper_width=status.gripper_width,
            gripper_holding=status.gripper_holding,
        )
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._statuses.publish(message)


def _joint_state(
    stamp: object, robot_type: str, state: ArmState, gripper_width: float
) -> JointState:
    fingers = [f'{robot_type}_finger_joint{number}' for number in (1, 2)]
    message = JointState(
        name=[*joint_names(robot_type), *fingers],
        position=[*state.joint_positions.tolist(), gripper_width / 2, gripper_width / 2],
        velocity=[*state.joint_velocities.tolist(), 0.0, 0.0],
    )
    message.header.stamp = stamp
    return message


def _reference_message(stamp: object, robot_type: str, reference: Reference) -> JointState:
    message = JointState(
        name=joint_names(robot_type),
        position=reference.position.tolist(),
        velocity=reference.velocity.tolist(),
    )
    message.header.stamp = stamp
    return message


def _pose_message(stamp: object, position: np.ndarray, quaternion: np.ndarray) -> PoseStamped:
    x, y, z, w = quaternion.tolist()
    message = PoseStamped()
    message.header.stamp = stamp
    message.header.frame_id = BASE_FRAME
    message.pose.position = convert.point(position)
    message.pose.orientation = Quaternion(x=x, y=y, z=z, w=w)
    return message
