"""The launch file and the process runner start the same nodes, in the same way."""

import importlib.util
import sys

import launch_recorder
import pytest
import yaml

from vls.folders import share_folder
from vls.launch_arguments import LAUNCH_ARGUMENTS, LaunchArgumentError, LaunchSettings
from vls.node_table import node_commands
from vls.runner.configuration import command_line

LAUNCH_FILE = share_folder() / 'launch' / 'franka_demo.launch.py'

ARGUMENTS = (
    {},
    {'sim': 'true', 'namespace': 'left_arm', 'log_level': 'debug'},
    {'use_fake_hardware': 'true', 'robot_ip': '127.0.0.9', 'autostart': 'false'},
    {'robot_ip': '172.16.0.2'},
    {'robot_ip': '172.16.0.2', 'camera': 'none', 'rviz': 'true', 'dry_run': 'false'},
    {'vlm_base_url': 'http://127.0.0.1:8000/v1', 'vlm_model': 'some-model', 'rviz': 'true'},
)


@pytest.fixture
def launch_file(monkeypatch):
    launch_recorder.install(monkeypatch)  # also where ROS 2 is installed: it records, not starts
    spec = importlib.util.spec_from_file_location('franka_demo_launch', LAUNCH_FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def started(launch_file, given):
    return launch_recorder.expand(launch_file.generate_launch_description(), given)


def words_of(node):
    """The command line launch_ros makes of a Node, with the contents of parameter files."""
    parameters_file, overrides = node.parameters
    return (
        node.package, node.executable, node.arguments, node.name, node.namespace,
        parameters_file, overrides, node.ros_arguments,
    )


def words_of_runner(command, prefix, folder):
    """The same, read back from the command line the process runner makes."""
    folder.mkdir(exist_ok=True)
    overrides_file = folder / f'{command.name}.yaml'
    overrides_file.write_text(yaml.safe_dump(dict(command.parameters)))
    words = command_line(command, overrides_file)
    package, executable = words[0].removeprefix(f'{prefix}/lib/').split('/')
    split = words.index('--ros-args')
    rest = words[split + 1:]
    remaps = dict(
        rest[i + 1].split(':=') for i, word in enumerate(rest) if word == '-r'
    )
    files = [rest[i + 1] for i, word in enumerate(rest) if word == '--params-file']
    return (
        package, executable, words[1:split], remaps['__node'],
        remaps.get('__ns', '').strip('/'), files[0], yaml.safe_load(open(files[1])),
        rest[rest.index('--log-level'):],
    )


@pytest.mark.parametrize('given', ARGUMENTS, ids=lambda given: ','.join(given) or 'defaults')
def test_launch_file_and_runner_start_the_same_nodes(launch_file, executables, tmp_path, given):
    nodes = [item for item in started(launch_file, given)
             if isinstance(item, launch_recorder.Node)]
    commands = node_commands(LaunchSettings.from_arguments(given))
    expected = [words_of_runner(command, executables, tmp_path / 'run') for command in commands]
    assert [words_of(node) for node in nodes] == expected
    assert len({node.name for node in nodes}) == len(nodes) >= 4


def test_the_end_of_a_required_node_ends_the_launch(launch_file, executables):
    nodes = {item.name: item for item in started(launch_file, {})
             if isinstance(item, launch_recorder.Node)}
    ending = {name for name, node in nodes.items() if node.on_exit is not None}
    assert ending == {'sim', 'franka_bridge'}


def test_environment_is_set_before_any_node(launch_file, executables):
    kinds = [type(item).__name__ for item in started(launch_file, {})]
    assert kinds == sorted(kinds, key=lambda kind: kind == 'Node')
    variables = {item.name: item.value for item in started(launch_file, {})
                 if isinstance(item, launch_recorder.SetEnvironmentVariable)}
    assert variables['FASTRTPS_DEFAULT_PROFILES_FILE'].endswith('fastdds_shared_memory.xml')


def test_every_argument_is_declared_with_its_description(launch_file):
    declared = [item for item in launch_file.generate_launch_description().entities
                if isinstance(item, launch_recorder.DeclareLaunchArgument)]
    assert [(item.name, item.default_value) for item in declared] == [
        (argument.name, argument.default) for argument in LAUNCH_ARGUMENTS
    ]
    assert all(item.description for item in declared)


def test_unknown_argument_on_the_command_line_is_refused(launch_file, executables, monkeypatch):
    """ros2 launch itself takes any name without a word."""
    monkeypatch.setattr(
        sys, 'argv', ['ros2', 'launch', 'vls', 'franka_demo.launch.py', 'robot_pi:=1.2.3.4']
    )
    with pytest.raises(LaunchArgumentError, match='robot_pi.*there are.*robot_ip'):
        started(launch_file, {})


def test_arguments_of_an_including_launch_file_are_none_of_our_business(
    launch_file, executables, monkeypatch
):
    monkeypatch.setattr(sys, 'argv', ['ros2', 'launch', 'lab', 'all.launch.py', 'lamp:=on'])
    assert started(launch_file, {})


def test_nothing_is_started_when_rviz_is_missing(launch_file, executables):
    (executables / 'lib' / 'rviz2' / 'rviz2').unlink()
    with pytest.raises(FileNotFoundError, match='rviz2'):
        started(launch_file, {'rviz': 'true'})
    assert started(launch_file, {'rviz': 'false'})
