"""One accepted goal: steps its task, does what that asks for, and keeps the client informed."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import dataclass, replace
from typing import Any

from rclpy.action.server import ServerGoalHandle
from rclpy.impl.rcutils_logger import RcutilsLogger
from vls_interfaces.action import RunTask

from vls_core.control.fr3 import WorkspaceBox
from vls_core.vlm.author import Author, AuthorRequest
from vls_vlm_node.authoring import Authoring
from vls_vlm_node.inbox import Inbox
from vls_vlm_node.outbox import ProgramOutbox
from vls_vlm_node.task import AskAuthor, Finish, Outcome, PublishProgram, Task
from vls_vlm_node.world import ErrorCode, Phase, SteeringReport, World

PERIOD = 0.05
"""Between two looks at the world; bounds how long a cancellation waits [s]."""


@dataclass(frozen=True)
class Means:
    """What a run works with."""

    author: Author
    workspace: WorkspaceBox
    inbox: Inbox
    outbox: ProgramOutbox
    logger: RcutilsLogger
    with_picture: bool


class Run:
    """Owns a task while its goal is executed. `preempt` and `stop` may come from any thread."""

    def __init__(self, task: Task, handle: ServerGoalHandle, means: Means) -> None:
        self.task = task
        self.outcome: Outcome | None = None
        self._handle = handle
        self._means = means
        self._began = time.monotonic()
        self._wake = threading.Event()
        self._preempted = False
        self._stopping = False
        self._authoring: Authoring | None = None
        self._last_feedback: tuple[Any, ...] | None = None

    def preempt(self) -> None:
        """A newer goal took over."""
        self._preempted = True
        self._wake.set()

    def stop(self) -> None:
        """The node is being stopped."""
        self._stopping = True
        self._wake.set()

    def execute(self) -> RunTask.Result:
        """Runs the task to its end. The empty program is published in every case."""
        try:
            outcome = self._drive()
        except Exception as error:  # the action server would report success without a message
            self._means.logger.error(f'the task broke down:\n{traceback.format_exc()}')
            outcome = Outcome(ErrorCode.AUTHOR_FAILED, f'internal error, see the log: {error!r}')
        return self._conclude(outcome)

    def _drive(self) -> Outcome:
        while True:
            world = self._world()
            command = self.task.step(time.monotonic(), world)
            if isinstance(command, Finish):
                return command.outcome
            if isinstance(command, AskAuthor):
                self._ask_author(command)
            if isinstance(command, PublishProgram):
                self._publish(command)
            self._give_feedback(self.task.steering_of(world))
            self._wake.wait(PERIOD)

    def _world(self) -> World:
        return replace(
            self._means.inbox.world(),
            authored=self._authoring.result if self._authoring else None,
            cancelled=self._handle.is_cancel_requested,
            preempted=self._preempted,
            stopping=self._stopping,
        )

    def _ask_author(self, command: AskAuthor) -> None:
        request = AuthorRequest(self.task.goal.instruction, command.scene, self._picture())
        self._authoring = Authoring(self._means.author, request, self._means.workspace)

    def _picture(self) -> bytes | None:
        if not self._means.with_picture:
            return None
        try:
            return self._means.inbox.picture()
        except ValueError as error:
            self._means.logger.warning(f'the model gets no picture: {error}')
            return None

    def _publish(self, command: PublishProgram) -> None:
        authored = command.authored
        for note in authored.notes:
            self._means.logger.info(note)
        if authored.degraded:
            self._means.logger.error(
                f'NOT written by the configured author, but by {authored.source}: '
                f'{authored.degraded}'
            )
        self._means.outbox.publish(
            authored, command.scene, self.task.program_id, self.task.goal.instruction,
            self._handle.request.steer,
        )

    def _give_feedback(self, steering: SteeringReport | None) -> None:
        """On every change, at the rate of the policy's reports."""
        if (self.task.phase, steering) == self._last_feedback:
            return
        self._last_feedback = (self.task.phase, steering)
        feedback = RunTask.Feedback(phase=self.task.phase.value)
        if steering and self.task.phase is Phase.ACTING:
            feedback.stage = steering.stage
            feedback.stage_count = steering.stage_count
            feedback.stage_name = steering.stage_name
            feedback.reward = steering.reward
            feedback.latency = steering.latency
        self._handle.publish_feedback(feedback)

    def _conclude(self, outcome: Outcome) -> RunTask.Result:
        self.outcome = outcome
        self._means.outbox.withdraw(self.task.program_id)
        authored = self.task.authored
        message = outcome.message
        if authored and authored.degraded:
            message += f' (program by {authored.source}, as {authored.degraded})'
        if not self._stopping:  # logging needs the context, which a signal has ended by then
            self._means.logger.info(f'{outcome.code.name}: {message}')
        self._set_terminal_state(outcome.code)
        return RunTask.Result(
            error_code=int(outcome.code),
            message=message,
            program_id=self.task.program_id if authored else '',
            source=authored.source if authored else '',
            duration=time.monotonic() - self._began,
        )

    def _set_terminal_state(self, code: ErrorCode) -> None:
        if code is ErrorCode.NONE:
            self._handle.succeed()
        elif self._handle.is_cancel_requested:
            self._handle.canceled()
        else:
            self._handle.abort()
