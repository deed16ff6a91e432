"""The server: chat completions on 127.0.0.1, the fault named by the model or set at run time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any

from vls.test_endpoint.behaviour import Behaviour
from vls.test_endpoint.errors import EndpointInUseError
from vls.test_endpoint.faults import fault_of_model
from vls.test_endpoint.handler import RequestHandler


class EndpointServer:
    """The server, as a context manager. Port 0 takes any free one.

    Raises EndpointInUseError.
    """

    def __init__(
        self, port: int = 0, behaviour: Behaviour | None = None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.log = log
        self.closing = threading.Event()
        self._behaviour = behaviour or Behaviour()
        self._requests = 0
        self._lock = threading.Lock()
        try:
            self._server = ThreadingHTTPServer(
                ('127.0.0.1', port), partial(RequestHandler, self)
            )
        except OSError as error:
            raise EndpointInUseError(f'port {port} cannot be used: {error}') from error
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True,
            name='test endpoint',
        )

    @property
    def base_url(self) -> str:
        """Root of the API."""
        return f'http://127.0.0.1:{self._server.server_address[1]}/v1'

    @property
    def requests(self) -> int:
        """How many chat completions were asked for."""
        return self._requests

    def release(self) -> None:
        """Frees the port of a server that was never entered; nobody listens there then."""
        self._server.server_close()

    def misbehave(self, behaviour: Behaviour) -> None:
        """From the next request on."""
        with self._lock:
            self._behaviour = behaviour

    def state(self) -> dict[str, Any]:
        """What a GET of /fault says."""
        with self._lock:
            return {**asdict(self._behaviour), 'requests': self._requests}

    def next_behaviour(self, model: str) -> Behaviour:
        """For one request; counts it."""
        named = fault_of_model(model)
        with self._lock:
            self._requests += 1
            present = self._behaviour
            if named is not None:
                return Behaviour(named, present.delay)
            self._behaviour = present.after_one_request()
            return present

    def __enter__(self) -> EndpointServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
