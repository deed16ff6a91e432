"""Speaks with a running supervisord over its Unix socket."""

from __future__ import annotations

import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path

from supervisor.xmlrpc import SupervisorTransport


class SupervisorUnreachableError(ConnectionError):
    """No supervisord answers."""


@dataclass(frozen=True)
class ProcessInfo:
    """What supervisord knows about one process.

    Attributes:
        name: of the node.
        state: STARTING, RUNNING, STOPPING, STOPPED, EXITED, FATAL ...
        pid: 0 if there is no process.
        exit_status: of the last run; 0 while it runs.
        start_time: when it was started [s since the epoch].
    """

    name: str
    state: str
    pid: int
    exit_status: int
    start_time: float

    @property
    def ended(self) -> bool:
        """The process is gone."""
        return self.state in ('STOPPED', 'EXITED', 'FATAL', 'UNKNOWN', 'BACKOFF')


class SupervisorClient:
    """The calls the runner needs. All raise SupervisorUnreachableError."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def processes(self) -> tuple[ProcessInfo, ...]:
        """All processes, in the order of the configuration."""
        return tuple(
            ProcessInfo(
                name=info['name'], state=info['statename'], pid=info['pid'],
                exit_status=info['exitstatus'], start_time=float(info['start']),
            )
            for info in self._call('getAllProcessInfo')
        )

    def is_shutting_down(self) -> bool:
        """supervisord is about to end, with all its processes."""
        return self._call('getState')['statename'] == 'SHUTDOWN'

    def process_id(self) -> int:
        """Of supervisord."""
        return self._call('getPID')

    def _call(self, method: str) -> object:
        transport = SupervisorTransport(None, None, f'unix://{self._socket}')
        server = xmlrpc.client.ServerProxy('http://127.0.0.1', transport=transport)
        try:
            return getattr(server.supervisor, method)()
        except (OSError, xmlrpc.client.Error) as error:
            raise SupervisorUnreachableError(
                f'no process manager answers at {self._socket}'
            ) from error
        finally:
            transport.close()
