"""A client that waits for a task notices that nobody works on it any more."""

import threading
import uuid

import pytest
import rclpy
from processes import wait_until
from rclpy.action import ActionServer
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from vls_interfaces.action import RunTask

from vls.client import StackClient, StackUnreachableError


@pytest.fixture
def vlm():
    """Accepts tasks and never ends one."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = Node('vlm', namespace=f'/client_{uuid.uuid4().hex[:12]}', context=context)
    working, leave = threading.Event(), threading.Event()

    def work(goal):
        working.set()
        leave.wait(60.0)
        goal.abort()
        return RunTask.Result()

    server = ActionServer(node, RunTask, 'run_task', work)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    thread = threading.Thread(target=executor.spin, daemon=True)
    thread.start()
    node.working, node.leave, node.server = working, leave, server
    yield node
    leave.set()
    executor.shutdown(timeout_sec=5.0)
    thread.join(5.0)
    context.try_shutdown()


class PausedSender:
    """Pauses after a question is on its way, as on a busy machine, until its answer is taken."""

    def __init__(self, handle):
        self._handle = handle
        self._taken = threading.Event()

    def __getattr__(self, name):
        return getattr(self._handle, name)

    def send_goal_request(self, request):
        number = self._handle.send_goal_request(request)
        self._taken.wait(1.0)
        return number

    def take_goal_response(self, kind):
        response = self._handle.take_goal_response(kind)
        self._taken.set()
        return response


def test_an_answer_that_comes_before_the_question_was_noted_is_not_lost(vlm, monkeypatch):
    with StackClient(vlm.get_namespace()) as client:
        sender = PausedSender(client._tasks._client_handle)
        monkeypatch.setattr(client._tasks, '_client_handle', sender)
        vlm.leave.set()
        assert client.run_task('put the red cube on the plate').error_name == 'AUTHOR_FAILED'


def test_a_task_whose_node_is_gone_ends_with_an_error(vlm):
    outcomes = []

    def run(client):
        try:
            outcomes.append(client.run_task('put the red cube on the plate'))
        except StackUnreachableError as error:
            outcomes.append(str(error))

    with StackClient(vlm.get_namespace()) as client:
        task = threading.Thread(target=run, args=(client,))
        task.start()
        assert vlm.working.wait(30.0)
        assert not outcomes
        vlm.server.destroy()
        wait_until(lambda: outcomes, timeout=30.0)
        task.join()
    assert 'vlm node is gone' in outcomes[0]
