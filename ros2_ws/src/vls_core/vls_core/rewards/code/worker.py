"""A process in which rewards are tried and evaluated, killed and replaced when it has to be.

It has no files, no network and a bounded amount of memory (`protections.py`); it is given code as
text and numbers, and all that comes back is read as plain data (`messages.py`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Any, Self

from vls_core.rewards.code import messages
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.patience import Patience

HANDLERS = 'vls_core.rewards.code.handlers'
_KEPT_ENVIRONMENT = ('PATH', 'LD_LIBRARY_PATH', 'LANG', 'LC_ALL')
"""Nothing else of the owner's environment is handed on: it may hold keys and passwords."""
_LAUNCHER = ThreadPoolExecutor(1, 'vls-worker-launcher')
"""Processes end with the thread that started them, so that thread has to outlive its callers."""


class WorkerError(RuntimeError):
    """A worker could not do what it was asked."""


class WorkerTimeoutError(WorkerError):
    """A call took too long; the worker was killed and is being replaced."""


class WorkerDiedError(WorkerError):
    """A worker ended, or sent nonsense, during a call; it is being replaced."""


class WorkerFailedError(WorkerError):
    """A handler raised something else than RewardCodeError, e.g. because memory ran out."""


class Worker:
    """A replaceable process that runs the handlers of `handlers.py`; safe to share by threads.

    Args:
        handlers: name of the module with HANDLERS and warm_up; another one is for tests.
        start_timeout: how long the process may take until it is ready [s].
    """

    def __init__(self, handlers: str = HANDLERS, start_timeout: float = 60.0) -> None:
        self._handlers = handlers
        self._start_timeout = start_timeout
        self._lock = threading.RLock()
        self._starting: Future[_Process] | None = None
        self._ready: _Process | None = None
        self._closed = False

    def start(self) -> None:
        """Starts the process if there is none; returns at once, the first call waits for it."""
        with self._lock:
            if self._closed:
                raise WorkerError('the worker was closed')
            if self._ready is None and self._starting is None:
                self._starting = _LAUNCHER.submit(_Process, self._handlers)

    def call(
        self, name: str, *arguments: Any, deadline: float, stretch: float = 1.0
    ) -> Any:
        """What a handler returns: plain data and tensors, tuples as lists.

        Args:
            arguments: anything that can be pickled and whose classes the handlers import.
            deadline: how long it may compute once the process is ready [s].
            stretch: how many times as long it may take where others use the processor, too.

        Raises:
            RewardCodeError: the handler raised it.
            WorkerTimeoutError, WorkerDiedError: the process was replaced.
            WorkerFailedError: the handler raised something else.
            WorkerError: the worker was closed, before the call or while it waited for a start.
        """
        request = messages.encode_request(name, arguments)
        with self._lock:
            process = self._process()
            try:
                return _result(name, process.exchange(request, deadline, stretch))
            except TimeoutError:
                self._replace()
                raise WorkerTimeoutError(f'{name} took longer than {deadline:.3g} s') from None
            except (OSError, EOFError, messages.MessageError) as error:
                self._replace()
                raise WorkerDiedError(f'the worker ended during {name}: {error!r}') from error

    @property
    def ready(self) -> bool:
        """Whether a process is there to serve a call at once; never waits."""
        process = self._ready
        return process is not None and process.alive

    @property
    def protections(self) -> dict[str, bool]:
        """Which protections are in force on this machine; waits until the process is ready."""
        with self._lock:
            return dict(self._process().protections)

    @property
    def process_id(self) -> int:
        """Of the present process; another one after it was replaced."""
        with self._lock:
            return self._process().process_id

    def close(self) -> None:
        """Ends the process; a call that is under way is waited for, but no start."""
        self._closed = True
        starting = self._starting  # whoever waits for it to be ready holds the lock
        if starting is not None:
            _once_started(starting, _Process.end)
        with self._lock:
            self._discard()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _process(self) -> _Process:
        """The process, ready."""
        if self._ready is not None and not self._ready.alive:
            self._discard()
        if self._ready is None:
            self.start()
            try:
                process = self._starting.result(self._start_timeout)
                process.wait(self._start_timeout)
            except (TimeoutError, FutureTimeoutError, OSError, EOFError, ValueError) as error:
                self._discard()
                if self._closed:
                    raise WorkerError('the worker was closed') from error
                raise WorkerDiedError(f'a worker could not be started: {error!r}') from error
            self._starting, self._ready = None, process
        return self._ready

    def _replace(self) -> None:
        self._discard()
        self.start()

    def _discard(self) -> None:
        starting, self._starting = self._starting, None
        ready, self._ready = self._ready, None
        if starting is not None:
            _once_started(starting, _Process.kill)
        if ready is not None:
            ready.kill()


def _once_started(starting: Future[_Process], act: Callable[[_Process], None]) -> None:
    def then(ended: Future[_Process]) -> None:
        if not ended.cancelled() and ended.exception() is None:
            act(ended.result())

    starting.add_done_callback(then)


def _result(name: str, answer: Any) -> Any:
    """What an answer brings, or the error that it tells of. Raises MessageError for any other."""
    match answer:
        case {'result': result}:
            return result
        case {'refused': str(reason), 'line': int() | None as line}:
            raise RewardCodeError(reason, line)
        case {'failed': str(text)}:
            raise WorkerFailedError(f'{name}: {text}')
    raise messages.MessageError('the worker sent nonsense')


class _Process:
    """One process and the pipe to it."""

    def __init__(self, handlers: str) -> None:
        self.protections: dict[str, bool] = {}
        self._connection, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, '-P', '-m', 'vls_core.rewards.code.child', handlers],
                stdin=other, stdout=subprocess.DEVNULL, env=_environment(),
                process_group=0,
            )

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, seconds: float) -> None:
        """Until it says that it is ready, and how it is protected."""
        patience = Patience(self.process_id, seconds)
        answer = messages.decode_answer(messages.receive(self._connection, patience))
        match answer:
            case {'protections': dict(protections)}:
                self.protections = protections
            case _:
                raise messages.MessageError('the worker did not say how it is protected')

    def exchange(self, request: bytes, seconds: float, stretch: float) -> Any:
        """Raises TimeoutError, OSError, EOFError or MessageError."""
        patience = Patience(self.process_id, seconds, stretch)
        messages.send(self._connection, request, seconds * stretch)
        return messages.decode_answer(messages.receive(self._connection, patience))

    def end(self) -> None:
        """Whoever waits for an answer is told so: the connection stays open on this side."""
        self._process.send_signal(signal.SIGKILL)

    def kill(self) -> None:
        self._connection.close()
        self.end()
        self._process.wait()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {
        'PYTHONPATH': os.pathsep.join(path for path in sys.path if path),
        'CUDA_VISIBLE_DEVICES': '',
        'OMP_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1', 'PYTHONDONTWRITEBYTECODE': '1',
    }
