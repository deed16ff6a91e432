"""Node `policy`: observation and reward program in, steered action chunks out.

The policy stays frozen. While a program is latched on `reward_program`, a new chunk is planned
whenever enough of the last one is due; without a program, or with a stale view of the world,
nothing is published and the bridge holds the arm.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from geometry_msgs.msg import PoseStamped
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from sensor_msgs.msg import JointState
from visualization_msgs.msg import MarkerArray
from vls_interfaces import msg as messages

from vls_core.policies.flow import CheckpointError, FlowPolicy
from vls_core.steering.config import SteeringConfig
from vls_core.steering.errors import SteeringError
from vls_core.steering.planner import PlannedChunk, Planner, PlannerConfig, Task
from vls_core.steering.sampler import Steering
from vls_core.steering.stages import TaskState
from vls_core.steering.warm_up import warm_up
from vls_core.types import InvalidValueError, Scene, UnknownObjectError
from vls_policy_node.markers import plan_markers
from vls_ros import convert, qos
from vls_ros.latency import LatencyWindow
from vls_ros.lifecycle import SetupError, VlsNode, run_node
from vls_ros.parameters import parameter
from vls_ros.programs import program_from_message

_STATES = {
    None: messages.SteeringStatus.IDLE,
    TaskState.RUNNING: messages.SteeringStatus.RUNNING,
    TaskState.SUCCEEDED: messages.SteeringStatus.SUCCEEDED,
    TaskState.FAILED: messages.SteeringStatus.FAILED,
}
_DEFAULTS = SteeringConfig()


@dataclass(frozen=True)
class Parameters:
    """ROS parameters of the node."""

    checkpoint: str = parameter('', 'file of the frozen policy; empty: the one that comes along')
    seed: int = parameter(0, 'seed of the sampling noise, taken anew for each task', 0, 2**31 - 1)
    replan_steps: int = parameter(8, 'steps of a chunk after which the next one is planned', 1, 15)
    committed_steps: int = parameter(
        3, 'steps that are executed while the next chunk is planned; kept as they are', 0, 8
    )
    deadline: float = parameter(
        0.5, 'denoising ends after this with the best plan so far [s]', 0.02, 10.0
    )
    rate: float = parameter(20.0, 'how often observations are looked at [Hz]', 5.0, 100.0)
    maximum_observation_age: float = parameter(
        0.5, 'robot state older than this is not acted on [s]', 0.05, 5.0
    )
    maximum_scene_age: float = parameter(
        3.0, 'scene older than this is not acted on [s]', 0.2, 60.0
    )
    rungs: tuple[float, ...] = parameter(
        _DEFAULTS.rungs, 'guidance strengths, rising from 0 [standard deviations]'
    )
    particles_per_rung: int = parameter(
        _DEFAULTS.particles_per_rung, 'particles of each strength', 1, 64
    )
    tolerance: float = parameter(
        _DEFAULTS.tolerance, 'how much worse than the best a milder plan may be [m]', 0.0, 1.0
    )


class PolicyNode(VlsNode):
    """Keeps the newest observation, and plans when the planner says a chunk is due."""

    parameters_class = Parameters

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('policy', **kwargs)
        self._lock = threading.Lock()
        self._planner: Planner | None = None
        self._scene: Scene | None = None
        self._joints: JointState | None = None
        self._pose: PoseStamped | None = None
        self._latency = LatencyWindow(200)
        self._waiting_for = ''

    def setup(self) -> None:
        """Loads and warms up the policy. Raises SetupError for a bad checkpoint."""
        values = self.parameters
        torch.set_num_threads(1)
        try:
            policy = FlowPolicy.load(self._checkpoint())
        except CheckpointError as error:
            raise SetupError(str(error)) from error
        if not values.rungs or values.rungs[0] != 0:
            raise SetupError(f'rungs must rise from 0, as [0.0, 1.0, 2.0] does: {values.rungs}')
        try:
            config = SteeringConfig(
                rungs=values.rungs,
                particles_per_rung=values.particles_per_rung,
                tolerance=values.tolerance,
            )
        except SteeringError as error:
            raise SetupError(str(error)) from error
        warm_up(policy, config)
        self._planner = Planner(
            policy,
            Steering(config, values.deadline),
            PlannerConfig(values.seed, values.replan_steps, values.committed_steps),
        )
        lifespan = policy.horizon * policy.step_duration
        self._chunks = self.create_publisher(
            messages.ActionChunk, 'action_chunk', qos.action_chunk(lifespan)
        )
        self._status = self.create_publisher(
            messages.SteeringStatus, 'steering_status', qos.STATUS
        )
        self._markers = self.create_publisher(MarkerArray, 'steering_markers', qos.STATUS)

    def _checkpoint(self) -> Path:
        if self.parameters.checkpoint:
            return Path(self.parameters.checkpoint)
        packaged = files('vls_policy_node') / 'checkpoints' / 'pick_and_place.safetensors'
        return Path(str(packaged))

    def start(self) -> None:
        """Begins to listen and to plan."""
        planning = MutuallyExclusiveCallbackGroup()
        self.create_subscription(messages.Scene, 'scene', self._on_scene, qos.LATCHED)
        self.create_subscription(JointState, 'joint_states', self._on_joints, qos.STATE)
        self.create_subscription(PoseStamped, 'end_effector_pose', self._on_pose, qos.STATE)
        self.create_subscription(
            messages.RewardProgram, 'reward_program', self._on_program, qos.LATCHED
        )
        self._timer = self.create_timer(
            1.0 / self.parameters.rate, self._tick, callback_group=planning
        )

    def halt(self) -> None:
        """Stops publishing; the bridge holds the arm when its chunk runs out."""
        self._timer.cancel()
        with self._lock:
            if self._planner:
                self._planner.begin(None)

    def _on_scene(self, message: messages.Scene) -> None:
        try:
            self._scene = convert.scene_from_message(message)
        except (InvalidValueError, ValueError) as error:
            self.get_logger().error(f'ignoring a scene: {error}', throttle_duration_sec=2.0)

    def _on_joints(self, message: JointState) -> None:
        self._joints = message

    def _on_pose(self, message: PoseStamped) -> None:
        self._pose = message

    def _on_program(self, message: messages.RewardProgram) -> None:
        task = None
        if message.stages:
            try:
                program = program_from_message(message)
            except InvalidValueError as error:
                self.get_logger().error(f'refusing a reward program: {error}')
                return
            if not message.verified:
                self.get_logger().error('refusing a reward program that was not verified')
                return
            task = Task(program, message.program_id, message.steer)
            self.get_logger().info(
                f'"{message.instruction}" by {message.source}, '
                + ('steered' if message.steer else 'unsteered')
            )
        with self._lock:
            assert self._planner is not None
            self._planner.begin(task)

    def _tick(self) -> None:
        with self._lock:
            planner = self._planner
            if planner is None or planner.task is None or not self._look(planner):
                return
            if planner.state is not TaskState.RUNNING:
                self._publish_end(planner)
            elif planner.due:
                self._plan(planner)

    def _plan(self, planner: Planner) -> None:
        begun = time.monotonic()
        try:
            planned = planner.plan()
        except (SteeringError, InvalidValueError) as error:
            # Nothing is published, and the bridge holds the arm when its chunk runs out.
            self._waiting_for = str(error)
            self.get_logger().error(f'no chunk: {error}', throttle_duration_sec=2.0)
        else:
            self._publish(planner, planned, time.monotonic() - begun)

    def _look(self, planner: Planner) -> bool:
        """Shows the planner the newest observation. False while there is none to act on."""
        missing = self._missing()
        if not missing:
            assert self._joints and self._pose and self._scene
            try:
                planner.observe(convert.robot_state(self._joints, self._pose), self._scene)
            except (UnknownObjectError, InvalidValueError) as error:
                missing = str(error)
        self._waiting_for = missing
        if missing:
            self.get_logger().warning(f'not acting: {missing}', throttle_duration_sec=2.0)
        return not missing

    def _missing(self) -> str:
        if self.count_publishers('reward_program') == 0:
            return 'the author of the reward program is gone; is the vlm node running?'
        now = self.get_clock().now().nanoseconds * 1e-9
        values = self.parameters
        for what, message, limit in (
            ('joint state', self._joints, values.maximum_observation_age),
            ('end-effector pose', self._pose, values.maximum_observation_age),
        ):
            if message is None:
                return f'no {what} yet; is the bridge running?'
            age = now - convert.seconds(message.header.stamp)
            if age > limit:
                return f'the {what} is {age:.1f} s old; is the bridge running?'
        if self._scene is None:
            return 'no scene yet; is perception running?'
        if now - self._scene.stamp > values.maximum_scene_age:
            return f'the scene is {now - self._scene.stamp:.1f} s old; is perception running?'
        return ''

    def _publish(self, planner: Planner, planned: PlannedChunk, duration: float) -> None:
        self._chunks.publish(convert.chunk_to_message(planned.chunk))
        now = self.get_clock().now().nanoseconds * 1e-9
        steering, machine = planned.steering, planner.machine
        assert machine is not None
        status = self._new_status(planner)
        status.header.stamp = convert.stamp(planned.chunk.observation_time)
        status.sequence = planned.chunk.sequence
        status.stage = planned.stage_index
        status.stage_name = machine.program.stages[planned.stage_index].name
        status.reward = steering.reward
        status.term_names = list(planned.term_names)
        status.term_rewards = list(steering.term_rewards)
        status.strength = steering.strength
        status.effective_sample_size = steering.effective_sample_size
        status.gate_reason = steering.reason
        status.latency = now - planned.chunk.observation_time
        status.compute_duration = duration
        self._latency.add(status.latency)
        self._status.publish(status)
        self._markers.publish(plan_markers(planned, status.header.stamp))

    def _publish_end(self, planner: Planner) -> None:
        status = self._new_status(planner)
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)
        planner.begin(None)

    def _new_status(self, planner: Planner) -> messages.SteeringStatus:
        assert planner.task and planner.machine
        status = messages.SteeringStatus()
        status.program_id = planner.task.program_id
        status.state = _STATES[planner.state]
        status.stage = planner.machine.index
        status.stage_count = len(planner.machine.program.stages)
        status.stage_name = planner.machine.stage.name
        return status

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """Latency of chunks, and what planning waits for."""
        values = {f'latency {name} [s]': value for name, value in self._latency.summary().items()}
        return not self._waiting_for, self._waiting_for or 'ready', values


def main() -> None:
    """Entry point of the executable."""
    sys.exit(run_node(PolicyNode))


if __name__ == '__main__':
    main()
