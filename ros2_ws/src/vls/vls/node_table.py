"""The nodes of the stack: the one table that the launch file and the process runner both read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vls.folders import rviz_file
from vls.launch_arguments import LaunchSettings
from vls.parameter_sections import parameters_set

ParameterValue = bool | int | float | str | list
Parameters = Mapping[str, ParameterValue]


class UnknownNodeError(ValueError):
    """A parameter is meant for a node that is not part of the stack."""


def _always(settings: LaunchSettings) -> bool:
    return True


def _in_simulation(settings: LaunchSettings) -> bool:
    return settings.sim


def _with_realsense(settings: LaunchSettings) -> bool:
    return not settings.sim and settings.camera == 'realsense'


def _with_rviz(settings: LaunchSettings) -> bool:
    return settings.rviz


def _no_parameters(settings: LaunchSettings) -> Parameters:
    return {}


def _sim_parameters(settings: LaunchSettings) -> Parameters:
    return {'address': settings.robot_ip}


def _bridge_defaults(settings: LaunchSettings) -> Parameters:
    """What a simulated robot needs otherwise than a real one.

    On a busy computer it is slow to begin, and pauses, and nothing moves meanwhile. The policy
    looks 20 times per second, and every state costs time on both sides. The shares of the limits
    are those that the demo policy's demonstrations were recorded with (vls_sim's rig).
    """
    if not settings.sim:
        return {}
    return {
        'connect_timeout': 40.0, 'state_timeout': 3.0, 'state_rate': 30.0, 'velocity_scale': 0.4,
        'acceleration_scale': 0.4, 'jerk_scale': 0.1, 'torque_rate_scale': 0.95,
    }


def _bridge_parameters(settings: LaunchSettings) -> Parameters:
    return {
        'robot_ip': settings.robot_ip,
        'robot_type': settings.robot_type,
        'dry_run': settings.dry_run,
        'auto_arm': settings.sim,
        'realtime': not settings.sim,
    }


def _policy_parameters(settings: LaunchSettings) -> Parameters:
    return {'robot_type': settings.robot_type}


def _vlm_parameters(settings: LaunchSettings) -> Parameters:
    if not settings.vlm_base_url:
        return {}
    return {'base_url': settings.vlm_base_url, 'model': settings.vlm_model}


@dataclass(frozen=True)
class NodeEntry:
    """A row of the node table.

    Attributes:
        package: ROS package that owns the executable.
        executable: name of the executable.
        name: name of the node and of its section in the parameter file.
        condition: whether the node is part of a stack with these settings.
        parameters: what follows from the launch arguments; overrides the parameter file.
        defaults: likewise, where the parameter file says nothing.
        arguments: of the executable, before --ros-args.
        managed: a VLS node with life cycle and `autostart`.
        required: when it ends, the whole stack ends.
    """

    package: str
    executable: str
    name: str
    condition: Callable[[LaunchSettings], bool] = _always
    parameters: Callable[[LaunchSettings], Parameters] = _no_parameters
    defaults: Callable[[LaunchSettings], Parameters] = _no_parameters
    arguments: tuple[str, ...] = ()
    managed: bool = True
    required: bool = False


NODE_TABLE = (
    NodeEntry(
        'vls_sim', 'sim', 'sim',
        condition=_in_simulation, parameters=_sim_parameters, required=True,
    ),
    NodeEntry(
        'franka_bridge', 'franka_bridge', 'franka_bridge',
        parameters=_bridge_parameters, defaults=_bridge_defaults, required=True,
    ),
    NodeEntry(
        'vls_perception_node', 'realsense_camera', 'realsense_camera', condition=_with_realsense
    ),
    NodeEntry('vls_perception_node', 'perception', 'perception'),
    NodeEntry('vls_vlm_node', 'vlm', 'vlm', parameters=_vlm_parameters),
    NodeEntry('vls_policy_node', 'policy', 'policy', parameters=_policy_parameters),
    NodeEntry(
        'rviz2', 'rviz2', 'rviz2', condition=_with_rviz, arguments=('-d', str(rviz_file())),
        managed=False,
    ),
)


@dataclass(frozen=True)
class NodeCommand:
    """One process to start: an entry of the table with the settings filled in."""

    package: str
    executable: str
    name: str
    namespace: str
    params_file: Path
    parameters: Parameters = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    log_level: str = 'info'
    managed: bool = True
    required: bool = False


def node_commands(
    settings: LaunchSettings, overrides: Mapping[str, Parameters] | None = None
) -> tuple[NodeCommand, ...]:
    """The processes of a stack, in the order in which to start them.

    Args:
        settings: the launch arguments.
        overrides: parameters by node name, stronger than everything else.

    Raises:
        UnknownNodeError: overrides for a node that is not part of this stack.
        ParameterFileError: the parameter file cannot be read.
    """
    overrides = overrides or {}
    entries = [entry for entry in NODE_TABLE if entry.condition(settings)]
    names = [entry.name for entry in entries]
    for name in overrides:
        if name not in names:
            raise UnknownNodeError(f'there is no node {name}; there are: {", ".join(names)}')
    return tuple(
        NodeCommand(
            package=entry.package,
            executable=entry.executable,
            name=entry.name,
            namespace=settings.namespace,
            params_file=settings.params_file,
            parameters={
                **({'autostart': settings.autostart} if entry.managed else {}),
                **_unless_in_the_file(entry, settings),
                **entry.parameters(settings),
                **overrides.get(entry.name, {}),
            },
            arguments=entry.arguments,
            log_level=settings.log_level,
            managed=entry.managed,
            required=entry.required,
        )
        for entry in entries
    )


def _unless_in_the_file(entry: NodeEntry, settings: LaunchSettings) -> Parameters:
    defaults = entry.defaults(settings)
    if not defaults:
        return defaults
    said = parameters_set(settings.params_file, entry.name)
    return {name: value for name, value in defaults.items() if name not in said}
