"""The life cycle all VLS nodes share, and how a node becomes a process.

A subclass names its parameter class and fills in the hooks: `setup` (configure: check, load,
connect), `start` (activate), `halt` (deactivate; must leave the arm safe) and `teardown` (clean
up, also after errors). The base class declares parameters, reports on /diagnostics once per
second, and starts itself when `autostart` is true, as there is no life-cycle manager to rely on.
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.executors import ExternalShutdownException
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from vls_ros.executor import PatientExecutor
from vls_ros.parameters import declare
from vls_ros.qos import STATUS

DIAGNOSTICS_PERIOD = 1.0
"""Seconds between two reports on /diagnostics."""


class SetupError(RuntimeError):
    """A node cannot be configured; the message says what to do."""


class VlsNode(LifecycleNode):
    """Base class of all nodes of the stack."""

    parameters_class: ClassVar[type]

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._autostart = self.declare_parameter('autostart', True).value
        self.parameters = declare(self, self.parameters_class)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', STATUS)
        self.create_timer(DIAGNOSTICS_PERIOD, self._report)

    def setup(self) -> None:
        """Configures: checks parameters, loads, connects. Raises SetupError when it cannot."""

    def start(self) -> None:
        """Activates."""

    def halt(self) -> None:
        """Deactivates. Must leave the arm safe."""

    def teardown(self) -> None:
        """Releases what setup took. Called once after setup began, whatever happened."""

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """For /diagnostics: all well?, one sentence, named values."""
        return True, 'running', {}

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Runs `setup`; a SetupError is logged and refuses the transition."""
        try:
            self.setup()
        except SetupError as error:
            self.get_logger().error(str(error))
            self.teardown()
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Runs `start`."""
        self.start()
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Runs `halt`."""
        self.halt()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Runs `teardown`."""
        self.teardown()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Runs what is left of `halt` and `teardown`."""
        if state.label == 'active':
            self.halt()
        if state.label in ('active', 'inactive'):
            self.teardown()
        return TransitionCallbackReturn.SUCCESS

    def bring_up(self) -> bool:
        """Configures and activates if `autostart` is set. False when that failed."""
        if not self._autostart:
            return True
        return (
            self.trigger_configure() == TransitionCallbackReturn.SUCCESS
            and self.trigger_activate() == TransitionCallbackReturn.SUCCESS
        )

    def _report(self) -> None:
        good, message, values = self.health()
        status = DiagnosticStatus(
            level=DiagnosticStatus.OK if good else DiagnosticStatus.WARN,
            name=self.get_fully_qualified_name().lstrip('/'),
            message=message,
            values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
        )
        report = DiagnosticArray(status=[status])
        report.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(report)


def run_node(node_class: type[VlsNode], threads: int = 4) -> int:
    """Runs one node until it is told to stop. Returns the exit code of the process.

    A node that cannot be made or configured says why in one line and ends with 1: no traceback for
    what is the user's to mend.
    """
    rclpy.init()
    try:
        node = node_class()
    except (ValueError, rclpy.exceptions.ParameterException) as error:
        print(f'{node_class.__name__}: {error}', file=sys.stderr)
        rclpy.try_shutdown()
        return 1
    try:
        return _spin(node, threads)
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


def _spin(node: VlsNode, threads: int) -> int:
    executor = PatientExecutor(threads)
    executor.add_node(node)
    if not node.bring_up():
        executor.shutdown(timeout_sec=2.0)
        return 1
    try:
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except rclpy._rclpy_pybind11.RCLError:  # Jazzy: SIGTERM may invalidate the context mid-wait
        if rclpy.ok():
            raise
    finally:
        executor.shutdown(timeout_sec=2.0)
        _stop(node)
    return 0


def _stop(node: VlsNode) -> None:
    # The context is gone by now, transitions cannot be published: call the hooks directly.
    state = node._state_machine.current_state[1]  # noqa: SLF001
    if state == 'active':
        node.halt()
    if state in ('active', 'inactive'):
        node.teardown()

