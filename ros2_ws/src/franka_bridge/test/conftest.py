"""A simulated robot, the bridge as a process, and a client, all in a namespace of their own."""

import contextlib

import bridge_rig
import pytest
import rclpy
from vls_interfaces.msg import BridgeStatus


@pytest.fixture(scope='module')
def ros():
    rclpy.init()
    yield
    rclpy.try_shutdown()


@pytest.fixture
def namespace():
    return bridge_rig.new_namespace()


@pytest.fixture
def client(ros, namespace):
    client = bridge_rig.Client(namespace)
    yield client
    client.close()


@pytest.fixture
def robot():
    """A simulated robot: its process, with its address as `address`."""
    with bridge_rig.simulated_robot() as process:
        yield process


@pytest.fixture
def bridge_command(namespace):
    return lambda **parameters: bridge_rig.bridge_command(namespace, **parameters)


@pytest.fixture
def start_bridge(namespace):
    with contextlib.ExitStack() as processes:
        yield lambda **parameters: processes.enter_context(
            bridge_rig.running_bridge(namespace, **parameters)
        )


@pytest.fixture(scope='module')
def shared_client(ros, request):
    """The client of one bridge for a whole module, which may name parameters in BRIDGE."""
    namespace = bridge_rig.new_namespace()
    parameters = {**bridge_rig.SIMULATED, **getattr(request.module, 'BRIDGE', {})}
    with contextlib.ExitStack() as stack:
        robot = stack.enter_context(bridge_rig.simulated_robot())
        stack.enter_context(
            bridge_rig.running_bridge(namespace, robot_ip=robot.address, **parameters)
        )
        client = bridge_rig.Client(namespace)
        stack.callback(client.close)
        client.wait_for_state(BridgeStatus.IDLE)
        yield client
