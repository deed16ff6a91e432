"""Messages to core types and back; nothing else in the stack reads or fills fields one by one."""

from __future__ import annotations

import array

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, PoseStamped, Vector3
from sensor_msgs.msg import JointState
from std_msgs.msg import Header
from vls_interfaces import msg as messages

from vls_core import types


class WrongFrameError(types.InvalidValueError):
    """A message is expressed in another frame than the base of the arm."""


class WrongJointsError(types.InvalidValueError):
    """The joints of a message are not those of its robot, from base to hand."""


class UnknownTargetKindError(types.InvalidValueError):
    """Nobody knows what the targets of a chunk mean."""


def seconds(stamp: Time) -> float:
    """A ROS time as seconds."""
    return stamp.sec + 1e-9 * stamp.nanosec


def stamp(time: float) -> Time:
    """Seconds as a ROS time."""
    whole = int(time)
    return Time(sec=whole, nanosec=min(int(round((time - whole) * 1e9)), 999_999_999))


def point(values: np.ndarray) -> Point:
    """(3,) to a Point."""
    return Point(x=float(values[0]), y=float(values[1]), z=float(values[2]))


def vector(values: Point | Vector3) -> np.ndarray:
    """A Point or Vector3 to (3,)."""
    return np.array([values.x, values.y, values.z])


def pose_arrays(pose: PoseStamped) -> tuple[np.ndarray, np.ndarray]:
    """Position (3,) [m] and quaternion (4,) x y z w of a pose."""
    turn = pose.pose.orientation
    return vector(pose.pose.position), np.array([turn.x, turn.y, turn.z, turn.w])


def chunk_to_message(chunk: types.ActionChunk) -> messages.ActionChunk:
    """An action chunk to its message."""
    return messages.ActionChunk(
        header=Header(stamp=stamp(chunk.observation_time), frame_id=types.BASE_FRAME),
        sequence=chunk.sequence,
        program_id=chunk.program_id,
        robot_type=chunk.robot_type,
        joint_names=_joint_names(chunk.target_kind, chunk.robot_type),
        target_kind=int(chunk.target_kind),
        step_duration=chunk.step_duration,
        horizon=chunk.horizon,
        targets=array.array('d', chunk.targets.tobytes()),
        gripper=array.array('d', chunk.gripper.tobytes()),
    )


def chunk_from_message(message: messages.ActionChunk) -> types.ActionChunk:
    """An action chunk from its message. Raises vls_core.types.InvalidValueError."""
    width = 7
    if message.header.frame_id != types.BASE_FRAME:
        raise WrongFrameError(
            f'frame_id: expected "{types.BASE_FRAME}", got "{message.header.frame_id}"'
        )
    if len(message.targets) != message.horizon * width:
        raise types.WrongShapeError(
            f'targets: expected {message.horizon} x {width} numbers, got {len(message.targets)}'
        )
    try:
        kind = types.TargetKind(message.target_kind)
    except ValueError as error:
        raise UnknownTargetKindError(f'target_kind: {message.target_kind} is unknown') from error
    names = _joint_names(kind, message.robot_type)
    if list(message.joint_names) != names:
        raise WrongJointsError(
            f'joint_names: expected {names}, in this order, got {list(message.joint_names)}'
        )
    return types.ActionChunk(
        observation_time=seconds(message.header.stamp),
        step_duration=message.step_duration,
        sequence=message.sequence,
        targets=np.array(message.targets).reshape(-1, width),
        gripper=np.array(message.gripper),
        target_kind=kind,
        program_id=message.program_id,
        robot_type=message.robot_type,
    )


def _joint_names(kind: types.TargetKind, robot_type: str) -> list[str]:
    if kind is not types.TargetKind.JOINT_POSITION:
        return []
    return types.joint_names(robot_type)


def scene_to_message(scene: types.Scene) -> messages.Scene:
    """A scene to its message."""
    return messages.Scene(
        header=Header(stamp=stamp(scene.stamp), frame_id=types.BASE_FRAME),
        objects=[_object_to_message(item) for item in scene.objects],
        detector=scene.detector,
    )


def _object_to_message(item: types.SceneObject) -> messages.SceneObject:
    return messages.SceneObject(
        name=item.name,
        kind=int(item.kind),
        center=point(item.center),
        extent=Vector3(x=item.extent[0], y=item.extent[1], z=item.extent[2]),
        keypoints=[
            messages.Keypoint(
                name=key.name, position=point(key.position), covariance=key.covariance.ravel()
            )
            for key in item.keypoints
        ],
        last_seen=stamp(item.last_seen),
    )


def scene_from_message(message: messages.Scene) -> types.Scene:
    """A scene from its message. Raises vls_core.types.InvalidValueError."""
    return types.Scene(
        stamp=seconds(message.header.stamp),
        objects=tuple(_object_from_message(item) for item in message.objects),
        detector=message.detector,
    )


def _object_from_message(item: messages.SceneObject) -> types.SceneObject:
    return types.SceneObject(
        name=item.name,
        kind=types.ObjectKind(item.kind),
        center=vector(item.center),
        extent=vector(item.extent),
        keypoints=tuple(
            types.Keypoint(key.name, vector(key.position), np.reshape(key.covariance, (3, 3)))
            for key in item.keypoints
        ),
        last_seen=seconds(item.last_seen),
    )


def robot_state(joints: JointState, pose: PoseStamped) -> types.RobotState:
    """The measured state of arm and gripper, as the bridge publishes it.

    Its stamp is the older one of the two. Raises vls_core.types.InvalidValueError.
    """
    position, quaternion = pose_arrays(pose)
    arm, fingers = types.JOINT_COUNT, slice(types.JOINT_COUNT, types.JOINT_COUNT + 2)
    return types.RobotState(
        stamp=min(seconds(joints.header.stamp), seconds(pose.header.stamp)),
        joint_positions=np.array(joints.position[:arm]),
        joint_velocities=np.array(joints.velocity[:arm]),
        end_effector_position=position,
        end_effector_quaternion=quaternion,
        gripper_width=float(np.sum(joints.position[fingers])),
    )
