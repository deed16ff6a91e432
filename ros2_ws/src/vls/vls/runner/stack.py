"""Starts, watches and ends the processes of a stack."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vls.environment import stack_environment
from vls.folders import state_folder
from vls.node_table import NodeCommand
from vls.runner.bound_to_parent import PR_SET_PDEATHSIG
from vls.runner.configuration import STOP_SECONDS, write_configuration
from vls.runner.logs import last_words
from vls.runner.supervisor_client import (
    ProcessInfo,
    SupervisorClient,
    SupervisorUnreachableError,
)

POLL_SECONDS = 0.1
MANAGER_SECONDS = 30.0
"""How long supervisord may take to answer."""


class StackError(RuntimeError):
    """The stack cannot be started, or is not there; the message says what to do."""


class NodeEndedError(StackError):
    """A node ended although it should run; carries its last words."""

    def __init__(self, process: ProcessInfo, log: Path) -> None:
        self.process = process
        self.log = log
        words = last_words(log)
        super().__init__(
            f'{process.name} ended with exit code {process.exit_status}'
            + (f':\n{words}' if words else '') + f'\n(log: {log})'
        )


@dataclass(frozen=True)
class StackRecord:
    """What other processes need to know about the stack on this ROS domain."""

    run_folder: Path
    namespace: str
    sim: bool
    managed_nodes: tuple[str, ...]
    required_nodes: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Writes it, atomically."""
        content = {
            'run_folder': str(self.run_folder), 'namespace': self.namespace, 'sim': self.sim,
            'managed_nodes': self.managed_nodes, 'required_nodes': self.required_nodes,
        }
        temporary = path.with_suffix('.tmp')
        temporary.write_text(json.dumps(content))
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> StackRecord:
        """Reads it. Raises FileNotFoundError."""
        content = json.loads(path.read_text())
        return cls(
            Path(content['run_folder']), content['namespace'], content['sim'],
            tuple(content['managed_nodes']), tuple(content['required_nodes']),
        )


class Stack:
    """The processes of a stack under supervisord.

    As a context manager it ends everything at the end of the block, also after Ctrl-C:

        with Stack.start(commands, folder, sim=True) as stack:
            stack.wait_until(ready, timeout=60.0)
    """

    def __init__(
        self, record: StackRecord, socket: Path, manager: subprocess.Popen | None = None
    ) -> None:
        self.record = record
        self._socket = socket
        self._client = SupervisorClient(socket)
        self._manager = manager

    @classmethod
    def start(
        cls, commands: Sequence[NodeCommand], folder: Path, *, sim: bool, detach: bool = False
    ) -> Stack:
        """Starts supervisord and through it all commands; they end with us unless detached.

        Raises:
            StackError: a stack is running on this ROS domain, or supervisord does not start.
            MissingExecutableError: a node is not installed.
        """
        refuse_second_stack()
        state = state_folder()
        socket = state / 'supervisor.sock'
        configuration = write_configuration(commands, folder, socket)
        record = StackRecord(
            folder, commands[0].namespace, sim,
            tuple(command.name for command in commands if command.managed),
            tuple(command.name for command in commands if command.required),
        )
        record.save(state / 'stack.json')
        stack = cls(record, socket)
        try:
            stack._launch(configuration, detach)  # noqa: SLF001
        except BaseException:
            stack.stop()
            raise
        return stack

    @classmethod
    def running(cls) -> Stack:
        """The stack that runs on this ROS domain. Raises StackError if there is none."""
        state = state_folder()
        stack = None
        try:
            stack = cls(StackRecord.load(state / 'stack.json'), state / 'supervisor.sock')
            stack.processes()
        except (FileNotFoundError, SupervisorUnreachableError):
            domain = os.environ.get('ROS_DOMAIN_ID') or '0'
            raise StackError(
                f'no stack of `vls up` runs on ROS domain {domain}; start one with `vls up`'
            ) from None
        return stack

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """The run folder: logs/, parameters/, supervisord.conf."""
        return self.record.run_folder

    def processes(self) -> tuple[ProcessInfo, ...]:
        """All processes. Raises SupervisorUnreachableError."""
        return self._client.processes()

    @property
    def ending(self) -> bool:
        """Somebody ended the stack, as `vls down` does."""
        try:
            return self._client.is_shutting_down()
        except SupervisorUnreachableError:
            return True

    def log(self, name: str) -> Path:
        """The log file of a node."""
        return self.folder / 'logs' / f'{name}.log'

    def require_all_running(self, names: Sequence[str] | None = None) -> None:
        """Raises NodeEndedError for the first process (of those named) that is gone."""
        for process in self.processes():
            if process.ended and (names is None or process.name in names):
                raise NodeEndedError(process, self.log(process.name))

    def wait_until(
        self, ready: Callable[[], bool], timeout: float,
        describe: Callable[[], str] = lambda: 'the stack is not ready',
    ) -> None:
        """Waits for a condition [at most timeout s] while watching the processes.

        Raises NodeEndedError as soon as one ends, StackError at the time-out.
        """
        deadline = time.monotonic() + timeout
        while not ready():
            self.require_all_running()
            if time.monotonic() > deadline:
                raise StackError(
                    f'{describe()} after {timeout:.0f} s; see the logs in {self.folder / "logs"}'
                )
            time.sleep(POLL_SECONDS)
        self.require_all_running()

    def stop(self) -> None:
        """Ends all processes and supervisord: SIGINT, then SIGKILL. Ctrl-C cannot interrupt it."""
        with _without_interrupts():
            leftovers = self._pids()
            try:
                manager = self._manager.pid if self._manager else self._client.process_id()
                os.kill(manager, signal.SIGTERM)
            except (SupervisorUnreachableError, ProcessLookupError):
                manager = None
            deadline = time.monotonic() + 2 * STOP_SECONDS + 3.0
            while manager and process_alive(manager) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            for pid in leftovers:
                _kill_group(pid)
            if manager and process_alive(manager):
                os.kill(manager, signal.SIGKILL)
            (self._socket.parent / 'stack.json').unlink(missing_ok=True)

    def _pids(self) -> tuple[int, ...]:
        try:
            return tuple(process.pid for process in self.processes() if process.pid)
        except SupervisorUnreachableError:
            return ()

    def _launch(self, configuration: Path, detach: bool) -> None:
        self._manager = subprocess.Popen(
            [sys.executable, '-m', 'supervisor.supervisord', '-n', '-c', str(configuration)],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / 'logs' / 'supervisord.out').open('w'),
            stderr=subprocess.STDOUT,
            env={**os.environ, **stack_environment()},
            start_new_session=True,  # Ctrl-C reaches us alone; we end the others in order
            preexec_fn=None if detach else _end_with_parent,
        )
        deadline = time.monotonic() + MANAGER_SECONDS
        while True:
            try:
                self.processes()
                return
            except SupervisorUnreachableError:
                if self._manager.poll() is not None or time.monotonic() > deadline:
                    words = last_words(self.folder / 'logs' / 'supervisord.out')
                    raise StackError(f'supervisord does not start: {words}') from None
            time.sleep(POLL_SECONDS)


def refuse_second_stack() -> None:
    """Raises StackError if a stack of `vls up` runs on this ROS domain already."""
    try:
        present = Stack.running()
    except StackError:
        return
    raise StackError(
        f'a stack runs already ({present.folder}); end it with `vls down`, or set another '
        'ROS_DOMAIN_ID'
    )


def process_alive(pid: int) -> bool:
    """There is such a process, and it is not just waiting to be collected by its parent."""
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != 'Z'


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(pid: int) -> None:
    # supervisord makes every process the leader of a group; ours are gone unless they hang.
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


class _without_interrupts:  # noqa: N801 (reads as a statement)
    def __enter__(self) -> None:
        self._before = {}
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            try:
                self._before[name] = signal.signal(name, signal.SIG_IGN)
            except ValueError:  # not the main thread: no signal handler runs here anyway
                return

    def __exit__(self, *_: object) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)
