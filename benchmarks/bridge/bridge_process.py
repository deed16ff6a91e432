"""The bridge as a process, and a client that sees and asks what any node of the stack could."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from types import TracebackType

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy._rclpy_pybind11 import InvalidHandle
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import SetBool, Trigger
from vls_interfaces import msg as messages

from vls_ros import qos

_RUN = 'from franka_bridge.bridge_node import main; main()'
_POLL_PERIOD = 0.01


class WaitError(AssertionError):
    """Something that had to happen did not happen in time."""


def wait_for(
    condition: Callable[[], bool], what: str | Callable[[], str], timeout: float = 20.0
) -> None:
    """Waits for a condition. Raises WaitError after timeout [s], with what it waited for."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            said = what if isinstance(what, str) else what()
            raise WaitError(f'waited {timeout:.0f} s in vain for {said}')
        time.sleep(_POLL_PERIOD)


def new_namespace() -> str:
    """One that nobody else uses."""
    return f'/bridge_{uuid.uuid4().hex[:12]}'


class BridgeProcess:
    """The bridge, connected to a simulated robot; a context, in which it runs.

    Args:
        address: of the robot.
        namespace: of the node.
        parameters: of the node.
    """

    def __init__(self, address: str, namespace: str, **parameters: object) -> None:
        values = {'robot_ip': address, 'realtime': False, 'dry_run': False, **parameters}
        self._command = [
            sys.executable, '-c', _RUN, '--ros-args', '-r', f'__ns:={namespace}',
            *(part for name, value in values.items()
              for part in ('-p', f'{name}:={_yaml(value)}')),
        ]
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> BridgeProcess:
        """Starts it."""
        environment = {**os.environ, 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
        self.process = subprocess.Popen(
            self._command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends it, whatever state it is in."""
        with contextlib.suppress(ProcessLookupError):
            self.send(signal.SIGCONT)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=10.0)
        self.process.kill()
        self.process.communicate()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(number)


class BridgeClient:
    """Sees and asks what any node could; a context."""

    def __init__(self, namespace: str) -> None:
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = Node('client', namespace=namespace, context=self._context)
        self.status: messages.BridgeStatus | None = None
        self.states: list[int] = []
        """Every state of the bridge so far, repetitions left out."""
        self.diagnostics: dict[str, str] = {}
        self._name = f'{namespace}/franka_bridge'.lstrip('/')
        self.node.create_subscription(
            messages.BridgeStatus, 'bridge_status', self._on_status, qos.STATUS
        )
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.STATUS
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def __enter__(self) -> BridgeClient:
        """Is there already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leaves the graph."""
        self._closing.set()
        self._thread.join(5.0)
        self._executor.shutdown(2.0)
        self.node.destroy_node()
        self._context.try_shutdown()

    def wait_for_state(self, state: int, timeout: float = 20.0) -> None:
        """Raises WaitError with the states that came instead, and the last reason."""
        wait_for(
            lambda: self.status is not None and self.status.state == state,
            lambda: f'state {state}; the last ones were {self.states[-5:]}, '
                    f'reason "{self.status.reason if self.status else ""}"', timeout,
        )

    def ask(self, name: str, arm: bool | None = None) -> SetBool.Response | Trigger.Response:
        """Calls a service of the bridge. Raises WaitError."""
        kind = Trigger if arm is None else SetBool
        request = Trigger.Request() if arm is None else SetBool.Request(data=arm)
        service = self.node.create_client(kind, f'franka_bridge/{name}')
        try:
            wait_for(service.service_is_ready, f'service {name}')
            answer = service.call_async(request)
            wait_for(answer.done, f'an answer to {name}', 30.0)
            return answer.result()
        finally:
            self.node.destroy_client(service)

    def now(self) -> float:
        """ROS time [s]."""
        return 1e-9 * self.node.get_clock().now().nanoseconds

    def _on_status(self, message: messages.BridgeStatus) -> None:
        if not self.states or self.states[-1] != message.state:
            self.states.append(message.state)
        self.status = message

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for item in message.status:
            if item.name == self._name:
                self.diagnostics = {
                    'message': item.message, **{pair.key: pair.value for pair in item.values}
                }

    def _spin(self) -> None:
        while not self._closing.is_set():
            # What another thread destroys may just have been collected to be waited for.
            with contextlib.suppress(InvalidHandle):
                self._executor.spin_once(timeout_sec=0.05)


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
