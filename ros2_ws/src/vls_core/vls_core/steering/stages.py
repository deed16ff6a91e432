"""The stage machine: which part of the program is at work.

Stages only move forward, and only once all predicates of a stage have held for a dwell time. The
one way back is a lost grasp: a stage that is to keep, or yet to release, what an earlier stage
grasped, and finds the gripper shut on nothing, goes back to that one. A gripper closed to
push with holds nothing and cannot lose it. A stage also fails once something has been moved as far
as it was to be, but off the line: going on would only move it further. A high reward or a model's
opinion is a suggestion: it is checked against the predicates and answered, and moves nothing. Time
is an argument, no clock is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vls_core.rewards.completion import complete, missing
from vls_core.rewards.program import Displaced, GripperIntent, RewardProgram, Stage
from vls_core.rewards.stage_history import StageHistory, went_astray
from vls_core.types import Observation

DWELL = 0.3
"""Seconds the predicates of a stage must hold without a break."""
RETRIES = 2
"""Lost grasps that are forgiven."""


class TaskState(Enum):
    """Outcome so far."""

    RUNNING = 'running'
    SUCCEEDED = 'succeeded'
    FAILED = 'failed'


@dataclass(frozen=True)
class Suggestion:
    """Somebody held a stage to be over, and what spoke against it.

    Attributes:
        stage: index of the stage it was about.
        reason: why it was made.
        missing: kinds of the predicates that did not hold; empty if they all did.
    """

    stage: int
    reason: str
    missing: tuple[str, ...]


@dataclass
class StageMachine:
    """Walks through the stages of one program; call `update` at 10 Hz or faster."""

    program: RewardProgram
    index: int = 0
    state: TaskState = TaskState.RUNNING
    retries: int = 0
    entered: float = 0.0
    history: StageHistory | None = None
    holding_since: float | None = None
    lost_since: float | None = None
    astray_since: float | None = None

    @property
    def stage(self) -> Stage:
        """The present stage; the last one when the task has ended."""
        return self.program.stages[self.index]

    def update(self, observation: Observation, now: float) -> None:
        """Takes in one observation at a time in seconds that never decreases."""
        if self.state is not TaskState.RUNNING:
            return
        history = self._continue(observation, now)
        if self._lost_grasp(observation, now):
            self._back_to_grasp(observation, now)
        elif self._held(observation, history, now):
            self._advance(observation, now)
        elif self._went_astray(observation, history, now) or (
            history.elapsed > self.stage.timeout
        ):
            self.state = TaskState.FAILED

    def suggest(self, reason: str, observation: Observation) -> Suggestion:
        """Checks a belief that the stage is over. The stage ends by `update` alone."""
        return Suggestion(self.index, reason, missing(self.stage, observation, self.history))

    def _continue(self, observation: Observation, now: float) -> StageHistory:
        if self.history is None:
            self.entered, self.history = now, StageHistory(observation, 0.0)
        self.history = StageHistory(self.history.first, now - self.entered)
        return self.history

    def _held(self, observation: Observation, history: StageHistory, now: float) -> bool:
        if not complete(self.stage, observation, history):
            self.holding_since = None
            return False
        if self.holding_since is None:
            self.holding_since = now
        return now - self.holding_since >= DWELL

    def _advance(self, observation: Observation, now: float) -> None:
        if self.index + 1 == len(self.program.stages):
            self.state = TaskState.SUCCEEDED
        else:
            self._enter(self.index + 1, observation, now)

    def _went_astray(self, observation: Observation, history: StageHistory, now: float) -> bool:
        if not any(isinstance(item, Displaced) and went_astray(item, observation, history)
                   for item in self.stage.completion):
            self.astray_since = None
            return False
        if self.astray_since is None:
            self.astray_since = now
        return now - self.astray_since >= DWELL

    def _lost_grasp(self, observation: Observation, now: float) -> bool:
        carries = self.stage.gripper is GripperIntent.CLOSED or _releases(self.stage)
        keeps = carries and self._grasped_in() is not None
        shut = observation.robot.gripper_width <= observation.held_width[0]
        if not (keeps and shut):
            self.lost_since = None
            return False
        if self.lost_since is None:
            self.lost_since = now
        return now - self.lost_since >= DWELL

    def _back_to_grasp(self, observation: Observation, now: float) -> None:
        self.retries += 1
        grasping = self._grasped_in()
        if self.retries > RETRIES or grasping is None:
            self.state = TaskState.FAILED
        else:
            self._enter(grasping, observation, now)

    def _grasped_in(self) -> int | None:
        """Index of the earlier stage that took what is held now; None if nothing is."""
        grasping: int | None = None
        for number, stage in enumerate(self.program.stages[: self.index]):
            kinds = {item.kind for item in stage.completion}
            if _releases(stage) or stage.gripper is GripperIntent.OPEN:
                grasping = None
            elif grasping is None and kinds & {'grasped', 'carried'}:
                grasping = number
        return grasping

    def _enter(self, index: int, observation: Observation, now: float) -> None:
        self.index, self.entered = index, now
        self.history = StageHistory(observation, 0.0)
        self.holding_since = self.lost_since = self.astray_since = None


def _releases(stage: Stage) -> bool:
    return any(item.kind == 'released' for item in stage.completion)
