"""A simulated FR3 that enforces the limits of the real one, as a process.

It speaks the robot's protocol, so that franky connects to it as to a robot. A command beyond what
the robot allows, a jump of a commanded signal or a run of lost commands ends the motion with the
error that the robot would name.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from benchmarks.bridge.judge_model import write_model
from benchmarks.steering.version import ROOT
from vls_core.control import fr3

VENV = ROOT / '.venv.judge'
"""The judge's environment; `make setup` makes it."""

PORT = 1337
"""Where franky looks for a robot."""

PRIORITY = 20
"""Among real-time processes; above that of its client, as a robot is."""

_START_TIMEOUT = 40.0
_TRACE_ROW = np.dtype((np.float64, 15))
_ABORT = re.compile(r' ERROR franka_sim\S*: ((\w+).*) -- aborting the motion$', re.MULTILINE)
_PACE = re.compile(r'simulation running at ([\d.]+)x real time')
# They name the packages of the stack's own environment.
_FOREIGN = ('_ROS_WHEELS_BOOTSTRAP_COMPLETE', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'PYTHONHOME')


class JudgeError(RuntimeError):
    """The judge cannot be started; the message says why."""


@dataclass(frozen=True)
class Reflex:
    """A motion that the judge ended: the robot's name of the error, and what exactly was wrong."""

    error: str
    reason: str


class Judge:
    """The judge at an address of its own; a context, in which it runs.

    To be entered in a thread that outlives it: the judge ends with the thread that started it.

    Args:
        address: in 127.0.0.0/8; None picks one that is not in use.
        gripper: serve a gripper too.
        start: (7,) joint positions of the arm, at rest [rad].
        realtime: ask for real-time scheduling; a refusal is no error.
        log: file to write the judge's log to; None keeps it only as long as the judge runs.
    """

    def __init__(
        self,
        address: str | None = None,
        gripper: bool = False,
        start: Sequence[float] = tuple(fr3.HOME_JOINT_POSITIONS),
        realtime: bool = True,
        log: Path | None = None,
    ) -> None:
        self.address = address or unused_address()
        self._options = {
            'address': self.address,
            'port': PORT,
            'gripper': gripper,
            'start': [float(angle) for angle in start],
            'priority': PRIORITY if realtime else 0,
        }
        self._folder = tempfile.TemporaryDirectory(prefix='judge-')
        self._trace = Path(self._folder.name) / 'trace'
        self.log = log or Path(self._folder.name) / 'judge.log'
        """The file of the log."""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Judge:
        """Starts the judge and waits until it serves. Raises JudgeError."""
        python = VENV / 'bin' / 'python'
        if not python.exists():
            raise JudgeError(f'{VENV} is missing: run `make setup`')
        environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        environment['FR3_MJCF'] = str(write_model(VENV / 'model'))
        options = json.dumps({
            **self._options, 'parent': os.getpid(), 'trace_file': str(self._trace)
        })
        script = Path(__file__).with_name('judge_server.py')
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open('wb') as log:
            self._process = subprocess.Popen(
                [python, script, options], stdout=subprocess.PIPE, stderr=log, env=environment,
                start_new_session=True,  # a Ctrl-C is for the client: the judge ends after it
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends the judge."""
        self.close()

    def close(self) -> None:
        """Ends the judge at once; it holds nothing that would have to be put in order."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            process.stdout.close()
        self._folder.cleanup()

    def log_text(self) -> str:
        """What the judge has written so far."""
        return self.log.read_text(errors='replace')

    def reflexes(self) -> list[Reflex]:
        """The motions that the judge ended so far."""
        return reflexes_in(self.log_text())

    def trace(self) -> np.ndarray:
        """What the arm did so far, whatever its client says: rows of simulated time [s], joint
        positions (7,) [rad] and velocities (7,) [rad/s], about 500 a second.
        """
        written = self._trace.read_bytes() if self._trace.exists() else b''
        whole = len(written) // _TRACE_ROW.itemsize
        return np.frombuffer(written, np.float64, 15 * whole).reshape(-1, 15)

    def pause(self) -> None:
        """Freezes the judge, as a robot whose network is gone."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """Ends the judge without a word, as a robot whose power is gone; the trace stays."""
        self._process.kill()

    def resume(self) -> None:
        """Lets a frozen judge go on."""
        self._process.send_signal(signal.SIGCONT)

    def pace(self) -> list[float]:
        """Simulated seconds per second, about once a second; a judge that keeps up shows 1."""
        return [float(factor) for factor in _PACE.findall(self.log_text())]

    def _wait_until_ready(self) -> None:
        stream = self._process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            answered = selector.select(_START_TIMEOUT)
        if not answered or stream.readline().strip() != b'ready':
            tail = '\n'.join(self.log_text().splitlines()[-10:])
            raise JudgeError(f'the judge at {self.address} does not serve:\n{tail}')


def reflexes_in(log: str) -> list[Reflex]:
    """The motions that ended with an error, according to a judge's log."""
    return [Reflex(error, reason) for reason, error in _ABORT.findall(log)]


def unused_address() -> str:
    """One of the loopback network that nothing else is likely to use."""
    first, second, third = uuid.uuid4().bytes[:3]
    return f'127.{20 + first % 200}.{second}.{1 + third % 254}'
