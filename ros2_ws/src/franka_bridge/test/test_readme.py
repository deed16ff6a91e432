"""The README lists what the node really has, and nothing else."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import rclpy
import yaml
from builtin_interfaces.msg import Duration
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from franka_bridge import transforms
from franka_bridge.bridge_node import BridgeNode
from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.following.mode import FollowMode
from franka_bridge.trajectory_input import TrajectoryError, chunk_from_trajectory
from vls_core import types
from vls_core.control.chunk_clock import ChunkClock
from vls_core.control.chunk_rules import RefusedChunkError
from vls_core.control.errors import EnvelopeViolationError
from vls_core.control.fr3 import HOME_JOINT_POSITIONS
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference
from vls_core.control.watchdog import BridgeState, TransitionError
from vls_ros import convert

README = Path(__file__).resolve().parents[1] / 'README.md'


def section(title):
    return README.read_text().split(f'\n## {title}\n')[1].split('\n## ')[0]


def rows(title):
    """Of the table of a section: the name in the first cell to the other cells."""
    lines = [line for line in section(title).splitlines() if line.startswith('| `')]
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    assert len({row[0] for row in cells}) == len(cells), 'a name is listed twice'
    return {row[0].strip('`'): row[1:] for row in cells}


def every_kind_of(error):
    kinds = error.__subclasses__()
    return set().union(*map(every_kind_of, kinds)) if kinds else {error}


# --- parameters ---


@pytest.mark.parametrize('item', fields(BridgeParameters), ids=lambda item: item.name)
def test_a_parameter_is_described_with_its_default_and_its_range(item):
    default, bounds, meaning = rows('Parameters')[item.name]
    expected = list(item.default) if isinstance(item.default, tuple) else item.default
    assert yaml.safe_load(default) == expected
    assert type(yaml.safe_load(default)) is type(expected)
    assert meaning == item.metadata['description']
    limits = (item.metadata['low'], item.metadata['high'])
    assert bounds == ('' if limits == (None, None) else '{:g} to {:g}'.format(*limits))


def test_no_parameter_is_invented():
    assert set(rows('Parameters')) == {item.name for item in fields(BridgeParameters)}


# --- topics and services ---


@pytest.fixture(scope='module')
def node():
    """The node before it is configured, with a heartbeat of the operator required."""
    rclpy.init(args=['--ros-args', '-p', 'operator_timeout:=0.5', '-p', 'autostart:=false'])
    node = BridgeNode()
    yield node
    node.destroy_node()
    rclpy.try_shutdown()


@pytest.fixture(scope='module')
def common(node):
    """Names that any life-cycle node called so has."""
    bare = LifecycleNode('franka_bridge')
    names = {
        each.topic_name for each in (*bare.publishers, *bare.subscriptions)
    } | {each.srv_name for each in bare.services}
    bare.destroy_node()
    return names


@pytest.fixture
def topics(node, common):
    """Name to (type, direction, quality of service)."""
    ends = [(each, 'out') for each in node.publishers]
    ends += [(each, 'in') for each in node.subscriptions]
    return {
        documented(end.topic_name): (of_type(end.msg_type), direction, end.qos_profile)
        for end, direction in ends if end.topic_name not in common
    }


@pytest.fixture
def services(node, common):
    return {
        each.srv_name.removeprefix('/'): of_type(each.srv_type)
        for each in node.services if each.srv_name not in common
    }


def documented(name):
    """Absolute for what is shared by all namespaces, else relative."""
    return name if name in ('/tf', '/diagnostics') else name.removeprefix('/')


def of_type(interface):
    return f'{interface.__module__.split(".")[0]}/{interface.__name__}'


def test_every_topic_is_described_as_it_is(topics):
    for name, (kind, direction, quality) in topics.items():
        written_kind, written_direction, written_quality, _ = rows('Topics')[name]
        assert (written_kind.strip('`'), written_direction) == (kind, direction), name
        reliable = quality.reliability == ReliabilityPolicy.RELIABLE
        assert ('reliable' in written_quality) == reliable, name
        latched = quality.durability == DurabilityPolicy.TRANSIENT_LOCAL
        assert ('latched' in written_quality) == latched, name


def test_no_topic_is_invented(topics):
    # Which of the two publishes the links depends on the machine.
    unused = 'link_transforms' if transforms.TFMessage is not None else '/tf'
    assert set(rows('Topics')) - set(topics) == {unused}


def test_the_services_are_those_of_the_node(services):
    assert services
    assert {name: row[0].strip('`') for name, row in rows('Services').items()} == services


# --- what is counted on /diagnostics ---


def test_every_reason_to_refuse_a_chunk_is_explained():
    counted = every_kind_of(RefusedChunkError) | {TrajectoryError, TransitionError}
    counted |= {
        each for module in (convert, types) for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, types.InvalidValueError)
    }
    assert set(rows('What is refused')) == {error.__name__ for error in counted}


def test_every_violation_of_the_envelope_is_explained():
    violations = {error.__name__ for error in every_kind_of(EnvelopeViolationError)}
    assert set(rows('Envelope')) == violations


def test_every_state_and_every_mode_is_explained():
    lines = [line for line in section('States').splitlines() if line.startswith('| ')]
    assert [line.split()[1] for line in lines] == ['state', *(state.name for state in BridgeState)]
    assert set(rows('Modes')) - {'mode'} == {mode.value for mode in FollowMode}


# --- the example ---


def example():
    """The message that the example publishes."""
    text = section('Alone, with a joint trajectory').split('JointTrajectory "')[1].split('"')[0]
    values = yaml.safe_load(text)
    points = [
        JointTrajectoryPoint(
            positions=point['positions'], time_from_start=Duration(**point['time_from_start'])
        )
        for point in values.pop('points')
    ]
    return JointTrajectory(points=points, **values)


def test_the_example_is_accepted_at_home():
    chunk = chunk_from_trajectory(example(), 'fr3', 10.0, 1, 0.5, HOME_JOINT_POSITIONS)
    still = Reference(HOME_JOINT_POSITIONS, np.zeros(7), np.zeros(7), False)
    clock = ChunkClock(Fr3Kinematics())
    clock.accept(chunk, 10.0, still)
    np.testing.assert_allclose(
        clock.sample(chunk.end_time + 0.1).point.position, HOME_JOINT_POSITIONS, atol=1e-3
    )
