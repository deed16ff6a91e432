"""The stage machine: which part of the program is at work.

Stages only move forward, and only once all predicates of a stage have held for a dwell time. The
one way back is a lost grasp: a stage that is to keep the gripper closed around something, and
finds the gripper shut on nothing, goes back to the stage that grasped. A high reward or a model's
opinion is a suggestion: it is checked against the predicates and answered, and moves nothing.
Time is an argument, no clock is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vls_core.policies.features import HELD_WIDTH
from vls_core.rewards.completion import complete, missing
from vls_core.rewards.program import GripperIntent, RewardProgram, Stage
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
    entered: float | None = None
    holding_since: float | None = None
    lost_since: float | None = None

    @property
    def stage(self) -> Stage:
        """The present stage; the last one when the task has ended."""
        return self.program.stages[self.index]

    def update(self, observation: Observation, now: float) -> None:
        """Takes in one observation at a time in seconds that never decreases."""
        if self.state is not TaskState.RUNNING:
            return
        if self.entered is None:
            self.entered = now
        if self._lost_grasp(observation, now):
            self._back_to_grasp(now)
        elif self._held(observation, now):
            self._advance(now)
        elif now - self.entered > self.stage.timeout:
            self.state = TaskState.FAILED

    def suggest(self, reason: str, observation: Observation) -> Suggestion:
        """Checks a belief that the stage is over. The stage ends by `update` alone."""
        return Suggestion(self.index, reason, missing(self.stage, observation))

    def _held(self, observation: Observation, now: float) -> bool:
        if not complete(self.stage, observation):
            self.holding_since = None
            return False
        if self.holding_since is None:
            self.holding_since = now
        return now - self.holding_since >= DWELL

    def _advance(self, now: float) -> None:
        if self.index + 1 == len(self.program.stages):
            self.state = TaskState.SUCCEEDED
        else:
            self._enter(self.index + 1, now)

    def _lost_grasp(self, observation: Observation, now: float) -> bool:
        keeps = self.index > 0 and self.stage.gripper is GripperIntent.CLOSED
        shut = observation.robot.gripper_width <= HELD_WIDTH[0]
        if not (keeps and shut):
            self.lost_since = None
            return False
        if self.lost_since is None:
            self.lost_since = now
        return now - self.lost_since >= DWELL

    def _back_to_grasp(self, now: float) -> None:
        self.retries += 1
        grasping = [
            number
            for number, stage in enumerate(self.program.stages[: self.index])
            if any(item.kind == 'grasped' for item in stage.completion)
        ]
        if self.retries > RETRIES or not grasping:
            self.state = TaskState.FAILED
        else:
            self._enter(grasping[0], now)

    def _enter(self, index: int, now: float) -> None:
        self.index, self.entered = index, now
        self.holding_since = self.lost_since = None
