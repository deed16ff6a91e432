"""Stands in for the names of `launch` and `launch_ros` that the launch file uses, and records.

Neither is on PyPI. Where a ROS 2 install has them, the tests use the real ones instead.
"""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass, field


@dataclass
class LaunchContext:
    launch_configurations: dict[str, str] = field(default_factory=dict)


@dataclass
class LaunchDescription:
    entities: list


class Action:
    def __init__(self, *args, **kwargs) -> None:
        self.args, self.kwargs = args, kwargs


class DeclareLaunchArgument(Action):
    def __init__(self, name, *, default_value, description, choices) -> None:
        assert choices is None or default_value in choices
        self.name, self.default_value, self.description = name, default_value, description


class OpaqueFunction(Action):
    def __init__(self, *, function) -> None:
        self.function = function


class SetEnvironmentVariable(Action):
    def __init__(self, name, value) -> None:
        self.name, self.value = name, value


class Shutdown(Action):
    pass


class Node(Action):
    def __init__(self, *, package, executable, name, namespace, parameters, arguments,
                 ros_arguments, output, on_exit) -> None:
        self.package, self.executable, self.name = package, executable, name
        self.namespace, self.parameters, self.arguments = namespace, parameters, arguments
        self.ros_arguments, self.output, self.on_exit = ros_arguments, output, on_exit


@dataclass
class LaunchConfiguration:
    name: str

    def perform(self, context: LaunchContext) -> str:
        return context.launch_configurations[self.name]


MODULES = {
    'launch': (LaunchContext, LaunchDescription),
    'launch.action': (Action,),
    'launch.actions': (
        DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
    ),
    'launch.substitutions': (LaunchConfiguration,),
    'launch_ros': (),
    'launch_ros.actions': (Node,),
}


def install(monkeypatch) -> None:
    """Puts the recorder where `import launch` finds it, for one test."""
    for name, items in MODULES.items():
        module = types.ModuleType(name)
        for item in items:
            setattr(module, item.__name__, item)
        monkeypatch.setitem(sys.modules, name, module)


def expand(description: LaunchDescription, given: dict[str, str]) -> list[Action]:
    """What the description starts for these launch arguments."""
    context = LaunchContext(dict(given))
    started = []
    for entity in description.entities:
        if isinstance(entity, DeclareLaunchArgument):
            context.launch_configurations.setdefault(entity.name, entity.default_value)
        elif isinstance(entity, OpaqueFunction):
            started += entity.function(context)
        else:
            started.append(entity)
    return started
