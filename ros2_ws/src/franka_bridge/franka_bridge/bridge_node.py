"""The ROS side of the bridge: decodes chunks and requests, encodes states; decides nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np
from geometry_msgs.msg import PoseStamped, Quaternion
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool, Trigger
from vls_interfaces import msg as messages

from franka_bridge.arm import ArmError, ArmState
from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.control_loop import ControlLoop
from franka_bridge.franky_arm import connect_arm
from franka_bridge.gripper_thread import GripperThread, connect_gripper
from vls_core.control import fr3
from vls_core.control.chunk_clock import RefusedChunkError
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference
from vls_core.control.watchdog import TransitionError
from vls_core.types import BASE_FRAME, InvalidValueError
from vls_ros import convert, qos
from vls_ros.lifecycle import SetupError, VlsNode, run_node

_CHUNK_LIFESPAN = 1.0
_GIL_SWITCH_INTERVAL = 0.001  # s; Python's 5 ms would be a whole control period


class BridgeNode(VlsNode):
    """Life-cycle node around a ControlLoop."""

    parameters_class: ClassVar[type] = BridgeParameters
    parameters: BridgeParameters

    def __init__(self) -> None:
        super().__init__('franka_bridge')
        self._loop: ControlLoop | None = None
        self._gripper: GripperThread | None = None
        self._kinematics = Fr3Kinematics()
        self._states_skipped = 0
        self._joint_states = self.create_publisher(JointState, 'joint_states', qos.STATE)
        self._references = self.create_publisher(JointState, 'joint_references', qos.STATE)
        self._poses = self.create_publisher(PoseStamped, 'end_effector_pose', qos.STATE)
        self._statuses = self.create_publisher(messages.BridgeStatus, 'bridge_status', qos.STATUS)
        self.create_subscription(
            messages.ActionChunk,
            'action_chunk',
            self._on_chunk,
            qos.action_chunk(_CHUNK_LIFESPAN),
            callback_group=MutuallyExclusiveCallbackGroup(),
        )
        self.create_timer(1.0 / self.parameters.status_rate, self._publish_status)
        self._serve(SetBool, 'arm', self._arm_or_disarm)
        self._serve(Trigger, 'estop', lambda _: self._running_loop().stop())
        self._serve(Trigger, 'recover', lambda _: self._running_loop().recover())
        self._serve(Trigger, 'home', lambda _: self._running_loop().home())

    # --- life cycle ---

    def setup(self) -> None:
        """Connects to the arm and the gripper."""
        try:
            settings = self.parameters.loop_settings()
        except InvalidValueError as error:
            raise SetupError(f'parameters: {error}') from error
        values, address = self.parameters, self.parameters.robot_ip
        try:
            arm = connect_arm(
                address, values.realtime, values.connect_timeout,
                values.collision_torque, values.collision_force,
            )
            self._gripper = GripperThread(
                connect_gripper(address, values.connect_timeout),
                values.gripper_force, values.gripper_timeout, self._on_gripper_fault,
            )
            self._loop = ControlLoop(arm, self._gripper, settings, self._publish_state)
        except ArmError as error:
            raise SetupError(_how_to_connect(address, error)) from error

    def start(self) -> None:
        """Begins to publish states; arms if `auto_arm` is set."""
        self._loop.start()
        self.get_logger().info(
            f'connected to {self.parameters.robot_ip}'
            + (', dry run: nothing is sent to the arm' if self.parameters.dry_run else '')
        )
        if self.parameters.auto_arm:
            try:
                self._loop.arm()
            except (TransitionError, ArmError) as error:
                self.get_logger().error(f'cannot arm: {error}')

    def halt(self) -> None:
        """Brings the arm to rest."""
        try:
            self._loop.close()
        except ArmError as error:
            self.get_logger().error(f'while stopping: {error}')

    def teardown(self) -> None:
        """Lets go of the arm and the gripper."""
        if self._gripper is not None:
            self._gripper.close()
        self._loop = self._gripper = None

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """State and counters of the control loop."""
        if self._loop is None:
            return False, 'not connected', {}
        status = self._loop.status
        values = {
            'state': status.state.name,
            'chunk age [s]': round(status.chunk_age, 3),
            'accepted chunks': status.accepted_chunks,
            'refused chunks': status.refused_chunks,
            'starvations': status.starvations,
            'limited references': status.limited_references,
            'missed periods': status.overruns,
        }
        return not status.state.latched, status.reason or status.state.name.lower(), values

    # --- in ---

    def _on_chunk(self, message: messages.ActionChunk) -> None:
        loop = self._loop
        if loop is None:
            return
        try:
            chunk = convert.chunk_from_message(message)
        except InvalidValueError as error:
            loop.refuse(str(error))
            self._warn_of_refusal(str(error))
            return
        # ROS time may jump; inside the loop everything runs on the monotonic clock.
        offset = time.monotonic() - 1e-9 * self.get_clock().now().nanoseconds
        try:
            loop.accept(replace(chunk, observation_time=chunk.observation_time + offset))
        except (RefusedChunkError, TransitionError) as error:
            self._warn_of_refusal(str(error))

    def _warn_of_refusal(self, reason: str) -> None:
        self.get_logger().warning(f'chunk refused: {reason}', throttle_duration_sec=1.0)

    def _serve(
        self, kind: type, name: str, handle: Callable[[SetBool.Request | Trigger.Request], None]
    ) -> None:
        # A group each: `stop` must get through while `home` is under way.
        def answer(request: object, response: object) -> object:
            try:
                handle(request)
                response.success = True
                response.message = self._running_loop().status.state.name
            except (TransitionError, ArmError) as error:
                self.get_logger().warning(f'{name}: {error}')
                response.success, response.message = False, str(error)
            return response

        self.create_service(
            kind,
            f'franka_bridge/{name}',
            answer,
            callback_group=MutuallyExclusiveCallbackGroup(),
        )

    def _arm_or_disarm(self, request: SetBool.Request) -> None:
        if request.data:
            self._running_loop().arm()
        else:
            self._running_loop().disarm()

    def _running_loop(self) -> ControlLoop:
        if self._loop is None:
            raise TransitionError('the bridge is not connected: configure and activate it first')
        return self._loop

    def _on_gripper_fault(self, reason: str) -> None:
        self.get_logger().error(reason)
        if self._loop is not None:
            self._loop.fault(reason)

    # --- out ---

    def _publish_state(self, state: ArmState, reference: Reference | None) -> None:
        self._states_skipped += 1
        if self._states_skipped < self.parameters.reference_rate / self.parameters.state_rate:
            return
        self._states_skipped = 0
        if not self.context.ok():  # shutting down: the loop goes on until the arm rests
            return
        stamp = self.get_clock().now().to_msg()
        self._joint_states.publish(_joint_state(stamp, state, self._gripper.width))
        self._poses.publish(_pose(stamp, *self._kinematics.forward(state.joint_positions)))
        if self.parameters.dry_run and reference is not None:
            self._references.publish(_reference_state(stamp, reference))

    def _publish_status(self) -> None:
        if self._loop is None:
            return
        status = self._loop.status
        message = messages.BridgeStatus(
            state=int(status.state),
            reason=status.reason,
            dry_run=self.parameters.dry_run,
            chunk_age=status.chunk_age,
            last_sequence=status.last_sequence,
            accepted_chunks=status.accepted_chunks,
            refused_chunks=status.refused_chunks,
            starvations=status.starvations,
            limited_references=status.limited_references,
            gripper_width=status.gripper_width,
        )
        message.header.stamp = self.get_clock().now().to_msg()
        self._statuses.publish(message)


def _joint_state(stamp: object, state: ArmState, gripper_width: float) -> JointState:
    fingers = [gripper_width / 2, gripper_width / 2]
    message = JointState(
        name=[*fr3.JOINT_NAMES, *fr3.FINGER_JOINT_NAMES],
        position=[*state.joint_positions.tolist(), *fingers],
        velocity=[*state.joint_velocities.tolist(), 0.0, 0.0],
    )
    message.header.stamp = stamp
    return message


def _reference_state(stamp: object, reference: Reference) -> JointState:
    message = JointState(
        name=list(fr3.JOINT_NAMES),
        position=reference.position.tolist(),
        velocity=reference.velocity.tolist(),
    )
    message.header.stamp = stamp
    return message


def _pose(stamp: object, position: np.ndarray, quaternion: np.ndarray) -> PoseStamped:
    x, y, z, w = quaternion.tolist()
    message = PoseStamped()
    message.header.stamp = stamp
    message.header.frame_id = BASE_FRAME
    message.pose.position = convert.point(position)
    message.pose.orientation = Quaternion(x=x, y=y, z=z, w=w)
    return message


def _how_to_connect(address: str, error: ArmError) -> str:
    return (
        f'no robot at robot_ip "{address}" ({error}). Check that the robot is powered, its brakes '
        'are open and FCI is activated in Desk, that this computer reaches it over the network '
        '(ping), and that nothing else controls it; without a robot, start with sim:=true'
    )


def main() -> None:
    """Runs the node as a process."""
    sys.setswitchinterval(_GIL_SWITCH_INTERVAL)
    sys.exit(run_node(BridgeNode))
