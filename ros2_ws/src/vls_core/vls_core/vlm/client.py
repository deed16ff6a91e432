"""The author that asks a vision-language model at any OpenAI-compatible endpoint.

One request, at most one repair round, a bounded number of retries for each, and one deadline over
everything. The key is read from an environment variable and neither stored nor logged.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletion

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.check import ProgramRejectedError, check_program
from vls_core.types import Scene
from vls_core.vlm.answer import Answer, InvalidAnswerError, answer_schema, read_answer
from vls_core.vlm.author import (
    AuthoredProgram,
    AuthorRequest,
    EndpointError,
    MalformedAnswerError,
    NotUnderstoodError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.prompt import (
    Message,
    prompt_hash,
    repair_messages,
    request_message,
    system_message,
)
from vls_core.vlm.steps import OnStep, ignore_step

MAXIMUM_BACKOFF = 8.0
"""Longest pause between two tries [s]."""
NO_KEY = 'no-key'
"""Sent when the environment variable is not set: local servers accept anything."""

_TRANSIENT = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)


class InvalidEndpointError(ValueError):
    """The settings cannot belong to any endpoint; the message says what to change."""


@dataclass(frozen=True)
class EndpointSettings:
    """Where and how to ask.

    Attributes:
        base_url: root of the API, e.g. "http://127.0.0.1:8000/v1".
        model: name of the model as the endpoint knows it.
        api_key_variable: environment variable that holds the key; it may be unset.
        request_timeout: for one try [s].
        deadline: for everything, retries and repair included [s].
        temperature: of sampling; None leaves it to the endpoint.
        maximum_retries: tries after the first one, per question.
        first_backoff: pause before the first retry, doubled each time [s].

    Raises:
        InvalidEndpointError: no http(s) URL, or no model.
    """

    base_url: str
    model: str
    api_key_variable: str = 'OPENAI_API_KEY'
    request_timeout: float = 30.0
    deadline: float = 60.0
    temperature: float | None = 0.0
    maximum_retries: int = 2
    first_backoff: float = 0.5

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ('http', 'https') or not parts.netloc:
            raise InvalidEndpointError(
                f'base_url "{self.base_url}" is no address; write e.g. "http://127.0.0.1:8000/v1"'
            )
        if not self.model:
            raise InvalidEndpointError(f'base_url is "{self.base_url}", but no model is named')


class EndpointAuthor:
    """Asks a model for a reward program and accepts it only if it passes the static checks.

    Arguments:
        settings: where and how to ask.
        workspace: for the checks.
        sleep: pauses between retries; injected by tests.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        workspace: WorkspaceBox = DEFAULT_WORKSPACE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._workspace = workspace
        self._sleep = sleep
        self._structured_output = True

    @property
    def identity(self) -> str:
        """Model and prompt."""
        return f'{self._settings.model} prompt {prompt_hash()}'

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`. Blocks for at most `deadline` seconds."""
        return asyncio.run(self._write_in_time(request))

    async def _write_in_time(self, request: AuthorRequest) -> AuthoredProgram:
        settings = self._settings
        client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=os.environ.get(settings.api_key_variable) or NO_KEY,
            timeout=settings.request_timeout,
            max_retries=0,
        )
        try:
            async with asyncio.timeout(settings.deadline), client:
                return await self._write(client, request)
        except TimeoutError as error:
            raise self._failure(
                f'gave no answer within {settings.deadline:g} s',
                'is it overloaded? raise the deadline if the model is merely slow',
            ) from error

    async def _write(self, client: openai.AsyncOpenAI, request: AuthorRequest) -> AuthoredProgram:
        messages = [request_message(request)]
        text = await self._ask(client, messages)
        try:
            answer = self._read(text, request.scene)
        except InvalidAnswerError as first:
            text = await self._ask(client, messages + repair_messages(text, str(first)))
            try:
                answer = self._read(text, request.scene)
            except InvalidAnswerError as second:
                raise MalformedAnswerError(
                    f'{self._settings.model} at {self._settings.base_url} wrote no usable '
                    f'program: first {first}; when told so: {second}; try a more capable model'
                ) from second
        return self._accept(answer, request)

    def _read(self, text: str, scene: Scene) -> Answer:
        """Raises InvalidAnswerError for whatever the model can repair."""
        answer = read_answer(text)
        if answer.program is not None:
            try:
                check_program(answer.program, scene, self._workspace)
            except ProgramRejectedError as error:
                raise InvalidAnswerError(str(error)) from error
        return answer

    def _accept(self, answer: Answer, request: AuthorRequest) -> AuthoredProgram:
        if answer.outcome == 'unknown_object':
            words = answer.missing or (request.instruction,)
            raise UnknownObjectInInstructionError(words, request.scene.names)
        if answer.program is None:
            raise NotUnderstoodError(answer.explanation or 'the model did not say why')
        notes = [answer.explanation] if answer.explanation else []
        if request.picture is None:
            notes.append('no picture was available, the model saw the object list alone')
        return AuthoredProgram(answer.program, self._settings.model, tuple(notes))

    async def _ask(self, client: openai.AsyncOpenAI, messages: list[Message]) -> str:
        """The model's text. Raises EndpointError."""
        failures = 0
        while True:
            try:
                return self._text(await self._request(client, messages))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._structured_output:
                    self._structured_output = True  # it was not to blame
                    raise self._failure(*_explain(error, self._settings)) from error
                self._structured_output = False  # the most likely reason: many lack it
            except _TRANSIENT as error:
                failures += 1
                if failures > self._settings.maximum_retries:
                    raise self._failure(*_explain(error, self._settings)) from error
                pause = self._settings.first_backoff * 2 ** (failures - 1)
                await self._sleep(min(pause, MAXIMUM_BACKOFF))
            except openai.APIError as error:
                raise self._failure(*_explain(error, self._settings)) from error
            except json.JSONDecodeError as error:
                raise self._not_chat_completions() from error

    async def _request(
        self, client: openai.AsyncOpenAI, messages: list[Message]
    ) -> ChatCompletion:
        options = {}
        if self._structured_output:
            schema = {'name': 'reward_program_answer', 'schema': answer_schema(), 'strict': True}
            options['response_format'] = {'type': 'json_schema', 'json_schema': schema}
        if self._settings.temperature is not None:
            options['temperature'] = self._settings.temperature
        return await client.chat.completions.create(
            model=self._settings.model,
            messages=[system_message(with_schema=not self._structured_output), *messages],
            **options,
        )

    def _text(self, completion: object) -> str:
        # The client library does not check what it gets: anything with status 200 arrives here.
        choices = getattr(completion, 'choices', None)
        message = getattr(choices[0], 'message', None) if choices else None
        if message is None:
            raise self._not_chat_completions()
        if getattr(message, 'refusal', None):
            raise NotUnderstoodError(f'the model refused: {message.refusal}')
        return message.content if isinstance(message.content, str) else ''

    def _not_chat_completions(self) -> EndpointError:
        return self._failure(
            'answered with something else than a chat completion',
            'does base_url end with the API root, often "/v1"?',
        )

    def _failure(self, reason: str, advice: str) -> EndpointError:
        return EndpointError(self._settings.base_url, reason, advice)


def _explain(error: openai.APIError, settings: EndpointSettings) -> tuple[str, str]:
    """What happened, and what to check."""
    if isinstance(error, openai.APITimeoutError):
        return (
            f'did not answer within {settings.request_timeout:g} s',
            'is it overloaded? raise the request timeout if it is merely slow',
        )
    if isinstance(error, openai.APIConnectionError):
        return (
            f'cannot be reached ({error.__cause__ or error})',
            'is the server running, and are host and port right?',
        )
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return (
            f'refuses the key (status {error.status_code})',
            f'put a valid key into the environment variable {settings.api_key_variable}',
        )
    if isinstance(error, openai.NotFoundError):
        return (
            'knows no such path or model (status 404)',
            f'check base_url and the model name "{settings.model}"',
        )
    if isinstance(error, openai.RateLimitError):
        return ('has had too many requests (status 429)', 'wait, or raise the quota')
    status = getattr(error, 'status_code', None)
    what = f'status {status}' if status else type(error).__name__
    return f'failed ({what}: {error.message[:200]})', 'look into the log of the server'
