"""Whether a chunk may be followed at all: its time, its number, its robot, its reward program."""

from __future__ import annotations

import numpy as np

from vls_core.control.chunk_rules import (
    ChunkRules,
    ExpiredChunkError,
    FutureChunkError,
    OldSequenceError,
    StaleProgramError,
    WrongHorizonError,
    WrongRobotError,
)
from vls_core.types import ActionChunk

_REMEMBERED = 1000  # replaced programs; the oldest ones are forgotten


class ChunkAdmission:
    """Believes no chunk; all times are seconds on the caller's clock.

    Args:
        rules: what is refused.
        robot_type: of the arm that is connected.
    """

    def __init__(self, rules: ChunkRules, robot_type: str) -> None:
        self._rules, self._robot_type = rules, robot_type
        self._not_before = -np.inf
        self._program: str | None = None
        self._replaced: dict[str, float] = {}

    @property
    def program(self) -> str:
        """The reward program in force, as far as it was announced."""
        return self._program or ''

    def require_newer_than(self, now: float) -> None:
        """From now on [s] only newer observations count."""
        self._not_before = now

    def program_announced(self, program_id: str, now: float) -> None:
        """A reward program came into force at a time [s]; '' if the last one has ended."""
        if self._program and self._program != program_id:
            self._replaced[self._program] = now
            if len(self._replaced) > _REMEMBERED:
                del self._replaced[next(iter(self._replaced))]
        self._replaced.pop(program_id, None)
        self._program = program_id

    def check(self, chunk: ActionChunk, now: float, in_force: ActionChunk | None) -> None:
        """Raises one of the subclasses of RefusedChunkError, or lets the chunk pass.

        Args:
            now: the present time [s].
            in_force: the chunk being followed, if any.
        """
        if chunk.robot_type != self._robot_type:
            raise WrongRobotError(
                f'chunk {chunk.sequence} is for robot_type "{chunk.robot_type}", this arm is '
                f'"{self._robot_type}"'
            )
        self._check_length(chunk)
        self._check_time(chunk, now)
        self._check_program(chunk)
        if in_force is not None:
            _check_order(chunk, now, in_force)

    def _check_length(self, chunk: ActionChunk) -> None:
        length = chunk.horizon * chunk.step_duration
        if length > self._rules.maximum_duration or (
            chunk.step_duration < self._rules.shortest_step
        ):
            raise WrongHorizonError(
                f'chunk {chunk.sequence} has {chunk.horizon} steps of {chunk.step_duration:g} s; '
                f'allowed are steps of at least {self._rules.shortest_step:g} s and '
                f'{self._rules.maximum_duration:g} s together'
            )

    def _check_time(self, chunk: ActionChunk, now: float) -> None:
        age = now - chunk.observation_time
        if age < -self._rules.clock_tolerance:
            raise FutureChunkError(
                f'chunk {chunk.sequence} is from {-age:.3f} s in the future; '
                'synchronise the clocks'
            )
        if age > self._rules.maximum_age or now >= chunk.end_time:
            raise ExpiredChunkError(f'chunk {chunk.sequence} came too late: {age:.3f} s old')
        if chunk.observation_time < self._not_before:
            raise ExpiredChunkError(
                f'chunk {chunk.sequence} was computed before the arm was armed or sent home'
            )

    def _check_program(self, chunk: ActionChunk) -> None:
        replaced = self._replaced.get(chunk.program_id)
        if replaced is not None and chunk.observation_time > replaced + self._rules.program_grace:
            raise StaleProgramError(
                f'chunk {chunk.sequence} was steered by program "{chunk.program_id}", which is '
                'no longer in force'
            )


def _check_order(chunk: ActionChunk, now: float, before: ActionChunk) -> None:
    # A restarted publisher counts from the beginning again: believed only once the chunk in
    # force has run out.
    old_number = chunk.sequence <= before.sequence and now <= before.end_time
    if old_number or chunk.observation_time < before.observation_time:
        raise OldSequenceError(
            f'chunk {chunk.sequence} is older than chunk {before.sequence} in force'
        )
