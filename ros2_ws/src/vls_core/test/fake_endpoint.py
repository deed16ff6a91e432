"""A fake OpenAI-compatible endpoint for tests: a real HTTP server with scripted answers, no model.

Listens on 127.0.0.1 only. Every request takes the next scripted reply; the last one repeats.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

LONGEST_HANG = 30.0
"""A reply that never comes gives up after this, should the server not be closed before [s]."""


@dataclass(frozen=True)
class Reply:
    """One scripted HTTP response.

    Attributes:
        status: HTTP status.
        body: what is sent.
        content_type: of the body.
        headers: further ones.
        delay: before anything is sent [s].
        hang: nothing is sent until the server is closed.
        drip: a byte of white space from time to time, so that no read ever times out.
        drop: the connection is closed without a word.
        refuse_schema: answers 400 to a request with a response_format instead.
    """

    status: int = 200
    body: bytes = b''
    content_type: str = 'application/json'
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    hang: bool = False
    drop: bool = False
    drip: bool = False
    refuse_schema: bool = False


Script = Reply | Callable[[dict[str, Any]], Reply]
"""A reply, or what makes one from the decoded request."""


def completion(
    content: Any, refusal: str | None = None, usage: tuple[int, int] | None = None,
    finish_reason: str = 'stop', **options: Any,
) -> Reply:
    """A well-formed chat completion; content that is not text is sent as JSON.

    Arguments:
        usage: tokens of prompt and completion; None leaves them unreported.
    """
    text = content if isinstance(content, str) else json.dumps(content)
    body = {
        'id': 'fake-1', 'object': 'chat.completion', 'created': 0, 'model': 'fake',
        'choices': [{
            'index': 0, 'finish_reason': finish_reason,
            'message': {'role': 'assistant', 'content': text, 'refusal': refusal},
        }],
    }
    if usage is not None:
        body['usage'] = {
            'prompt_tokens': usage[0], 'completion_tokens': usage[1], 'total_tokens': sum(usage),
        }
    return Reply(body=json.dumps(body).encode(), **options)


def failure(status: int, message: str = 'scripted failure', **options: Any) -> Reply:
    """An error as OpenAI-compatible servers report it."""
    body = json.dumps({'error': {'message': message}}).encode()
    return Reply(status=status, body=body, **options)


class FakeEndpoint:
    """The server, as a context manager.

    Attributes:
        requests: decoded JSON bodies in order of arrival.
        keys: Authorization headers in the same order.
    """

    def __init__(self, *replies: Script) -> None:
        self.replies = list(replies)
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True
        )

    @property
    def base_url(self) -> str:
        """Root of the API."""
        return f'http://127.0.0.1:{self._server.server_address[1]}/v1'

    def __enter__(self) -> FakeEndpoint:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, path: str, key: str, body: dict[str, Any]) -> Reply:
        with self._lock:
            self.paths.append(path)
            self.keys.append(key)
            self.requests.append(body)
            script = self.replies[0]
            reply = script(body) if callable(script) else script
            if reply.refuse_schema and 'response_format' in body:
                return failure(400, 'response_format of type json_schema is not supported')
            if len(self.replies) > 1:
                self.replies.pop(0)
            return reply


def _handler(endpoint: FakeEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (the name http.server calls)
            length = int(self.headers.get('Content-Length', 0))
            body = json.loads(self.rfile.read(length))
            reply = endpoint._next(self.path, self.headers.get('Authorization', ''), body)
            endpoint._closing.wait(reply.delay)
            if reply.drop:
                self.close_connection = True
                return
            if reply.hang:
                endpoint._closing.wait(LONGEST_HANG)
                return
            self.send_response(reply.status)
            self.send_header('Content-Type', reply.content_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.drip:
                self.end_headers()
                self._drip()
                return
            self.send_header('Content-Length', str(len(reply.body)))
            self.end_headers()
            with contextlib.suppress(OSError):  # the client may have gone
                self.wfile.write(reply.body)

        def _drip(self) -> None:
            for _ in range(int(LONGEST_HANG / 0.05)):
                if endpoint._closing.wait(0.05):
                    return
                try:
                    self.wfile.write(b' ')
                    self.wfile.flush()
                except OSError:  # the client has gone
                    return

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler
