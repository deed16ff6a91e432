"""Node `policy`: observation and reward program in, steered action chunks out.

The policy stays frozen. While a program is latched on `reward_program`, a new chunk is planned
whenever enough of the last one is due; without a program, or with a stale view of the world,
nothing is published and the bridge holds the arm.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from geometry_msgs.msg import PoseStamped
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from sensor_msgs.msg import JointState
from visualization_msgs.msg import MarkerArray
from vls_interfaces import msg as messages

from vls_core.policies.flow import CheckpointError, FlowPolicy
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.evaluator import SandboxedEvaluator
from vls_core.rewards.code.worker import Worker
from vls_core.rewards.program import RewardProgram
from vls_core.steering.errors import SteeringError
from vls_core.steering.planned_chunk import PlannedChunk
from vls_core.steering.planner import Planner
from vls_core.steering.sampler import Steering
from vls_core.steering.stages import TaskState
from vls_core.steering.task import Task
from vls_core.steering.warm_up import warm_up
from vls_core.types import InvalidValueError, UnknownObjectError
from vls_policy_node.code_terms import CodeState, CodeTerms
from vls_policy_node.markers import plan_markers
from vls_policy_node.observations import Observations
from vls_policy_node.settings import Parameters
from vls_policy_node.status import status_of_chunk, status_of_task
from vls_policy_node.suggestions import answer_text
from vls_ros import convert, qos
from vls_ros.latency import LatencyWindow
from vls_ros.lifecycle import SetupError, VlsNode, run_node
from vls_ros.programs import program_from_message

_THREAD_SWITCH_INTERVAL = 0.001
"""Python's 5 ms would hold up a plan each time that a message comes in [s]."""


class PolicyNode(VlsNode):
    """Keeps the newest observation, and plans when the planner says a chunk is due."""

    parameters_class = Parameters

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('policy', **kwargs)
        self._lock = threading.Lock()
        self._planner: Planner | None = None
        self._code: CodeTerms | None = None
        self._active = False
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._seen = Observations()
        self._latency = LatencyWindow(200)
        self._waiting_for = ''
        self._answer = ''
        self._refused = ''

    def setup(self) -> None:
        """Loads and warms up the policy. Raises SetupError for a bad checkpoint."""
        values = self.parameters
        torch.set_num_threads(1)
        try:
            policy = FlowPolicy.load(values.checkpoint_file)
        except CheckpointError as error:
            raise SetupError(str(error)) from error
        policy.step_duration /= values.speed
        config = values.steering
        self._code = self._code_terms()
        self._code.start()
        warm_up(policy, config)
        self._planner = Planner(
            policy,
            Steering(config, values.deadline),
            values.planning(policy.horizon),
            self._code,
        )
        lifespan = policy.horizon * policy.step_duration
        self._chunks = self.create_publisher(
            messages.ActionChunk, 'action_chunk', qos.action_chunk(lifespan)
        )
        self._status = self.create_publisher(
            messages.SteeringStatus, 'steering_status', qos.STATUS
        )
        self._markers = self.create_publisher(MarkerArray, 'steering_markers', qos.STATUS)
        self._outputs += [self._chunks, self._status, self._markers]

    def _code_terms(self) -> CodeTerms:
        """What evaluates terms written in code, in a process of its own."""
        worker = Worker()
        return CodeTerms(
            worker, SandboxedEvaluator(worker, self.parameters.code_deadline),
            lambda trouble: self.get_logger().error(trouble),
        )

    def start(self) -> None:
        """Begins to listen and to plan."""
        self._active = True
        self._listen(messages.Scene, 'scene', self._on_scene, qos.LATCHED)
        self._listen(JointState, 'joint_states', self._seen.take_joints, qos.STATE)
        self._listen(PoseStamped, 'end_effector_pose', self._seen.take_pose, qos.STATE)
        self._listen(messages.RewardProgram, 'reward_program', self._on_program, qos.LATCHED)
        self._listen(messages.StageProposal, 'stage_proposal', self._on_proposal, qos.STATUS)
        self._timer = self.create_timer(
            1.0 / self.parameters.rate, self._tick,
            callback_group=MutuallyExclusiveCallbackGroup(),
        )

    def _listen(self, kind: type, topic: str, take: Callable[[Any], None], profile: Any) -> None:
        self._inputs.append(self.create_subscription(kind, topic, take, profile))

    def halt(self) -> None:
        """Stops publishing; the bridge holds the arm when its chunk runs out."""
        self._timer.cancel()
        with self._lock:
            self._active = False  # a callback may be under way still
            if self._planner:
                self._planner.begin(None)
        self.destroy_timer(self._timer)
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        self._inputs.clear()

    def teardown(self) -> None:
        """Closes the topics, and ends the process that evaluates terms written in code."""
        for publisher in self._outputs:
            self.destroy_publisher(publisher)
        self._outputs.clear()
        if self._code is not None:
            self._code.close()
            self._code = None

    def _on_scene(self, message: messages.Scene) -> None:
        try:
            self._seen.take_scene(message)
        except (InvalidValueError, ValueError) as error:
            self.get_logger().error(f'ignoring a scene: {error}', throttle_duration_sec=2.0)

    def _on_program(self, message: messages.RewardProgram) -> None:
        """Takes up a program; one that is refused ends the present task all the same."""
        if not self._active:
            return
        self._refused = ''
        task = self._task(message) if message.stages else None
        with self._lock:
            if self._planner is not None and self._active:
                self._answer = ''
                self._planner.begin(task)

    def _task(self, message: messages.RewardProgram) -> Task | None:
        """What the message asks for. None if it is not to be trusted, which the log explains."""
        try:
            program = self._trusted_program(message)
        except (InvalidValueError, RewardCodeError) as error:
            self._refused = f'refused a reward program, the arm holds: {error}'
            self.get_logger().error(self._refused)
            return None
        self.get_logger().info(
            f'"{message.instruction}" by {message.source}, '
            + ('steered' if message.steer else 'unsteered')
        )
        return Task(program, message.program_id, message.steer)

    def _trusted_program(self, message: messages.RewardProgram) -> RewardProgram:
        """Checks anew what can be checked here.

        Raises:
            InvalidValueError: it is no program, its hash does not fit, or it was not verified.
            RewardCodeError: it has code that is not allowed.
        """
        program = program_from_message(message)
        if not message.verified:
            raise InvalidValueError('it was not verified')
        with self._lock:
            if self._code is not None:
                self._code.begin(program)
        return program

    def _on_proposal(self, message: messages.StageProposal) -> None:
        """Answers a belief about the present stage; others come too late and count for nothing."""
        belief = 'it looks done' if message.done else 'it looks stuck'
        with self._lock:
            planner = self._planner
            if planner is None or planner.task is None or planner.machine is None:
                return
            present = (planner.task.program_id, planner.machine.index)
            if (message.program_id, message.stage) != present:
                return
            try:
                suggestion = planner.suggest(f'{belief}, {message.reason}')
            except UnknownObjectError as error:
                self.get_logger().warning(
                    f'a proposal is not answered: {error}', throttle_duration_sec=2.0
                )
                return
            if suggestion is not None:
                self._answer = answer_text(planner.task.program, suggestion, message.source)
                self.get_logger().info(self._answer)

    def _tick(self) -> None:
        with self._lock:
            planner = self._planner
            if self._code is not None:
                self._code.start()  # again, if its worker has ended meanwhile
            if planner is None or planner.task is None or not self._look(planner):
                return
            if planner.state is not TaskState.RUNNING:
                self._publish_end(planner)
            elif planner.due:
                self._plan(planner)

    def _plan(self, planner: Planner) -> None:
        begun = time.monotonic()
        assert self._code is not None
        self._code.begin_chunk()
        try:
            planned = planner.plan(self._latency.lately())
        except (SteeringError, InvalidValueError, UnknownObjectError) as error:
            # Nothing is published, and the bridge holds the arm when its chunk runs out.
            self._waiting_for = str(error)
            self.get_logger().error(f'no chunk: {error}', throttle_duration_sec=2.0)
        else:
            self._publish(planner, planned, time.monotonic() - begun)

    def _look(self, planner: Planner) -> bool:
        """Shows the planner the newest observation. False while there is none to act on."""
        missing = self._missing()
        if not missing:
            try:
                planner.observe(*self._seen.present())
            except (UnknownObjectError, InvalidValueError) as error:
                missing = str(error)
        self._waiting_for = missing
        if missing:
            self.get_logger().warning(f'not acting: {missing}', throttle_duration_sec=2.0)
        return not missing

    def _missing(self) -> str:
        if self.count_publishers('reward_program') == 0:
            return 'the author of the reward program is gone; is the vlm node running?'
        values = self.parameters
        return self._seen.missing(
            self.get_clock().now().nanoseconds * 1e-9,
            values.maximum_observation_age, values.maximum_scene_age,
        )

    def _publish(self, planner: Planner, planned: PlannedChunk, duration: float) -> None:
        chunk = replace(planned.chunk, robot_type=self.parameters.robot_type)
        self._chunks.publish(convert.chunk_to_message(chunk))
        now = self.get_clock().now().nanoseconds * 1e-9
        suggestion = self._take_answer(planner, planned)
        status = status_of_chunk(planner, planned, now, duration, suggestion)
        self._latency.add(status.latency)
        self._status.publish(status)
        self._markers.publish(plan_markers(planned, status.header.stamp))

    def _take_answer(self, planner: Planner, planned: PlannedChunk) -> str:
        """What was answered since the last chunk; a person or a model before the reward."""
        answer, self._answer = self._answer, ''
        if not answer and planned.suggestion is not None and planner.task is not None:
            answer = answer_text(planner.task.program, planned.suggestion)
        return answer

    def _publish_end(self, planner: Planner) -> None:
        status = status_of_task(planner)
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)
        planner.begin(None)

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """Latency of chunks, what was refused, what is waited for, and whether code terms work."""
        values: dict[str, object] = {
            f'latency {name} [s]': value for name, value in self._latency.summary().items()
        }
        trouble = ''
        if self._code is not None:
            values['terms in code'] = self._code.state
            trouble = self._code.trouble
            if self._code.state is CodeState.GIVEN_UP:
                trouble = f'terms in code are given up, only the others steer: {trouble}'
        wrong = self._refused or self._waiting_for or trouble
        return not wrong, wrong or 'ready', values


def main() -> None:
    """Entry point of the executable."""
    sys.setswitchinterval(_THREAD_SWITCH_INTERVAL)
    sys.exit(run_node(PolicyNode))


if __name__ == '__main__':
    main()
