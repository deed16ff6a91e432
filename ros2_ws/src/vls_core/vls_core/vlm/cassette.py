"""Records what was asked of an endpoint and what it answered, and plays it back without one.

A cassette is a text file with one JSON object per line: a request and its response, or the
failure of the connection. It sits below the `openai` package, so in a replay everything above
runs as it did. Pictures are kept as their SHA-256, keys and headers with keys not at all.
"""

from __future__ import annotations

import asyncio
import base64
import difflib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx2
import openai

from vls_core.vlm.author import AuthorError
from vls_core.vlm.redaction import cleaned_text, without_secrets

VERSION = 1
KEPT_HEADERS = ('content-type', 'retry-after')
SHORTEST_IN_REQUESTS = 8
"""A shorter key is not looked for in what is asked [characters]."""
LONGEST_DIFFERENCE = 12
"""Lines of the difference to the nearest recorded request that a message shows."""
LONGEST_LINE = 160
"""Of that difference [characters]."""

_FAILURES = {
    kind.__name__: kind for kind in (
        httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ReadTimeout, httpx2.ReadError,
        httpx2.WriteError, httpx2.WriteTimeout, httpx2.RemoteProtocolError,
        httpx2.LocalProtocolError, httpx2.PoolTimeout,
    )
}  # fmt: skip
CANCELLED = 'Cancelled'
"""The failure of a request that was given up, at the deadline, before there was a response."""
_PICTURE = re.compile(r'^data:image/[a-z+.-]+;base64,(.*)$', re.DOTALL)


class CassetteMode(StrEnum):
    """What a cassette does."""

    OFF = 'off'
    RECORD = 'record'
    REPLAY = 'replay'


class CassetteError(AuthorError):
    """The cassette cannot be read or written; the message names it."""


class CassetteMissError(CassetteError):
    """A request is not on the cassette, or has been played back as often as it was recorded."""


@dataclass(frozen=True)
class Exchange:
    """A request and what came of it, as recorded.

    Attributes:
        path: of the URL; host and query are left out.
        body: of the request, pictures replaced by their hashes, without keys.
        status: of the response; 0 if the connection failed.
        headers: of the response, those of KEPT_HEADERS.
        text: of the response, or of the failure.
        failure: class of the failure of the connection, empty if there was a response.
    """

    path: str
    body: Any
    status: int
    headers: dict[str, str]
    text: str
    failure: str = ''

    @property
    def request_text(self) -> str:
        """Equal for equal requests."""
        return _canonical(self.path, self.body)

    def line(self) -> str:
        """One line of a cassette."""
        response: dict[str, Any] = {'text': self.text}
        if self.failure:
            response['failure'] = self.failure
        else:
            response |= {'status': self.status, 'headers': self.headers}
        content = {'version': VERSION, 'request': {'path': self.path, 'body': self.body},
                   'response': response}
        return json.dumps(content, sort_keys=True, ensure_ascii=False) + '\n'

    @classmethod
    def of_line(cls, line: str) -> Exchange:
        """Raises ValueError, KeyError or TypeError for what is no line of a cassette."""
        content = json.loads(line)
        if content['version'] != VERSION:
            raise ValueError(f'version {content["version"]}, expected {VERSION}')
        request, response = content['request'], content['response']
        failure = str(response.get('failure', ''))
        if failure and failure not in (*_FAILURES, CANCELLED):
            raise ValueError(f'unknown failure "{failure}"')
        return cls(
            str(request['path']), request['body'], 0 if failure else int(response['status']),
            dict(response.get('headers', {})), str(response['text']), failure,
        )

    async def response(self, request: httpx2.Request) -> httpx2.Response:
        """What the client got then. Raises what it got then; waits to be given up if it was."""
        if self.failure == CANCELLED:
            await asyncio.Event().wait()
        if self.failure:
            raise _FAILURES[self.failure](self.text, request=request)
        return httpx2.Response(
            self.status, headers=self.headers, content=self.text.encode(), request=request
        )


@dataclass
class Cassette:
    """A file of exchanges, for one mode of use."""

    file: Path
    mode: CassetteMode
    _unused: list[Exchange] = field(default_factory=list)
    _used: list[Exchange] = field(default_factory=list)

    @classmethod
    def open(cls, file: Path | None, mode: CassetteMode) -> Cassette | None:
        """None if there is nothing to do. Raises CassetteError."""
        if mode is CassetteMode.OFF or file is None:
            return None
        return cls(file, mode, list(_read(file)) if mode is CassetteMode.REPLAY else [])

    def client(self) -> httpx2.AsyncClient:
        """An HTTP client for the `openai` package that records or replays."""
        recording = self.mode is CassetteMode.RECORD
        transport = _Recorder(self) if recording else _Player(self)
        return openai.DefaultAsyncHttpxClient(transport=transport)

    def append(self, exchange: Exchange) -> None:
        """Adds a line. Raises CassetteError."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open('a', encoding='utf-8') as stream:
                stream.write(exchange.line())
        except OSError as error:
            raise CassetteError(f'the cassette {self.file} cannot be written: {error}') from error

    def take(self, path: str, body: Any) -> Exchange:
        """The next recorded answer to a request. Raises CassetteMissError."""
        wanted = _canonical(path, body)
        for exchange in self._unused:
            if exchange.request_text == wanted:
                self._unused.remove(exchange)
                self._used.append(exchange)
                return exchange
        if any(exchange.request_text == wanted for exchange in self._used):
            raise CassetteMissError(
                f'{self.file} has no further answer to this request, it was asked more often than '
                'when the cassette was recorded'
            )
        recorded = [*self._unused, *self._used]
        raise CassetteMissError(f'{self.file} has no such request: {_nearest(recorded, wanted)}')


class _Recorder(httpx2.AsyncBaseTransport):
    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette
        self._transport = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path, body, secret = _parts(request)
        try:
            response = await self._transport.handle_async_request(request)
            content = await response.aread()
            await response.aclose()
        except tuple(_FAILURES.values()) as error:
            text = without_secrets(str(error), secret)
            self._cassette.append(Exchange(path, body, 0, {}, text, type(error).__name__))
            raise
        except asyncio.CancelledError:
            self._cassette.append(Exchange(path, body, 0, {}, 'given up', CANCELLED))
            raise
        headers = {name: response.headers[name] for name in KEPT_HEADERS
                   if name in response.headers}
        text = cleaned_text(content.decode('utf-8', 'replace'), secret)
        self._cassette.append(Exchange(path, body, response.status_code, headers, text))
        return httpx2.Response(
            response.status_code, headers=headers, content=content, request=request
        )

    async def aclose(self) -> None:
        await self._transport.aclose()


class _Player(httpx2.AsyncBaseTransport):
    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path, body, _ = _parts(request)
        return await self._cassette.take(path, body).response(request)


def _read(file: Path) -> Iterator[Exchange]:
    try:
        lines = file.read_text('utf-8').split('\n')
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(f'the cassette {file} cannot be read: {error}') from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Exchange.of_line(line)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CassetteError(f'{file}, line {number} is no recording: {error!r}') from error


def _parts(request: httpx2.Request) -> tuple[str, Any, str]:
    """Path, body fit to be written down, and the key it was sent with."""
    secret = request.headers.get('authorization', '').removeprefix('Bearer ').strip()
    body = json.loads(request.content or b'null')
    # Requests are ours: a key that is an ordinary word would only blot out the prompt, and the
    # replay, which has no key, would not find the request.
    hidden = secret if len(secret) >= SHORTEST_IN_REQUESTS else ''
    return request.url.path, _writable(body, hidden), secret


def _writable(value: Any, secret: str) -> Any:
    """Pictures as their hashes, and no key in any text; names of members are ours."""
    if isinstance(value, dict):
        return {key: _writable(item, secret) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item, secret) for item in value]
    if not isinstance(value, str):
        return value
    found = _PICTURE.match(value)
    if found is None:
        return without_secrets(value, secret)
    return 'sha256:' + hashlib.sha256(base64.b64decode(found[1])).hexdigest()


def _canonical(path: str, body: Any) -> str:
    return json.dumps([path, body], sort_keys=True, ensure_ascii=False)


def _nearest(recorded: list[Exchange], wanted: str) -> str:
    """How the most similar recorded request differs from the wanted one."""
    if not recorded:
        return 'it is empty'
    lines = list(_lines(json.loads(wanted)))
    others = [list(_lines(json.loads(item.request_text))) for item in recorded]
    best = max(others, key=lambda other: difflib.SequenceMatcher(None, other, lines).ratio())
    difference = [line for line in difflib.unified_diff(best, lines, n=0, lineterm='')
                  if line[:1] in '+-' and line[:3] not in ('+++', '---')]
    shown = [line[:LONGEST_LINE] for line in difference[:LONGEST_DIFFERENCE]]
    left = len(difference) - len(shown)
    more = [f'and {left} more lines'] if left > 0 else []
    return '\n'.join(['the nearest one differs (- recorded, + now):', *shown, *more])


def _lines(value: Any, place: str = '') -> Iterator[str]:
    """Every leaf with its place; long texts line by line, so that a difference stays small."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _lines(value[key], f'{place}.{key}')
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lines(item, f'{place}.{index}')
    else:
        for line in str(value).splitlines() or ['']:
            yield f'{place.removeprefix(".")}: {line}'
