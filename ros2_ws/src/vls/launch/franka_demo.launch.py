"""The whole stack: `ros2 launch vls franka_demo.launch.py [robot_ip:=...]`.

Without robot_ip everything is simulated. End it with Ctrl-C (SIGINT): SIGTERM would leave the
nodes running, as it does with any launch file.
"""

import sys

from launch import LaunchContext, LaunchDescription
from launch.action import Action
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from vls.environment import stack_environment
from vls.executables import find_executable
from vls.launch_arguments import (
    LAUNCH_ARGUMENTS,
    LaunchArgument,
    LaunchSettings,
    arguments_on_command_line,
)
from vls.node_table import NodeCommand, node_commands
from vls.parameter_file import check_parameter_file


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([
        *(declared(argument) for argument in LAUNCH_ARGUMENTS),
        OpaqueFunction(function=start_nodes),
    ])


def declared(argument: LaunchArgument) -> DeclareLaunchArgument:
    # An empty default is one of the choices: it means "decide by the other arguments".
    choices = [*argument.choices, argument.default] if argument.choices else None
    return DeclareLaunchArgument(
        argument.name, default_value=argument.default, description=argument.description,
        choices=list(dict.fromkeys(choices)) if choices else None,
    )


def start_nodes(context: LaunchContext) -> list[Action]:
    # Everything that can be refused is refused here: an error later would leave nodes running.
    given = arguments_on_command_line(sys.argv, __file__)
    declared_values = {
        argument.name: LaunchConfiguration(argument.name).perform(context)
        for argument in LAUNCH_ARGUMENTS
    }
    settings = LaunchSettings.from_arguments({**given, **declared_values})
    check_parameter_file(settings.params_file)
    commands = node_commands(settings)
    for command in commands:
        find_executable(command.package, command.executable)
    return [
        *(SetEnvironmentVariable(name, value) for name, value in stack_environment().items()),
        *(node_action(command) for command in commands),
    ]


def node_action(command: NodeCommand) -> Node:
    return Node(
        package=command.package,
        executable=command.executable,
        name=command.name,
        namespace=command.namespace,
        parameters=[str(command.params_file), dict(command.parameters)],
        arguments=list(command.arguments),
        ros_arguments=['--log-level', command.log_level],
        output='both',
        on_exit=Shutdown(reason=f'{command.name} ended') if command.required else None,
    )
