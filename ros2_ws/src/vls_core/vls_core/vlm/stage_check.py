"""Asks a model whether a stage is over or stuck. The answer is a proposal and moves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vls_core.rewards.program import Stage
from vls_core.vlm.answer import InvalidAnswerError, first_object, readable, strict_schema
from vls_core.vlm.author import MalformedAnswerError
from vls_core.vlm.endpoint import Endpoint, Question, Session
from vls_core.vlm.endpoint_settings import EndpointSettings
from vls_core.vlm.prompt import prompt_file, quoted, user_message
from vls_core.vlm.usage import Usage

LONGEST_REASON = 200
"""Of what is shown to the operator [characters]."""


class StageState(StrEnum):
    """How far a stage is, as far as a picture tells."""

    DONE = 'done'
    STUCK = 'stuck'
    GOING_ON = 'going_on'


@dataclass(frozen=True)
class StageQuestion:
    """What the model gets to see.

    Attributes:
        instruction: the operator's sentence.
        stage: the one the arm is at.
        picture: PNG of the workspace now.
        index: of the stage, from 0.
        count: of all stages.
    """

    instruction: str
    stage: Stage
    picture: bytes
    index: int
    count: int


@dataclass(frozen=True)
class StageProposal:
    """What the model believes. The stage machine checks it against its own predicates.

    Attributes:
        index: of the stage it is about.
        reason: one sentence.
        source: name of the model.
        usage: what it took.
    """

    state: StageState
    index: int
    reason: str
    source: str
    usage: Usage

    @property
    def proposes(self) -> bool:
        """Whether there is anything to do about it."""
        return self.state is not StageState.GOING_ON


class _StageAnswer(BaseModel):
    model_config = ConfigDict(extra='ignore', frozen=True)

    state: StageState
    reason: str = Field('')


class StageChecker:
    """Asks about stages at an endpoint. May take long: call it off the executor.

    Arguments:
        settings: where and how to ask.
        sleep: pauses between retries; injected by tests.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoint = Endpoint(settings, sleep)

    @property
    def usage(self) -> Usage:
        """Of every question until now, whatever became of its answer."""
        return self._endpoint.meter.total

    def check(self, question: StageQuestion) -> StageProposal:
        """Asks once. Blocks for at most `deadline` seconds.

        Raises:
            EndpointError: the model cannot be asked.
            NotUnderstoodError: it refused.
            MalformedAnswerError: it answers with something else.
        """
        return self._endpoint.run(lambda session: _check(session, question))


async def _check(session: Session, question: StageQuestion) -> StageProposal:
    predicates = ', '.join(item.kind for item in question.stage.completion)
    text = (
        f'Instruction: {quoted(question.instruction)}\n'
        f'Stage {question.index + 1} of {question.count}: {quoted(question.stage.name)}\n'
        f'The robot measures: {predicates}'
    )
    reply = await session.ask(Question(
        system=prompt_file('stage_check'), messages=(user_message(text, question.picture),),
        name='stage_check_answer', schema=strict_schema(_StageAnswer), temperature=0.0,
    ))  # fmt: skip
    try:
        answer = _StageAnswer.model_validate(first_object(reply, ('state',)))
    except (InvalidAnswerError, ValidationError) as error:
        reason = readable(error) if isinstance(error, ValidationError) else str(error)
        raise MalformedAnswerError(
            f'{session.model}, asked whether a stage is done, did not say: {reason}'
        ) from error
    return StageProposal(
        answer.state, question.index, ' '.join(answer.reason.split())[:LONGEST_REASON],
        session.model, session.meter.total,
    )


class CoolDown:
    """Keeps stage checks apart. Times are seconds on one monotonic clock.

    A check is due so long after the stage began or the last check of it ended, and never while
    one is under way.

    Arguments:
        period: between checks [s].
    """

    def __init__(self, period: float) -> None:
        self._period = period
        self._stage: tuple[str, int] | None = None
        self._quiet_since = 0.0
        self._asking = False

    def due(self, now: float, program_id: str, stage: int) -> bool:
        """Whether a check of that stage may be started now."""
        if (program_id, stage) != self._stage:
            self._stage = (program_id, stage)
            self._quiet_since = now
        return not self._asking and now - self._quiet_since >= self._period

    def started(self) -> None:
        """A check was started."""
        self._asking = True

    def ended(self, now: float) -> None:
        """It ended, however it did."""
        self._asking = False
        self._quiet_since = now
