"""A client that waits for a task notices that nobody works on it any more."""

import os
import threading

import pytest
import rclpy
from processes import wait_until
from rclpy.action import ActionServer
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from vls_interfaces.action import RunTask

from vls.client import StackClient, StackUnreachableError

NAMESPACE = f'/client_{os.getpid()}'


@pytest.fixture
def vlm():
    """Accepts tasks and never ends one."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = Node('vlm', namespace=NAMESPACE, context=context)
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
    node.working, node.server = working, server
    yield node
    leave.set()
    executor.shutdown(timeout_sec=5.0)
    thread.join(5.0)
    context.try_shutdown()


def test_a_task_whose_node_is_gone_ends_with_an_error(vlm):
    outcomes = []

    def run(client):
        try:
            outcomes.append(client.run_task('put the red cube on the plate'))
        except StackUnreachableError as error:
            outcomes.append(str(error))

    with StackClient(NAMESPACE) as client:
        task = threading.Thread(target=run, args=(client,))
        task.start()
        assert vlm.working.wait(30.0)
        assert not outcomes
        vlm.server.destroy()
        wait_until(lambda: outcomes, timeout=30.0)
        task.join()
    assert 'vlm node is gone' in outcomes[0]
