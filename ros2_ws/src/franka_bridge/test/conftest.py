"""A simulated robot, the bridge as a process, and a client, all in a namespace of their own."""

import contextlib
import os
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import numpy as np
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool, Trigger
from vls_interfaces import msg as messages

from vls_core.control.fr3 import DOWNWARD_QUATERNION
from vls_core.types import ActionChunk
from vls_ros import convert, qos

RUN_BRIDGE = 'from franka_bridge.bridge_node import main; main()'


def wait_for(condition, what, timeout=20.0):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f'waited {timeout} s in vain for {what}')


class Client:
    """Sees and asks what any node of the stack could."""

    def __init__(self, namespace):
        self.node = Node('client', namespace=namespace)
        self.status = self.joints = None
        self.node.create_subscription(
            messages.BridgeStatus, 'bridge_status', self._on_status, qos.STATUS
        )
        self.node.create_subscription(JointState, 'joint_states', self._on_joints, qos.STATE)
        self._chunks = self.node.create_publisher(
            messages.ActionChunk, 'action_chunk', qos.action_chunk(1.0)
        )
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._spin)
        self._thread.start()
        self._sequence = 0

    def _on_status(self, message):
        self.status = message

    def _on_joints(self, message):
        self.joints = message

    def ask(self, name, arm=None):
        kind = Trigger if arm is None else SetBool
        request = Trigger.Request() if arm is None else SetBool.Request(data=arm)
        service = self.node.create_client(kind, f'franka_bridge/{name}')
        assert service.wait_for_service(20.0)
        answer = service.call_async(request)
        wait_for(answer.done, f'an answer to {name}', 30.0)
        self.node.destroy_client(service)
        return answer.result()

    def wait_for_state(self, state):
        wait_for(lambda: self.status and self.status.state == state, f'state {state}')

    def send_line(self, start, end, steps=16, gripper=1.0):
        """A straight way of the end effector, one chunk."""
        self._sequence += 1
        positions = np.linspace(start, end, steps + 1)[1:]
        now = 1e-9 * self.node.get_clock().now().nanoseconds
        chunk = ActionChunk(
            now, 1 / 15, self._sequence,
            np.hstack([positions, np.tile(DOWNWARD_QUATERNION, (steps, 1))]),
            np.full(steps, gripper),
        )
        self.publish(convert.chunk_to_message(chunk))

    def publish(self, message):
        wait_for(lambda: self._chunks.get_subscription_count() > 0, 'the bridge to listen')
        self._chunks.publish(message)

    def joint_positions(self):
        return np.array(self.joints.position[:7])

    def speed(self):
        return np.abs(self.joints.velocity[:7]).max()

    def _spin(self):
        try:
            self._executor.spin()
        except Exception:
            # An executor that is shut down while it spins may raise; before that, nothing may.
            if not self._closing.is_set():
                raise

    def close(self):
        self._closing.set()
        self._executor.shutdown()
        self._thread.join()
        self.node.destroy_node()


@pytest.fixture(scope='module')
def ros():
    rclpy.init()
    yield
    rclpy.try_shutdown()


@pytest.fixture
def namespace():
    return f'/test_{uuid.uuid4().hex[:12]}'


@pytest.fixture
def client(ros, namespace):
    client = Client(namespace)
    yield client
    client.close()


def loopback_address():
    """One that no other test is likely to use at the same time."""
    return f'127.12.{os.getpid() % 250 + 1}.{uuid.uuid4().int % 250 + 1}'


@pytest.fixture
def robot():
    """A simulated robot: its process, with its address as `address`."""
    address = loopback_address()
    script = Path(__file__).with_name('simulated_robot.py')
    process = subprocess.Popen(
        [sys.executable, str(script), address], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == 'ready'
    process.address = address
    yield process
    end(process)


@pytest.fixture
def bridge_command(namespace):
    def command(**parameters):
        arguments = [f'{name}:={value}' for name, value in parameters.items()]
        return [
            sys.executable, '-c', RUN_BRIDGE, '--ros-args', '-r', f'__ns:={namespace}',
            *[part for argument in arguments for part in ('-p', argument)],
        ]

    return command


@pytest.fixture
def start_bridge(bridge_command):
    processes = []

    def start(**parameters):
        processes.append(subprocess.Popen(bridge_command(**parameters)))
        return processes[-1]

    yield start
    for process in processes:
        end(process)


def end(process):
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(15.0)
    process.kill()
    process.wait()
