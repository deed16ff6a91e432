"""One conversation with a model about one program: a question, its answer, at most one repair."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.rewards.program import RewardProgram
from vls_core.rewards.verification.report import VerificationReport
from vls_core.vlm.answer import Answer, InvalidAnswerError, answer_schema, read_answer
from vls_core.vlm.author import AuthorRequest, MalformedAnswerError
from vls_core.vlm.endpoint import Message, Question, Session
from vls_core.vlm.judge import Judge
from vls_core.vlm.prompt import prompt_text, repair_messages, request_message
from vls_core.vlm.steps import OnStep
from vls_core.vlm.vetted import vetted_only

LONGEST_REASON = 300
"""Of a rejection as the operator sees it; the model gets all of it [characters]."""


@dataclass(frozen=True)
class Vote:
    """An answer fit for use: a program that was accepted, or why there is none.

    Attributes:
        report: of the verification of the program.
        note: what the operator should know about it.
    """

    answer: Answer
    report: VerificationReport | None = None
    note: str = ''


@dataclass(frozen=True)
class Conversation:
    """Asks for a program, and once more if it is rejected.

    Attributes:
        judge: accepts or rejects.
        record: is told every step.
        temperature, seed: of sampling; None leaves them to the endpoint.
    """

    session: Session
    request: AuthorRequest
    judge: Judge
    record: OnStep
    temperature: float | None
    seed: int | None

    async def vote(self) -> Vote:
        """Holds the conversation. Raises MalformedAnswerError, and whatever `Session.ask` does."""
        messages = (request_message(self.request),)
        self.record(f'asked {self.session.model}')
        text = await self._ask(messages)
        try:
            return await self._accepted(text)
        except _RejectedError as first:
            self.record(f'rejected: {_short(first.reason)}; asked for a repair')
            text = await self._ask((*messages, *repair_messages(text, first.reason)))
            try:
                return await self._accepted(text)
            except _RejectedError as second:
                self.record(f'rejected again: {_short(second.reason)}')
                return await self._without_code(first, second)

    async def _ask(self, messages: tuple[Message, ...]) -> str:
        return await self.session.ask(Question(
            system=prompt_text(), messages=messages, name='reward_program_answer',
            schema=answer_schema(), temperature=self.temperature, seed=self.seed,
        ))  # fmt: skip

    async def _accepted(self, text: str) -> Vote:
        """Raises _RejectedError for whatever the model can repair."""
        try:
            answer = read_answer(text)
        except InvalidAnswerError as error:
            raise _RejectedError(str(error)) from error
        if answer.program is None:
            self.record(f'answered: {answer.outcome.replace("_", " ")}')
            return Vote(answer)
        report = await self.judge(answer.program, self.request.scene)
        if not report.accepted:
            raise _RejectedError(report.reason, answer)
        self.record('accepted')
        return Vote(answer, report)

    async def _without_code(self, first: _RejectedError, second: _RejectedError) -> Vote:
        """The later program, or else the earlier one, if it passes without its code."""
        for error in (second, first):
            program = vetted_only(error.answer.program) if error.answer else None
            report = await self.judge(program, self.request.scene) if program else None
            if report is not None and report.accepted:
                self.record('vetted terms only: accepted without the terms written in code')
                note = f'vetted terms only, its code was rejected: {_short(error.reason)}'
                return Vote(error.answer.model_copy(update={'program': program}), report, note)
        raise MalformedAnswerError(
            f'{self.session.model} at {self.session.base_url} wrote no usable program: first '
            f'{_short(first.reason)}; when told so: {_short(second.reason)}; try a more capable '
            'model', _last_program(second, first),
        )


class _RejectedError(Exception):
    """An answer cannot be used.

    Attributes:
        reason: fit to be sent back to the model.
        answer: what was read of it, if it could be.
    """

    def __init__(self, reason: str, answer: Answer | None = None) -> None:
        self.reason = reason
        self.answer = answer
        super().__init__(reason)


def _last_program(*errors: _RejectedError) -> RewardProgram | None:
    return next((error.answer.program for error in errors if error.answer), None)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else text[:LONGEST_REASON].rstrip() + ' ...'
