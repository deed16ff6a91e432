"""A ROS client of the running stack: tasks, episodes, and the services of the bridge.

It does not matter whether `vls up` or `ros2 launch` started the nodes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import rclpy
from action_msgs.msg import GoalStatus
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from rclpy.action import ActionClient
from rclpy.client import Client
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future
from std_srvs.srv import SetBool, Trigger
from vls_interfaces.action import RunTask
from vls_interfaces.msg import BridgeStatus
from vls_interfaces.srv import ResetEpisode, ScoreEpisode

from vls.environment import adopt_stack_environment
from vls_ros.qos import STATUS

DISCOVERY_SECONDS = 8.0
"""How long to look for a server before saying that there is none."""
SERVICE_SECONDS = 30.0
"""How long a service may take; homing moves the arm."""
STATE_SECONDS = 2.0
"""How long a node may take to name its state; longer while it loads."""
WAIT_SECONDS = 0.05

ACTIVE = frozenset({State.PRIMARY_STATE_ACTIVE})
ANY_STATE = frozenset({
    State.PRIMARY_STATE_UNCONFIGURED, State.PRIMARY_STATE_INACTIVE, State.PRIMARY_STATE_ACTIVE
})


class StackUnreachableError(ConnectionError):
    """A server of the stack does not answer; the message says what to do."""


class RefusedError(RuntimeError):
    """A service of the stack said no; the message is its own."""


@dataclass(frozen=True)
class TaskFeedback:
    """How a task goes: see RunTask.action."""

    phase: str
    stage: int
    stage_count: int
    stage_name: str
    reward: float
    latency: float
    detail: str = ''


@dataclass(frozen=True)
class TaskResult:
    """How a task ended: error_code 0 is success; see RunTask.action."""

    error_code: int
    message: str
    program_id: str
    source: str
    duration: float

    @property
    def success(self) -> bool:
        """The stack believes it did what was asked."""
        return self.error_code == RunTask.Goal.NONE

    @property
    def error_name(self) -> str:
        """E.g. UNKNOWN_OBJECT."""
        return error_name(self.error_code)


def error_name(code: int) -> str:
    """The name of an error code of RunTask, e.g. UNKNOWN_OBJECT for 102."""
    names = (name for name in dir(RunTask.Goal) if name.isupper() and name != 'SLOT_TYPES')
    return next((name for name in names if getattr(RunTask.Goal, name) == code), f'error {code}')


class StackClient:
    """One ROS node that asks the stack in a namespace to do things. Methods block."""

    def __init__(self, namespace: str = '') -> None:
        adopt_stack_environment()
        self._context = rclpy.Context()
        # Ctrl-C has to raise KeyboardInterrupt here: a task is cancelled before the context goes.
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self.node = Node(
            'vls_client', namespace=namespace, context=self._context,
            start_parameter_services=False, enable_rosout=False,
        )
        self.bridge_status: BridgeStatus | None = None
        self.node.create_subscription(BridgeStatus, 'bridge_status', self._keep_status, STATUS)
        # One for all tasks: rclpy may still collect one that is destroyed while it spins.
        self._tasks = ActionClient(self.node, RunTask, 'run_task')
        self._state_clients: dict[str, Client] = {}
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def __enter__(self) -> StackClient:
        return self

    def __exit__(self, *_: object) -> None:
        # The thread first: an executor that is shut down while it spins raises in that thread.
        self._closing.set()
        self._thread.join(timeout=5.0)
        self._executor.shutdown(timeout_sec=2.0)
        self._context.try_shutdown()
        self.node.destroy_node()

    @contextmanager
    def subscription(
        self, message_class: type, topic: str, callback: Callable[[Any], None], qos: QoSProfile
    ) -> Iterator[None]:
        """Calls callback, on another thread, with every message during the block."""
        subscription = self.node.create_subscription(message_class, topic, callback, qos)
        try:
            yield
        finally:
            self.node.destroy_subscription(subscription)

    def run_task(
        self, instruction: str, *, steer: bool = True, timeout: float = 0.0,
        on_feedback: Callable[[TaskFeedback], None] = lambda _: None,
    ) -> TaskResult:
        """Runs a task to its end; KeyboardInterrupt cancels it before it goes on its way.

        Args:
            instruction: what to do.
            steer: False leaves the base policy unsteered.
            timeout: seconds; 0 means the default of the vlm node.
            on_feedback: called on another thread.

        Raises:
            StackUnreachableError: no stack, or it fell silent.
            RefusedError: the goal was not accepted.
        """
        if not self._tasks.wait_for_server(timeout_sec=DISCOVERY_SECONDS):
            raise self._unreachable('run_task')
        goal = RunTask.Goal(instruction=instruction, steer=steer, timeout=timeout)
        asking = self._ask_in_the_executor(lambda: self._tasks.send_goal_async(
            goal, lambda item: on_feedback(_feedback(item.feedback))
        ))
        try:
            return self._await_result(asking)
        except KeyboardInterrupt:
            self._cancel(asking)
            raise

    def _await_result(self, asking: Future) -> TaskResult:
        handle = self._answer(asking)
        if not handle.accepted:
            raise RefusedError('the vlm node does not accept tasks now')
        future = self._wait(
            self._ask_in_the_executor(handle.get_result_async), SERVICE_SECONDS, 'run_task'
        )
        while not future.done():
            if not self._tasks.server_is_ready():
                raise StackUnreachableError('the vlm node is gone; see `vls status`')
            time.sleep(WAIT_SECONDS)
        wrapped = future.result()
        result = wrapped.result
        code, message = result.error_code, result.message
        if wrapped.status == GoalStatus.STATUS_ABORTED and code == RunTask.Goal.NONE:
            code, message = RunTask.Goal.AUTHOR_FAILED, message or 'the task was aborted'
        return TaskResult(code, message, result.program_id, result.source, result.duration)

    def _cancel(self, asking: Future) -> None:
        with suppress(StackUnreachableError):  # whoever interrupts wants to go, whatever happens
            handle = self._answer(asking)
            if handle.accepted:
                self._answer(self._ask_in_the_executor(handle.cancel_goal_async))
                self._answer(self._ask_in_the_executor(handle.get_result_async))

    def _ask_in_the_executor(self, ask: Callable[[], Future]) -> Future:
        """Asks an action server something; the result is what `ask` returns, a future too.

        rclpy's action client loses an answer that comes before it has noted the question: asked
        by the thread that takes answers, it cannot.
        """
        return self._executor.create_task(ask)

    def _answer(self, asking: Future) -> Any:
        future = self._wait(asking, SERVICE_SECONDS, 'run_task')
        return self._wait(future, SERVICE_SECONDS, 'run_task')

    def reset_episode(self, seed: int, shift: str) -> str:
        """Lays out the simulated scene; returns the instruction. Raises RefusedError."""
        request = ResetEpisode.Request(seed=seed, shift=shift)
        response = self._call(ResetEpisode, 'sim/reset_episode', request)
        return _accepted(response).instruction

    def score_episode(self) -> ScoreEpisode.Response:
        """The judgement of the simulated physics on the present episode."""
        return self._call(ScoreEpisode, 'sim/score_episode', ScoreEpisode.Request())

    def arm(self, armed: bool) -> str:
        """Lets the bridge move the arm, or not. Raises RefusedError."""
        request = SetBool.Request(data=armed)
        return _accepted(self._call(SetBool, 'franka_bridge/arm', request)).message

    def stop(self) -> str:
        """Stops the arm now; it needs `recover` afterwards. Raises RefusedError."""
        return self._trigger('estop')

    def recover(self) -> str:
        """Clears a fault or a stop. Raises RefusedError."""
        return self._trigger('recover')

    def home(self) -> str:
        """Moves the arm to its home pose and opens the gripper. Raises RefusedError."""
        return self._trigger('home')

    def nodes_not_in(self, names: tuple[str, ...], states: frozenset[int]) -> tuple[str, ...]:
        """Those of the named life-cycle nodes in none of these states, or without an answer."""
        return tuple(name for name in names if self._state(name) not in states)

    def wait_for(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        """Waits for a condition. Raises StackUnreachableError after timeout [s]."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise StackUnreachableError(f'{what} within {timeout:.0f} s')
            time.sleep(WAIT_SECONDS)

    def _trigger(self, name: str) -> str:
        request = Trigger.Request()
        return _accepted(self._call(Trigger, f'franka_bridge/{name}', request)).message

    def _state(self, name: str) -> int | None:
        client = self._state_clients.get(name)
        if client is None:
            client = self._state_clients[name] = self.node.create_client(
                GetState, f'{name}/get_state'
            )
        if not client.wait_for_service(timeout_sec=0.2):
            return None
        future = client.call_async(GetState.Request())
        deadline = time.monotonic() + STATE_SECONDS
        while not future.done() and time.monotonic() < deadline:
            time.sleep(0.01)
        return future.result().current_state.id if future.done() else None

    def _call(self, service_class: type, name: str, request: Any) -> Any:
        client = self.node.create_client(service_class, name)
        try:
            if not client.wait_for_service(timeout_sec=DISCOVERY_SECONDS):
                raise self._unreachable(name)
            return self._wait(client.call_async(request), SERVICE_SECONDS, name)
        finally:
            self.node.destroy_client(client)

    def _wait(self, future: Future, timeout: float, name: str) -> Any:
        deadline = time.monotonic() + timeout
        while not future.done():
            if time.monotonic() > deadline:
                raise StackUnreachableError(
                    f'{name} did not answer within {timeout:.0f} s; see the logs (`vls status`)'
                )
            time.sleep(0.005)
        return future.result()

    def _unreachable(self, name: str) -> StackUnreachableError:
        resolved = self.node.resolve_service_name(name)
        domain = self._context.get_domain_id()
        return StackUnreachableError(
            f'nobody serves {resolved} on ROS domain {domain}: start the stack with `vls up` (or '
            '`ros2 launch vls franka_demo.launch.py`), or look at `vls status`'
        )

    def _keep_status(self, message: BridgeStatus) -> None:
        self.bridge_status = message

    def _spin(self) -> None:
        try:
            while not self._closing.is_set():
                # What another thread destroys may just have been collected to be waited for.
                with suppress(InvalidHandle):
                    self._executor.spin_once(timeout_sec=0.05)
        except ExternalShutdownException:
            return


def _accepted(response: Any) -> Any:
    if not response.success:
        raise RefusedError(response.message)
    return response


def _feedback(item: RunTask.Feedback) -> TaskFeedback:
    return TaskFeedback(
        item.phase, item.stage, item.stage_count, item.stage_name, item.reward, item.latency,
        item.detail,
    )
