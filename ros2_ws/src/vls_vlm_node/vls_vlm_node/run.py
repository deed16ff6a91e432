"""One accepted goal: steps its task, does what that asks for, and keeps the client informed."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from rclpy.action.server import ServerGoalHandle
from rclpy.impl.rcutils_logger import RcutilsLogger
from vls_interfaces.action import RunTask

from vls_core.rewards.verification.report import Verifier
from vls_core.types import InvalidValueError, Scene
from vls_core.vlm.author import AuthoredProgram, AuthorRequest, View
from vls_vlm_node.authoring import Authoring, WrittenBefore
from vls_vlm_node.authors import Authors
from vls_vlm_node.commands import (
    AskAuthor,
    Finish,
    Outcome,
    PublishProgram,
    StartUnsteered,
    VerifyAgain,
)
from vls_vlm_node.inbox import Inbox
from vls_vlm_node.outbox import ProgramOutbox, Publication
from vls_vlm_node.task import Task
from vls_vlm_node.world import ErrorCode, Phase, SteeringReport, World

if TYPE_CHECKING:
    from vls_vlm_node.stage_watch import StageWatch

PERIOD = 0.05
"""Between two looks at the world; bounds how long a cancellation waits [s]."""
PICTURE_PATIENCE = 0.5
"""For the picture of the scene that is asked about, which comes after it [s]."""
Value = TypeVar('Value')
LOOKING = 'waiting for a picture that is younger than the task'


@dataclass(frozen=True)
class Means:
    """What a run works with.

    Attributes:
        authors: who writes.
        verifier: judges programs.
        inbox: what is known of the rest of the stack.
        outbox: where programs go.
        logger: for the operator.
        pictures: whether pictures with names arrive in the inbox.
        views: pictures without names, for a second look.
        watch: looks at stages while they are at work; None: nobody does.
    """

    authors: Authors
    verifier: Verifier
    inbox: Inbox
    outbox: ProgramOutbox
    logger: RcutilsLogger
    pictures: bool = False
    views: Callable[[], tuple[View, ...]] = tuple
    watch: StageWatch | None = None


class Run:
    """Owns a task while its goal is executed. `preempt` and `stop` may come from any thread."""

    def __init__(self, task: Task, handle: ServerGoalHandle, means: Means) -> None:
        self.task = task
        self.outcome: Outcome | None = None
        self._handle = handle
        self._means = means
        self._number = means.outbox.enter()
        self._began = time.monotonic()
        self._wake = threading.Event()
        self._preempted = False
        self._stopping = False
        self._authoring: Authoring | None = None
        self._meanwhile: Authoring | None = None
        self._published: Publication | None = None
        self._steps: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._detail = LOOKING
        self._last_feedback: tuple[Any, ...] | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """How its program came about, or is coming about."""
        return self._authoring.steps if self._authoring else ()

    def preempt(self) -> None:
        """A newer goal took over."""
        self._preempted = True
        self._wake.set()

    def stop(self) -> None:
        """The node is being stopped."""
        self._stopping = True
        self._wake.set()

    def execute(self) -> RunTask.Result:
        """Runs the task to its end.

        Then the empty program is published, unless a newer task took over: that one decides.
        """
        try:
            outcome = self._drive()
        except Exception as error:  # the action server would report success without a message
            self._means.logger.error(f'the task broke down:\n{traceback.format_exc()}')
            kind = type(error).__name__  # alone: the words of an unknown error may hold secrets
            outcome = Outcome(ErrorCode.AUTHOR_FAILED, f'internal error, see the log: {kind}')
        try:
            return self._conclude(outcome)
        finally:
            self._ended.set()

    def join(self, timeout: float) -> bool:
        """Waits until `execute` has returned, at most that long [s]; whether it has."""
        return self._ended.wait(timeout)

    def _drive(self) -> Outcome:
        while True:
            world = self._world()
            self._tell_steps()  # after the look: those of an answer that was seen are all there
            command = self.task.step(time.monotonic(), world)
            if isinstance(command, Finish):
                return command.outcome
            if isinstance(command, AskAuthor):
                self._ask_author(command)
            if isinstance(command, VerifyAgain):
                self._verify_again(command)
            if isinstance(command, StartUnsteered):
                self._start_unsteered(command)
            if isinstance(command, PublishProgram):
                self._publish(command)
            steering = self.task.steering_of(world)
            self._give_feedback(steering)
            self._watch_stage(steering)
            self._wake.wait(PERIOD)
            self._wake.clear()

    def _world(self) -> World:
        meanwhile = self._meanwhile.result if self._meanwhile else None
        return replace(
            self._means.inbox.world(),
            authored=self._authoring.result if self._authoring else None,
            meanwhile=meanwhile if isinstance(meanwhile, AuthoredProgram) else None,
            occupied=self._means.outbox.occupied(self._number),
            cancelled=self._handle.is_cancel_requested,
            preempted=self._preempted,
            stopping=self._stopping,
        )

    def _ask_author(self, command: AskAuthor) -> None:
        means = self._means
        picture, views = self._picture_of(command.scene), self._look(means.views)
        request = AuthorRequest(
            self.task.goal.instruction, command.scene, picture, views or ()
        )
        self._drop_authors()
        if means.authors.meanwhile:
            self._meanwhile = Authoring(
                means.authors.meanwhile, request, means.verifier,
                lambda step: means.logger.debug(f'meanwhile: {step}'),
            )
        self._authoring = Authoring(
            means.authors.author, request, means.verifier, self._take_step
        )

    def _picture_of(self, scene: Scene) -> bytes | None:
        """The picture of this very scene: another one might show things where they are not."""
        inbox = self._means.inbox
        if not self._means.pictures:
            return None
        picture = self._look(lambda: inbox.picture_of(scene, PICTURE_PATIENCE))
        if picture is None:
            self._take_step('no picture of this very scene came; the model gets none')
        return picture

    def _verify_again(self, command: VerifyAgain) -> None:
        request = AuthorRequest(self.task.goal.instruction, command.scene)
        self._authoring = Authoring(
            WrittenBefore(command.authored), request, self._means.verifier, self._take_step,
            command.authored.steps,
        )

    def _look(self, camera: Callable[[], Value]) -> Value | None:
        """What a camera shows; a picture that makes no sense is none, which the log says."""
        try:
            return camera()
        except InvalidValueError as error:
            self._means.logger.warning(f'the model gets no picture: {error}')
            return None

    def _take_step(self, step: str) -> None:
        self._steps.put(step)
        self._wake.set()

    def _watch_stage(self, steering: SteeringReport | None) -> None:
        watch, published = self._means.watch, self._published
        if watch is None or steering is None or published is None:
            return
        program = published.authored.program
        if self.task.phase is Phase.ACTING and steering.stage < len(program.stages):
            watch.look(
                self.task.program_id, program, self.task.goal.instruction, steering.stage,
                lambda: self._look(self._means.inbox.picture),
            )

    def _start_unsteered(self, command: StartUnsteered) -> None:
        publication = Publication(
            self.task.unsteered_id, self.task.goal.instruction, command.authored, command.scene,
            steer=False,
        )
        if self._means.outbox.publish(self._number, publication):
            self._published = publication
            self._take_step('the base policy begins unsteered')

    def _publish(self, command: PublishProgram) -> None:
        authored = command.authored
        for note in authored.notes:
            self._means.logger.info(note)
        if authored.degraded:
            self._means.logger.error(
                f'NOT written by the configured author, but by {authored.source}: '
                f'{authored.degraded}'
            )
        publication = Publication(
            self.task.program_id, self.task.goal.instruction, authored, command.scene,
            self._handle.request.steer,
        )
        if self._means.outbox.publish(self._number, publication):
            self._published = publication

    def _give_feedback(self, steering: SteeringReport | None) -> None:
        """On every change, at the rate of the policy's reports."""
        if (self.task.phase, steering) != self._last_feedback:
            self._last_feedback = (self.task.phase, steering)
            self._send_feedback(steering)

    def _tell_steps(self) -> None:
        while not self._steps.empty():
            self._detail = self._steps.get()
            if not self._stopping:
                self._means.logger.info(self._detail)
            self._send_feedback(None)

    def _send_feedback(self, steering: SteeringReport | None) -> None:
        feedback = RunTask.Feedback(phase=self.task.phase.value, detail=self._detail)
        if steering and self.task.phase is Phase.ACTING:
            feedback.detail = steering.gate_reason
            feedback.stage = steering.stage
            feedback.stage_count = steering.stage_count
            feedback.stage_name = steering.stage_name
            feedback.reward = steering.reward
            feedback.latency = steering.latency
        self._handle.publish_feedback(feedback)

    def _conclude(self, outcome: Outcome) -> RunTask.Result:
        self.outcome = outcome
        if outcome.code is not ErrorCode.PREEMPTED:
            self._means.outbox.withdraw(self._number)  # before all that could fail
        self._drop_authors()
        self._tell_last_steps()
        published = self._published
        message = outcome.message + self._why_somebody_else()
        if not self._stopping:  # logging needs the context, which a signal has ended by then
            self._means.logger.info(f'{outcome.code.name}: {message}')
        self._set_terminal_state(outcome.code)
        return RunTask.Result(
            error_code=int(outcome.code),
            message=message,
            program_id=published.program_id if published else '',
            source=published.authored.source if published else '',
            duration=time.monotonic() - self._began,
        )

    def _tell_last_steps(self) -> None:
        try:
            self._tell_steps()
        except Exception as error:  # noqa: BLE001 (whatever it is, the task has to get its result)
            if not self._stopping:
                self._means.logger.warning(f'no last feedback: {type(error).__name__}')

    def _drop_authors(self) -> None:
        for authoring in (self._authoring, self._meanwhile):
            if authoring:
                authoring.drop()

    def _why_somebody_else(self) -> str:
        authored = self.task.authored
        if authored is None or not authored.degraded:
            return ''
        return f' (program by {authored.source}, as {authored.degraded})'

    def _set_terminal_state(self, code: ErrorCode) -> None:
        if code is ErrorCode.NONE:
            self._handle.succeed()
        elif self._handle.is_cancel_requested:
            self._handle.canceled()
        else:
            self._handle.abort()
