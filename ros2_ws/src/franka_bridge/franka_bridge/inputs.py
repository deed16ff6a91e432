"""What the world asks of the bridge: chunks, trajectories, reward programs, a living operator."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory
from vls_interfaces import msg as messages

from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.control_loop import ControlLoop
from franka_bridge.trajectory_input import chunk_from_trajectory
from vls_core.control.chunk_rules import RefusedChunkError
from vls_core.control.collisions import Box
from vls_core.control.watchdog import TransitionError
from vls_core.types import ActionChunk, InvalidValueError, ObjectKind
from vls_ros import convert, qos
from vls_ros.heartbeat import HeartbeatWatch

_CHUNK_LIFESPAN = 1.0
_LEAVE_THE_GRIPPER = 0.5  # neither open nor closed: nothing changes
_TOPICS = ('action_chunk', 'joint_trajectory')


class RivalPublishersError(RefusedChunkError):
    """More than one publisher sends motion: nobody knows whom to follow."""


class BridgeInputs:
    """Subscriptions of the bridge, all relative to its namespace.

    Args:
        node: to listen with.
        parameters: of the bridge.
        loop: the loop while the bridge is connected.
    """

    def __init__(
        self, node: Node, parameters: BridgeParameters, loop: Callable[[], ControlLoop | None]
    ) -> None:
        self._node, self._parameters, self._loop = node, parameters, loop
        self._trajectories = 0
        self._rivals = ''
        self._program = ''
        self._seen_obstacles: tuple[Box, ...] = ()
        group = MutuallyExclusiveCallbackGroup()
        node.create_subscription(
            messages.ActionChunk, 'action_chunk', self._on_chunk,
            qos.action_chunk(_CHUNK_LIFESPAN), callback_group=group,
        )
        node.create_subscription(
            JointTrajectory, 'joint_trajectory', self._on_trajectory, qos.STATUS,
            callback_group=group,
        )
        node.create_subscription(
            messages.RewardProgram, 'reward_program', self._on_program, qos.LATCHED
        )
        if parameters.scene_obstacles:
            node.create_subscription(messages.Scene, 'scene', self._on_scene, qos.LATCHED)
        self.operator = self._watch_operator()

    def _watch_operator(self) -> HeartbeatWatch | None:
        timeout = self._parameters.operator_timeout
        if timeout == 0.0:
            return None
        return HeartbeatWatch(
            self._node, 'operator_heartbeat', timeout, on_lost=self._on_operator_lost
        )

    def look_for_rivals(self) -> None:
        """Counts who publishes motion; with more than one, nothing is followed."""
        names = [
            f'{publisher.node_namespace.rstrip("/")}/{publisher.node_name} on {topic}'
            for topic in _TOPICS
            for publisher in self._node.get_publishers_info_by_topic(topic)
        ]
        self._rivals = '' if len(names) <= 1 else (
            f'{len(names)} publishers send motion ({", ".join(sorted(names))}); leave one'
        )

    def _on_chunk(self, message: messages.ActionChunk) -> None:
        self._take(lambda: convert.chunk_from_message(message))

    def _on_trajectory(self, message: JointTrajectory) -> None:
        self._trajectories += 1
        loop = self._loop()
        if loop is None:
            return
        self._take(lambda: chunk_from_trajectory(
            message, self._parameters.robot_type, self._now(), self._trajectories,
            _LEAVE_THE_GRIPPER, loop.asked_positions,
        ))

    def _take(self, decode: Callable[[], ActionChunk]) -> None:
        loop = self._loop()
        if loop is None:
            return
        try:
            if self._rivals:
                raise RivalPublishersError(self._rivals)
            chunk = decode()
        except (InvalidValueError, RivalPublishersError) as error:
            loop.refuse(error)
            self._warn(error)
            return
        # ROS time may jump; inside the loop everything runs on the monotonic clock.
        offset = time.monotonic() - self._now()
        try:
            loop.accept(replace(chunk, observation_time=chunk.observation_time + offset))
        except (RefusedChunkError, TransitionError) as error:
            self._warn(error)

    def tell(self, loop: ControlLoop) -> None:
        """Tells a new loop what was heard before it was there: program and obstacles."""
        loop.program_announced(self._program)
        loop.set_obstacles(self._parameters.fixed_obstacles() + self._seen_obstacles)

    def _on_program(self, message: messages.RewardProgram) -> None:
        self._program = message.program_id if message.stages else ''
        loop = self._loop()
        if loop is not None:
            loop.program_announced(self._program)

    def _on_scene(self, message: messages.Scene) -> None:
        try:
            scene = convert.scene_from_message(message)
            self._seen_obstacles = tuple(
                Box(item.name, item.center, item.extent)
                for item in scene.of_kind(ObjectKind.OBSTACLE)
            )
        except ValueError as error:  # an object of an unknown kind too
            self._node.get_logger().error(
                f'obstacles stay as they are, a scene makes no sense: {error}',
                throttle_duration_sec=2.0,
            )
            return
        loop = self._loop()
        if loop is not None:
            loop.set_obstacles(self._parameters.fixed_obstacles() + self._seen_obstacles)

    def _on_operator_lost(self) -> None:
        loop = self._loop()
        if loop is not None:
            loop.stop('the heartbeat of the operator is lost')

    def _now(self) -> float:
        return 1e-9 * self._node.get_clock().now().nanoseconds

    def _warn(self, reason: Exception) -> None:
        self._node.get_logger().warning(
            f'chunk refused: {reason}', throttle_duration_sec=1.0
        )
