"""Parameters reach the nodes they are meant for, or are refused."""

import dataclasses
import importlib
from importlib.metadata import entry_points

import pytest
import yaml

from vls.folders import default_parameter_file
from vls.launch_arguments import LaunchSettings
from vls.node_table import NODE_TABLE, UnknownNodeError, node_commands
from vls.parameter_file import check_parameter_file, parse_overrides
from vls.parameter_sections import ParameterFileError
from vls_ros.lifecycle import VlsNode
from vls_sim.rig import DEMONSTRATION_SCALES

MANAGED = {entry.name: entry for entry in NODE_TABLE if entry.managed}


def declared_names(node):
    """What a node declares: the fields of its parameter class, and autostart."""
    scripts = entry_points(group='console_scripts')
    module = importlib.import_module(scripts[MANAGED[node].executable].module)
    node_class = next(
        item for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, VlsNode) and item is not VlsNode
    )
    fields = dataclasses.fields(node_class.parameters_class)
    return {field.name for field in fields} | {'autostart'}


@pytest.mark.parametrize('node', MANAGED)
def test_every_parameter_in_the_file_is_declared_by_its_node(node):
    content = yaml.safe_load(default_parameter_file().read_text())
    named = set(content[f'/**/{node}']['ros__parameters'])
    assert named <= declared_names(node)


@pytest.mark.parametrize('given', [
    {}, {'robot_ip': '172.16.0.2'},
    {'vlm_base_url': 'http://127.0.0.1:1/v1', 'vlm_model': 'some-model'},
])
def test_every_parameter_from_launch_arguments_is_declared_by_its_node(given):
    for command in node_commands(LaunchSettings.from_arguments(given)):
        if command.managed:
            assert set(command.parameters) <= declared_names(command.name)


def test_the_file_alone_keeps_a_real_arm_still():
    """Launch arguments make the simulation move; nobody gets that by copying the file."""
    content = yaml.safe_load(default_parameter_file().read_text())
    bridge = content['/**/franka_bridge']['ros__parameters']
    assert bridge['dry_run'] is True
    assert bridge['auto_arm'] is False
    commands = {
        command.name: command.parameters
        for command in node_commands(LaunchSettings.from_arguments({'robot_ip': '172.16.0.2'}))
    }
    assert commands['franka_bridge']['dry_run'] is True
    assert commands['franka_bridge']['auto_arm'] is False


def test_the_default_file_passes_its_own_check():
    check_parameter_file(default_parameter_file())


@pytest.mark.parametrize(('text', 'words'), [
    ('/**/polcy:\n  ros__parameters: {seed: 1}', 'polcy.*policy'),
    ('/**/policy:\n  seed: 1', 'ros__parameters'),
    ('- a list', 'section'),
    ('policy: [', 'not YAML'),
])
def test_a_file_that_ros_would_ignore_in_silence_is_refused(tmp_path, text, words):
    path = tmp_path / 'parameters.yaml'
    path.write_text(text)
    with pytest.raises(ParameterFileError, match=words):
        check_parameter_file(path)


def test_overrides_from_the_command_line():
    given = ['policy.seed=3', 'policy.rate=2.5', 'vlm.model=a-model', 'sim.x=[1, 2]']
    assert parse_overrides(given) == {
        'policy': {'seed': 3, 'rate': 2.5}, 'vlm': {'model': 'a-model'}, 'sim': {'x': [1, 2]},
    }


@pytest.mark.parametrize('item', ['policy', 'policy.seed', 'seed=3', '.seed=3', 'policy.seed={'])
def test_malformed_overrides_are_refused(item):
    with pytest.raises(ParameterFileError):
        parse_overrides([item])


def test_overrides_for_an_unknown_node_are_refused():
    with pytest.raises(UnknownNodeError, match='polcy.*policy'):
        node_commands(LaunchSettings.from_arguments({}), {'polcy': {'seed': 1}})


def test_what_the_simulated_robot_needs_gives_way_to_the_parameter_file(tmp_path):
    def bridge(given):
        commands = node_commands(LaunchSettings.from_arguments(given))
        return next(item for item in commands if item.name == 'franka_bridge').parameters

    path = tmp_path / 'mine.yaml'
    path.write_text('/**/franka_bridge:\n  ros__parameters: {velocity_scale: 0.1}')
    assert bridge({})['velocity_scale'] == 0.4
    mine = bridge({'params_file': str(path)})
    assert 'velocity_scale' not in mine
    assert mine['acceleration_scale'] == 0.4
    assert 'velocity_scale' not in bridge({'robot_ip': '172.16.0.2'})


def test_the_demo_keeps_the_limits_of_its_demonstrations():
    commands = node_commands(LaunchSettings.from_arguments({}))
    bridge = next(item for item in commands if item.name == 'franka_bridge').parameters
    for name in ('velocity', 'acceleration', 'jerk', 'torque_rate'):
        assert bridge[f'{name}_scale'] == getattr(DEMONSTRATION_SCALES, name)


def test_overrides_win():
    overrides = {'franka_bridge': {'dry_run': True}}
    commands = node_commands(LaunchSettings.from_arguments({}), overrides)
    bridge = next(command for command in commands if command.name == 'franka_bridge')
    assert bridge.parameters['dry_run'] is True
