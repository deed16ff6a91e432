"""The author that asks a vision-language model at any OpenAI-compatible endpoint.

Every answer is verified. One that is rejected goes back with the reason, once; what is rejected
again may still serve without its code. Asked several times, the model must mean the same task
most of the time; asked to point at subject and target from another view, it must find them. All of
this happens under one deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from vls_core.rewards.program import RewardProgram
from vls_core.rewards.verification.report import Verifier
from vls_core.vlm.answer import Answer
from vls_core.vlm.author import (
    AuthoredProgram,
    AuthorError,
    AuthorFailedError,
    AuthorRequest,
    DisagreementError,
    NotUnderstoodError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.consensus import GOAL_TOLERANCE, majority
from vls_core.vlm.conversation import Conversation, Vote
from vls_core.vlm.endpoint import Endpoint, Session
from vls_core.vlm.endpoint_settings import EndpointSettings, InvalidEndpointError
from vls_core.vlm.judge import Judge
from vls_core.vlm.prompt import prompt_hash
from vls_core.vlm.second_look import SecondLook
from vls_core.vlm.static_verifier import StaticVerifier
from vls_core.vlm.steps import OnStep, Steps, ignore_step
from vls_core.vlm.usage import Usage

__all__ = ['AuthoringSettings', 'EndpointAuthor', 'EndpointSettings', 'InvalidEndpointError']

NO_PICTURE = 'no picture was available, the model saw the object list alone'


@dataclass(frozen=True)
class AuthoringSettings:
    """How much an answer is doubted.

    Attributes:
        votes: how often the same question is asked, at once; more than half of the answers must
            mean the same task. 3 is a good number.
        vote_temperature: of sampling when there are several votes.
        vote_tolerance: goals of two programs this close count as the same [m].
        second_look: have the model point at subject and target from another view.

    Raises:
        InvalidEndpointError: less than one vote.
    """

    votes: int = 1
    vote_temperature: float = 0.7
    vote_tolerance: float = GOAL_TOLERANCE
    second_look: bool = False

    def __post_init__(self) -> None:
        if self.votes < 1:
            raise InvalidEndpointError(f'votes is {self.votes}, at least one is needed')


DEFAULT_AUTHORING = AuthoringSettings()


class EndpointAuthor:
    """Asks a model for a reward program and accepts it only if verification does.

    Arguments:
        settings: where and how to ask.
        verifier: decides whether a program may be used; the static rules alone by default.
        authoring: how much an answer is doubted.
        sleep: pauses between retries; injected by tests.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        verifier: Verifier | None = None,
        authoring: AuthoringSettings = DEFAULT_AUTHORING,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._endpoint = Endpoint(settings, sleep)
        self._verifier = verifier or StaticVerifier()
        self._authoring = authoring

    @property
    def identity(self) -> str:
        """Model, prompt, and how much answers are doubted."""
        look = ' second look' if self._authoring.second_look else ''
        return f'{self._settings.model} prompt {prompt_hash()} votes {self._authoring.votes}{look}'

    @property
    def usage(self) -> Usage:
        """Of every question until now, whatever became of its answer."""
        return self._endpoint.meter.total

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`. Waits for answers for at most `deadline` seconds.

        A verification that is under way when they are over is waited for as well.
        """
        steps = Steps(on_step)
        with Judge(self._verifier) as judge:
            return self._endpoint.run(lambda session: self._write(session, request, steps, judge))

    async def _write(
        self, session: Session, request: AuthorRequest, steps: Steps, judge: Judge
    ) -> AuthoredProgram:
        try:
            vote = await self._vote(session, request, steps, judge)
            program = _program(vote.answer, request)
            if self._authoring.second_look:
                await SecondLook(session, steps.record).confirm(program, request)
        finally:
            if session.meter.total.questions:
                steps.record(f'used {session.meter.total.text(self._settings.prices)}')
        notes = (vote.answer.explanation, vote.note, '' if request.picture else NO_PICTURE)
        return AuthoredProgram(
            program, self._settings.model, tuple(note for note in notes if note),
            report=vote.report, steps=steps.all, usage=session.meter.total,
        )

    async def _vote(
        self, session: Session, request: AuthorRequest, steps: Steps, judge: Judge
    ) -> Vote:
        """The only answer, or the one that most of them agree with."""
        count, settings = self._authoring.votes, self._settings
        if count == 1:
            return await Conversation(
                session, request, judge, steps.record, settings.temperature, settings.seed
            ).vote()
        results = await asyncio.gather(*(
            Conversation(
                session, request, judge,
                lambda step, number=number: steps.record(f'answer {number} of {count}: {step}'),
                self._authoring.vote_temperature, (settings.seed or 0) + number,
            ).vote()
            for number in range(1, count + 1)
        ), return_exceptions=True)  # fmt: skip
        votes = _usable(results)
        winner = majority(
            [vote.answer for vote in votes], request.scene, count, self._authoring.vote_tolerance
        )
        steps.record(f'{winner.supporters} of {count} answers agree')
        return votes[winner.index]


def _usable(results: Sequence[Vote | BaseException]) -> list[Vote]:
    """The votes among the results. Raises an error among them if there is not enough left."""
    votes = [result for result in results if isinstance(result, Vote)]
    errors = [result for result in results if isinstance(result, BaseException)]
    for error in errors:
        if not isinstance(error, AuthorError):
            raise error
    if not votes:
        # That the request was refused says more than that the endpoint failed as well.
        raise min(errors, key=lambda error: isinstance(error, AuthorFailedError))
    if 2 * len(votes) <= len(results):
        raise DisagreementError((
            f'only {len(votes)} of {len(results)} are usable, of the others one failed: '
            f'{errors[0]}',
        ))
    return votes


def _program(answer: Answer, request: AuthorRequest) -> RewardProgram:
    if answer.outcome == 'unknown_object':
        words = answer.missing or (request.instruction,)
        raise UnknownObjectInInstructionError(words, request.scene.names)
    if answer.program is None:
        raise NotUnderstoodError(answer.explanation or 'the model did not say why')
    return answer.program
