"""Work is submitted once, and all of it is done."""

import threading
import time

import pytest
from rclpy._rclpy_pybind11 import RCLError
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.node import Node

from vls_ros.executor import PatientExecutor

LONGEST_WAIT = 30.0
ROUNDS = 50


@pytest.fixture
def node():
    context = Context()
    context.init(domain_id=73)
    item = Node('node', context=context)
    yield item
    item.destroy_node()
    context.try_shutdown()


def wait_for(condition):
    end = time.monotonic() + LONGEST_WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def submissions_while_threads_are_busy(node):
    """How often work is handed to the threads in ROUNDS rounds, while both of them are taken."""
    executor = PatientExecutor(2, context=node.context)
    executor.add_node(node)
    release, taken = threading.Event(), []

    def block():
        taken.append(True)
        assert release.wait(LONGEST_WAIT)

    group = ReentrantCallbackGroup()
    timers = [node.create_timer(0.01, block, callback_group=group) for _ in range(3)]
    try:
        while len(taken) < 2:
            executor.spin_once(timeout_sec=0.05)
        submitted = 0
        submit = executor._executor.submit

        def count(*arguments):
            nonlocal submitted
            submitted += 1
            return submit(*arguments)

        executor._executor.submit = count
        for _ in range(ROUNDS):
            executor.spin_once(timeout_sec=0.001)
        return submitted
    finally:
        for timer in timers:
            timer.cancel()
        release.set()
        executor.shutdown()


def test_work_that_waits_for_a_thread_is_submitted_once(node):
    assert submissions_while_threads_are_busy(node) <= 3


def test_nothing_is_lost(node):
    executor = PatientExecutor(2, context=node.context)
    executor.add_node(node)
    calls = []
    timer = node.create_timer(0.005, lambda: calls.append(True))
    thread = threading.Thread(target=executor.spin)
    thread.start()
    wait_for(lambda: len(calls) >= 20)
    timer.cancel()
    executor.shutdown()
    thread.join(LONGEST_WAIT)
    assert not thread.is_alive()


def test_an_exception_of_a_callback_ends_the_spinning(node):
    executor = PatientExecutor(2, context=node.context)
    executor.add_node(node)

    def fail():
        raise RuntimeError('a bug')

    node.create_timer(0.005, fail)
    end = time.monotonic() + LONGEST_WAIT
    with pytest.raises(RuntimeError, match='a bug'):
        while time.monotonic() < end:
            executor.spin_once(timeout_sec=0.05)
    executor.shutdown()


@pytest.mark.parametrize(('error', 'goes_on'), [
    (RCLError("failed to add 'rcl_action_server_t': action server pointer is invalid"), True),
    (InvalidHandle('cannot use Destroyable because destruction was requested'), True),
    (RCLError('failed to initialize wait set: out of memory'), False),
], ids=['action server', 'other entity', 'something else'])
def test_what_another_thread_destroys_is_not_waited_for(node, monkeypatch, error, goes_on):
    executor, called = PatientExecutor(2, context=node.context), []
    executor.add_node(node)
    node.create_timer(0.01, lambda: called.append(True))
    wait, failures = executor.wait_for_ready_callbacks, [error]

    def fails_once(*arguments):
        if failures:
            raise failures.pop()
        return wait(*arguments)

    monkeypatch.setattr(executor, 'wait_for_ready_callbacks', fails_once)
    try:
        if goes_on:
            executor.spin_once(timeout_sec=0.05)
            while not called:
                executor.spin_once(timeout_sec=0.05)
        else:
            with pytest.raises(RCLError):
                executor.spin_once(timeout_sec=0.05)
    finally:
        executor.shutdown()
