"""The bridge as a process, a simulated robot, and a client that can do what any node could."""

import contextlib
import os
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool, Trigger
from vls_interfaces import msg as messages

from vls_core.control.fr3 import DOWNWARD_QUATERNION
from vls_core.types import ActionChunk, TargetKind
from vls_ros import convert, qos

RUN_BRIDGE = 'from franka_bridge.bridge_node import main; main()'
HOME = np.array([0.40, 0.0, 0.30])
"""Where the end effector is at the start [m]."""
PATIENT = {'connect_timeout': 30.0, 'state_timeout': 5.0, 'gripper_timeout': 30.0}
"""Parameters of a bridge for which a computer that pauses is no fault."""
SIMULATED = {'realtime': 'false', 'dry_run': 'false', **PATIENT}
STILL = 0.02
"""A joint that is no faster rests [rad/s]."""

RESEND_PERIOD = 2.0  # s; a chunk that waited longer than its lifespan is dropped without a word

LATCHED_STATES = (messages.BridgeStatus.FAULT, messages.BridgeStatus.ESTOP)


def wait_for(condition, what, timeout=60.0):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f'waited {timeout} s in vain for {what() if callable(what) else what}')


class Client:
    """Sees and asks what any node of the stack could."""

    def __init__(self, namespace):
        self.node = Node('client', namespace=namespace)
        self._namespace = namespace
        self.status = self.joints = None
        self.states = []
        """Every state that was told so far, repetitions included."""
        self.diagnostics = {}
        self.node.create_subscription(
            messages.BridgeStatus, 'bridge_status', self._on_status, qos.STATUS
        )
        self.node.create_subscription(JointState, 'joint_states', self._on_joints, qos.STATE)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.STATUS
        )
        self._chunks = None
        self.start_publishing()
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._spin)
        self._thread.start()
        self._sequence = 0
        self.sent = 0
        """Messages on the topic of chunks so far, whatever came of them."""

    def _on_status(self, message):
        self.states.append(message.state)
        self.status = message

    def _on_diagnostics(self, message):
        name = f'{self._namespace}/franka_bridge'.lstrip('/')
        for status in message.status:
            if status.name == name:
                self.diagnostics = {item.key: item.value for item in status.values}

    def _on_joints(self, message):
        self.joints = message

    def ask(self, name, arm=None):
        kind = Trigger if arm is None else SetBool
        request = Trigger.Request() if arm is None else SetBool.Request(data=arm)
        service = self.node.create_client(kind, f'franka_bridge/{name}')
        assert service.wait_for_service(60.0)
        answer = service.call_async(request)
        wait_for(answer.done, f'an answer to {name}')
        self.node.destroy_client(service)
        return answer.result()

    def arm(self):
        """Arms, whatever state the bridge was left in, and waits until it holds."""
        self.ask('arm', False)
        if self.status is not None and self.status.state in LATCHED_STATES:
            assert self.ask('recover').success
        answer = self.ask('arm', True)
        assert answer.success, answer.message
        self.wait_for_state(messages.BridgeStatus.ARMED)

    def send_until(self, send, condition, what):
        """Sends something until met: again when it was answered, and when that takes long."""
        def answered():
            return self.status.accepted_chunks + self.status.refused_chunks

        def met():
            before, lost = answered(), time.monotonic() + RESEND_PERIOD
            send()
            wait_for(
                lambda: condition() or answered() > before or time.monotonic() > lost,
                'an answer to what was sent',
            )
            return condition()

        wait_for(met, what)

    def entering(self, state):
        """A condition: the bridge has told a state from now on, were it only in passing."""
        begin = len(self.states)
        return lambda: state in self.states[begin:]

    def wait_for_state(self, state):
        """For one that lasts until something is asked or sent; else see `entering`."""
        wait_for(
            lambda: self.status and self.status.state == state,
            lambda: f'state {state}; the last ones were {self.states[-10:]}, '
                    f'reason "{self.status.reason if self.status else ""}"',
        )

    def now(self):
        """ROS time [s]."""
        return 1e-9 * self.node.get_clock().now().nanoseconds

    def send_line(self, start, end, steps=16, gripper=1.0, program_id=''):
        """A straight way of the end effector, one chunk."""
        positions = np.linspace(start, end, steps + 1)[1:]
        self.send_targets(
            np.hstack([positions, np.tile(DOWNWARD_QUATERNION, (steps, 1))]),
            TargetKind.CARTESIAN_POSE, gripper, program_id,
        )

    def send_targets(self, targets, kind, gripper=1.0, program_id=''):
        """One chunk of targets (H, 7), 15 of them in a second."""
        self._sequence += 1
        self.publish(convert.chunk_to_message(ActionChunk(
            self.now(), 1 / 15, self._sequence, targets, np.full(len(targets), gripper), kind,
            program_id,
        )))

    def publish(self, message):
        wait_for(lambda: self._chunks.get_subscription_count() > 0, 'the bridge to listen')
        self.sent += 1
        self._chunks.publish(message)

    def start_publishing(self):
        self._chunks = self.node.create_publisher(
            messages.ActionChunk, 'action_chunk', qos.action_chunk(1.0)
        )

    def stop_publishing(self):
        """Takes back the publisher of chunks: whoever has one counts as sending motion."""
        self.node.destroy_publisher(self._chunks)

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


def new_namespace():
    return f'/test_{uuid.uuid4().hex[:12]}'


def loopback_address():
    """One that no other test is likely to use at the same time."""
    return f'127.12.{os.getpid() % 250 + 1}.{uuid.uuid4().int % 250 + 1}'


@contextlib.contextmanager
def simulated_robot():
    """A simulated robot: its process, with its address as `address`."""
    address = loopback_address()
    script = Path(__file__).with_name('simulated_robot.py')
    process = subprocess.Popen(
        [sys.executable, str(script), address], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == 'ready'
    process.address = address
    try:
        yield process
    finally:
        end(process)


def bridge_command(namespace, **parameters):
    arguments = [f'{name}:={value}' for name, value in parameters.items()]
    return [
        sys.executable, '-c', RUN_BRIDGE, '--ros-args', '-r', f'__ns:={namespace}',
        *[part for argument in arguments for part in ('-p', argument)],
    ]


@contextlib.contextmanager
def running_bridge(namespace, **parameters):
    """The bridge as a process; it is given time to end by itself."""
    process = subprocess.Popen(bridge_command(namespace, **parameters))
    try:
        yield process
    finally:
        end(process)


def end(process):
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(60.0)
    process.kill()
    process.wait()
