"""The `vlm` node: serves RunTask, publishes the reward program of the task at hand."""

from __future__ import annotations

import math
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.callback_groups import ReentrantCallbackGroup
from sensor_msgs.msg import CameraInfo, Image
from vls_interfaces.action import RunTask
from vls_interfaces.msg import (
    BridgeStatus,
    RewardProgram,
    Scene,
    StageProposal,
    SteeringStatus,
)

from vls_core.rewards.code.worker import WorkerError
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.vlm.author import View
from vls_ros.convert import seconds
from vls_ros.courtesy import let_others_go_first
from vls_ros.lifecycle import SetupError, VlsNode, run_node
from vls_ros.qos import CAMERA, LATCHED, STATUS
from vls_vlm_node.authors import Authors, build_authors
from vls_vlm_node.inbox import Inbox
from vls_vlm_node.outbox import ProgramOutbox
from vls_vlm_node.run import Means, Run
from vls_vlm_node.settings import Parameters
from vls_vlm_node.task import Task
from vls_vlm_node.world import ErrorCode, Goal

if TYPE_CHECKING:
    from vls_core.vlm.stage_check import StageProposal as Proposal
    from vls_vlm_node.stage_watch import StageWatch

LONGEST_END = 2.0
"""Tasks that are told to stop are waited for this long [s]."""
THREADS = 6
"""A task holds a thread until it ends; the others keep topics and cancellations flowing."""


class VlmNode(VlsNode):
    """One task at a time; a newer goal pre-empts the older one, and then takes over its arm."""

    parameters_class = Parameters
    parameters: Parameters

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('vlm', **kwargs)
        self._lock = threading.Lock()
        self._active = False
        self._means: Means | None = None
        self._newest: Run | None = None
        self._accepted: dict[bytes, Run] = {}
        self._runs: list[Run] = []
        self._inputs: list[Any] = []

    def setup(self) -> None:
        """Builds the authors and opens topics and action. Raises SetupError."""
        self._verifier = ProgramVerifier(self.parameters.workspace)
        authors = build_authors(self.parameters, self._verifier)
        if self.parameters.base_url:
            self._start_worker()
        self._programs = self.create_publisher(RewardProgram, 'reward_program', LATCHED)
        self._proposals = self.create_publisher(StageProposal, 'stage_proposal', STATUS)
        self._means = Means(
            authors=authors,
            verifier=self._verifier,
            inbox=Inbox(),
            outbox=ProgramOutbox(self._send),
            logger=self.get_logger(),
            pictures=bool(self.parameters.base_url),
            views=self._views if self.parameters.second_look else tuple,
            watch=self._watch(authors),
        )
        self._listen(self._means.inbox)
        self._server = ActionServer(
            self, RunTask, 'run_task', self._on_execute,
            callback_group=ReentrantCallbackGroup(),
            goal_callback=self._on_goal,
            handle_accepted_callback=self._on_accepted,
            cancel_callback=lambda _: CancelResponse.ACCEPT,  # the run sees it on its next look
        )
        who = f'{self.parameters.model} at {self.parameters.base_url}'
        if not self.parameters.base_url:
            who = 'the offline rules, not a model (base_url is empty)'
        self.get_logger().info(f'reward programs are written by {who}')

    def _start_worker(self) -> None:
        """Models write code, and the process that runs it takes seconds to start."""
        try:
            _ = self._verifier.worker
        except WorkerError as error:
            self._verifier.close()
            raise SetupError(f'code of models cannot be verified: {error}') from error

    def start(self) -> None:
        """Accepts tasks from now on."""
        self._means.outbox.withdraw_all()  # so ends what was in force before a crash of this node
        self._active = True

    def halt(self) -> None:
        """Ends the task at hand; the policy stops."""
        with self._lock:
            self._active = False
            if self._newest:
                self._newest.stop()
        self._means.outbox.withdraw_all()

    def teardown(self) -> None:
        """Closes topics and action."""
        if self._means is None:
            return
        self._join_runs()
        self._server.destroy()
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        self._inputs.clear()
        self.destroy_publisher(self._programs)
        self.destroy_publisher(self._proposals)
        self._verifier.close()
        self._means = None

    def _join_runs(self) -> None:
        """Runs look at the world often, so this is quick; what they use is closed thereafter."""
        with self._lock:
            runs = tuple(self._runs)
        end = time.monotonic() + LONGEST_END
        for run in runs:
            run.stop()
            if not run.join(max(0.0, end - time.monotonic())) and self.context.ok():
                self.get_logger().error('a task does not end; its client gets no result')

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """Not well if somebody else than the configured author had to write, or was refused."""
        run, means = self._newest, self._means
        if means is None:
            return True, 'not configured', {}
        authored = run.task.authored if run else None
        values = {
            'configured author': means.authors.author.identity,
            'endpoint': self.parameters.base_url or 'none, offline rules',
            'phase': run.task.phase.value if run else 'idle',
            'last program by': authored.source if authored else 'nobody yet',
            'authoring': ' | '.join(run.steps) if run else '',
            'asked in all': means.authors.usage().text(self.parameters.prices),
            'stage checks': means.watch.last or 'none yet' if means.watch else 'off',
            'last outcome': run.outcome.code.name if run and run.outcome else '',
        }
        if authored and authored.degraded:
            configured = self.parameters.model or 'the offline rules'
            return False, f'{authored.source} instead of {configured}: {authored.degraded}', values
        if run and run.outcome and run.outcome.code is ErrorCode.AUTHOR_FAILED:
            return False, run.outcome.message, values
        rejected = [step for step in run.steps if 'rejected' in step] if run else []
        if rejected:
            return False, f'not every answer was fit for use: {rejected[-1]}', values
        at_work = run is not None and run.outcome is None
        return True, run.task.phase.value if at_work else 'waiting for a task', values

    def _listen(self, inbox: Inbox) -> None:
        self._subscribe(Scene, 'scene', inbox.take_scene, LATCHED)
        self._subscribe(BridgeStatus, 'bridge_status', inbox.take_bridge_status, STATUS)
        self._subscribe(SteeringStatus, 'steering_status', inbox.take_steering_status, STATUS)
        if self.parameters.base_url:
            self._subscribe(Image, 'annotated_image', inbox.take_picture, CAMERA)
        if self.parameters.base_url and self.parameters.second_look:
            camera = f'{self.parameters.camera}/color'
            self._subscribe(Image, f'{camera}/image_raw', inbox.take_plain_picture, CAMERA)
            self._subscribe(CameraInfo, f'{camera}/camera_info', inbox.take_calibration, CAMERA)

    def _views(self) -> tuple[View, ...]:
        """What the camera sees, without names. Raises InvalidValueError."""
        values = self.parameters
        view = self._means.inbox.view(
            values.camera, np.array(values.camera_position), np.array(values.camera_orientation)
        )
        return () if view is None else (view,)

    def _watch(self, authors: Authors) -> StageWatch | None:
        if authors.checker is None:
            return None
        # Imported here: without an endpoint the node needs no openai package.
        from vls_core.vlm.stage_check import StageState
        from vls_vlm_node.stage_watch import StageWatch

        def propose(program_id: str, proposal: Proposal) -> None:
            if not self.context.ok():
                return  # the process is ending
            message = StageProposal(
                program_id=program_id, stage=proposal.index, reason=proposal.reason,
                done=proposal.state is StageState.DONE, source=proposal.source,
            )
            message.header.stamp = self.get_clock().now().to_msg()
            self._proposals.publish(message)

        return StageWatch(
            authors.checker, self.parameters.stage_check_period, propose,
            lambda text: self.get_logger().warning(text, throttle_duration_sec=30.0),
        )

    def _subscribe(self, kind: type, topic: str, take: Callable[[Any], None], qos: Any) -> None:
        def callback(message: Any) -> None:
            try:
                take(message)
            except ValueError as error:  # of a message that makes no sense: as if it had not come
                self.get_logger().warning(
                    f'{topic} ignored: {error}', throttle_duration_sec=5.0
                )

        self._inputs.append(self.create_subscription(kind, topic, callback, qos))

    def _send(self, message: RewardProgram) -> None:
        if not self.context.ok():
            return  # the process is ending, nothing can be sent any more
        message.header.stamp = self.get_clock().now().to_msg()
        self._programs.publish(message)

    def _on_goal(self, goal: RunTask.Goal) -> GoalResponse:
        if not self._active:
            self.get_logger().warning('task refused: the node is not active')
            return GoalResponse.REJECT
        if not (math.isfinite(goal.timeout) and goal.timeout >= 0.0):
            self.get_logger().warning(
                f'task refused: timeout must be 0 or positive seconds, got {goal.timeout}'
            )
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _on_accepted(self, handle: ServerGoalHandle) -> None:
        goal = Goal(
            instruction=handle.request.instruction,
            accepted=seconds(self.get_clock().now().to_msg()),
            timeout=handle.request.timeout or self.parameters.task_timeout,
        )
        task = Task(goal, str(uuid.uuid4()), self.parameters.patience, time.monotonic())
        with self._lock:
            run = Run(task, handle, self._means)
            previous, self._newest = self._newest, run
            self._accepted[bytes(handle.goal_id.uuid)] = run
            if not self._active:
                run.stop()
        if previous:
            previous.preempt()
        self.get_logger().info(f'task: "{goal.instruction}"')
        handle.execute()

    def _on_execute(self, handle: ServerGoalHandle) -> RunTask.Result:
        with self._lock:
            run = self._accepted.pop(bytes(handle.goal_id.uuid))
            self._runs.append(run)
        try:
            return run.execute()
        finally:
            with self._lock:
                self._runs.remove(run)


def main() -> None:
    """Entry point of the executable `vlm`."""
    let_others_go_first()
    sys.exit(run_node(VlmNode, THREADS))


if __name__ == '__main__':
    main()
