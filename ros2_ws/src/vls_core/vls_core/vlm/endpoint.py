"""Asking a model at an OpenAI-compatible endpoint: one question with its retries, one deadline.

The `openai` package speaks the protocol; here is what it leaves open: how long to go on, what to
do without when an endpoint lacks a feature, what an answer cost, and what to tell the operator.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import openai
from openai.types.chat import ChatCompletion

from vls_core.vlm.api_key import InvalidKeyError, api_key, sendable_key
from vls_core.vlm.author import EndpointError, NotUnderstoodError
from vls_core.vlm.cassette import Cassette, CassetteError
from vls_core.vlm.endpoint_failures import explain, wait_asked_for
from vls_core.vlm.endpoint_settings import EndpointSettings
from vls_core.vlm.redaction import excerpt
from vls_core.vlm.resolving_loop import ResolvingLoop
from vls_core.vlm.usage import Usage, UsageMeter

MAXIMUM_BACKOFF = 8.0
"""Longest pause between two tries of our own choice [s]; an endpoint may ask for more."""
LONGEST_REFUSAL = 300
"""Of a model's own words why it does not answer [characters]."""

Message = dict[str, Any]
Value = TypeVar('Value')
_TRANSIENT = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)
_REJECTED = (openai.BadRequestError, openai.UnprocessableEntityError)


@dataclass(frozen=True)
class Question:
    """One question to a model, for an answer in JSON.

    Attributes:
        system: what the model is told about its task.
        messages: the conversation so far; the last one is from us.
        name: of the schema.
        schema: of the answer; spelled out in the system message where it cannot be enforced.
        temperature, seed: of sampling; None leaves them to the endpoint.
    """

    system: str
    messages: tuple[Message, ...]
    name: str
    schema: Mapping[str, Any]
    temperature: float | None = None
    seed: int | None = None

    def request(self, model: str, without: frozenset[str]) -> dict[str, Any]:
        """Arguments of a chat completion, without the options of these names."""
        system = self.system
        if 'response_format' in without:
            system += f'\n# JSON schema of the answer\n\n{json.dumps(self.schema)}'
        schema = {'name': self.name, 'schema': self.schema, 'strict': True}
        options = {
            'response_format': {'type': 'json_schema', 'json_schema': schema},
            'temperature': self.temperature,
            'seed': self.seed,
        }
        return {
            'model': model,
            'messages': [{'role': 'system', 'content': system}, *self.messages],
            **{name: value for name, value in options.items()
               if value is not None and name not in without},
        }


class Endpoint:
    """An endpoint that remembers which features it turned out to lack.

    Arguments:
        settings: where and how to ask.
        sleep: pauses between retries; injected by tests.
        clock: seconds, monotonic; injected by tests.

    Attributes:
        meter: what all sessions have used so far, whatever became of them.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.sleep = sleep
        self.clock = clock
        self.meter = UsageMeter()
        self.lacking: frozenset[str] = frozenset()
        self._cassette = Cassette.open(settings.cassette_file, settings.cassette_mode)

    def run(self, work: Callable[[Session], Awaitable[Value]]) -> Value:
        """Does work that asks questions. Blocks for at most `deadline` seconds of waiting.

        Raises:
            EndpointError: the deadline passed, a question could not be answered, or there is a
                key that cannot be sent.
        """
        with asyncio.Runner(loop_factory=ResolvingLoop) as runner:
            return runner.run(self._run(work))

    async def _run(self, work: Callable[[Session], Awaitable[Value]]) -> Value:
        settings = self.settings
        try:
            key = sendable_key(settings.api_key_variable)
        except InvalidKeyError as error:
            raise self.failure(
                f'was not asked: {error}',
                f'put a valid key into the environment variable {settings.api_key_variable}',
            ) from error
        client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=key,
            timeout=settings.request_timeout,
            max_retries=0,
            http_client=self._cassette.client() if self._cassette else None,
        )
        try:
            async with asyncio.timeout(settings.deadline), client:
                return await work(Session(self, client))
        except TimeoutError as error:
            raise self.failure(
                f'gave no answer within {settings.deadline:g} s',
                'is it overloaded? raise the deadline if the model is merely slow',
            ) from error

    def failure(self, reason: str, advice: str) -> EndpointError:
        """The error that names this endpoint."""
        return EndpointError(self.settings.base_url, reason, advice)


class Session:
    """Questions under one deadline.

    Attributes:
        meter: what they have used so far.
    """

    def __init__(self, endpoint: Endpoint, client: openai.AsyncOpenAI) -> None:
        self.meter = UsageMeter()
        self._endpoint = endpoint
        self._client = client
        self._ends = endpoint.clock() + endpoint.settings.deadline

    @property
    def model(self) -> str:
        """Who is asked."""
        return self._endpoint.settings.model

    @property
    def base_url(self) -> str:
        """Where."""
        return self._endpoint.settings.base_url

    async def ask(self, question: Question) -> str:
        """The model's text.

        Raises:
            EndpointError: no answer was to be had.
            NotUnderstoodError: the model refused.
            CassetteError: the question is not on the cassette.
        """
        failures = 0
        dropped: frozenset[str] = frozenset()
        while True:
            without = self._endpoint.lacking | dropped
            request = question.request(self._endpoint.settings.model, without)
            try:
                completion = await self._client.chat.completions.create(**request)
                text = self._text(completion)
            except _REJECTED as error:
                option = _to_blame(error, request)
                if option is None:
                    raise self._failure(error) from error
                dropped |= {option}
            except _TRANSIENT as error:
                _raise_cassette_error(error)
                failures += 1
                await self._pause(error, failures)
            except openai.APIError as error:
                raise self._failure(error) from error
            except json.JSONDecodeError as error:
                raise self._not_chat_completions() from error
            else:
                self._endpoint.lacking |= dropped
                return text

    async def _pause(self, error: openai.APIError, failures: int) -> None:
        """Waits before the next try. Raises EndpointError if there is to be none."""
        settings = self._endpoint.settings
        if failures > settings.maximum_retries:
            raise self._failure(error) from error
        backoff = min(settings.first_backoff * 2 ** (failures - 1), MAXIMUM_BACKOFF)
        pause = max(backoff, wait_asked_for(error) or 0.0)
        left = self._ends - self._endpoint.clock()
        if pause >= left:
            reason, _ = explain(error, settings.request_timeout, settings.model,
                                settings.api_key_variable)
            raise self._endpoint.failure(
                f'{reason} and is to be asked again only after {pause:g} s',
                f'the deadline leaves {max(left, 0.0):.1f} s; wait, or raise the quota',
            ) from error
        await self._endpoint.sleep(pause)

    def _text(self, completion: ChatCompletion) -> str:
        # The client library does not check what it gets: anything with status 200 arrives here.
        choices = getattr(completion, 'choices', None)
        message = getattr(choices[0], 'message', None) if choices else None
        if message is None:
            raise self._not_chat_completions()
        usage = _usage(completion)
        self.meter.add(usage)
        self._endpoint.meter.add(usage)
        if getattr(message, 'refusal', None):
            key = api_key(self._endpoint.settings.api_key_variable)
            words = excerpt(str(message.refusal), LONGEST_REFUSAL, key)
            raise NotUnderstoodError(f'the model refused: {words}')
        if getattr(choices[0], 'finish_reason', None) == 'content_filter':
            raise NotUnderstoodError('the endpoint withheld the answer: its content filter acted')
        return message.content if isinstance(message.content, str) else ''

    def _not_chat_completions(self) -> EndpointError:
        return self._endpoint.failure(
            'answered with something else than a chat completion',
            'does base_url end with the API root, often "/v1"?',
        )

    def _failure(self, error: openai.APIError) -> EndpointError:
        settings = self._endpoint.settings
        return self._endpoint.failure(
            *explain(error, settings.request_timeout, settings.model, settings.api_key_variable)
        )


def _usage(completion: ChatCompletion) -> Usage:
    reported = getattr(completion, 'usage', None)
    sent = getattr(reported, 'prompt_tokens', None)
    received = getattr(reported, 'completion_tokens', None)
    if not (isinstance(sent, int) and isinstance(received, int)):
        return Usage(questions=1, uncounted=1)
    return Usage(1, sent, received)


def _to_blame(error: openai.APIStatusError, request: Mapping[str, Any]) -> str | None:
    """The option to do without: one that the error names, else structured output."""
    named = [name for name in ('temperature', 'seed') if name in str(error) and name in request]
    options = [*named, 'response_format']
    return next((name for name in options if name in request), None)


def _raise_cassette_error(error: openai.APIError) -> None:
    """A missing recording is no failure of the endpoint, and trying again does not help."""
    if isinstance(error.__cause__, CassetteError):
        raise error.__cause__
