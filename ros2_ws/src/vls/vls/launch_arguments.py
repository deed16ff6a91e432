"""The arguments of the launch file, which are also the options of `vls up`.

Names are those franka_ros2 and nav2 users know. Arguments are facts about a deployment; everything
else is a parameter, and parameters live in the parameter file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vls.folders import default_parameter_file

SIM_ADDRESS = '127.0.0.1'
"""Where the simulated robot listens unless `robot_ip` says otherwise."""


class LaunchArgumentError(ValueError):
    """A launch argument is unknown, has no such value, or contradicts another one."""


@dataclass(frozen=True)
class LaunchArgument:
    """One launch argument; values are strings, as in `ros2 launch`."""

    name: str
    default: str
    description: str
    choices: tuple[str, ...] = ()


_BOOLEAN = ('true', 'false')

LAUNCH_ARGUMENTS = (
    LaunchArgument(
        'robot_ip', '', 'address of the robot; without it the simulated robot is used'
    ),
    LaunchArgument('robot_type', 'fr3', 'model of the arm', ('fr3', 'panda')),
    LaunchArgument(
        'sim', '', 'simulated robot and cameras; default: true unless robot_ip is given',
        _BOOLEAN,
    ),
    LaunchArgument('use_fake_hardware', '', "franka_ros2's name for sim", _BOOLEAN),
    LaunchArgument('namespace', '', 'namespace of all nodes'),
    LaunchArgument(
        'params_file', '', 'parameters of all nodes; default: config/franka_demo.yaml of vls'
    ),
    LaunchArgument('rviz', 'false', 'start rviz2 as well', _BOOLEAN),
    LaunchArgument('autostart', 'true', 'nodes configure and activate themselves', _BOOLEAN),
    LaunchArgument(
        'log_level', 'info', 'of all nodes', ('debug', 'info', 'warn', 'error', 'fatal')
    ),
    LaunchArgument(
        'vlm_base_url', '',
        'OpenAI-compatible endpoint of a vision-language model; without it the offline author '
        'writes the rewards by rules',
    ),
    LaunchArgument('vlm_model', '', 'name of the model at vlm_base_url'),
    LaunchArgument(
        'dry_run', '',
        'compute references but send none to the arm; default: true on hardware, false in '
        'simulation',
        _BOOLEAN,
    ),
    LaunchArgument(
        'camera', 'realsense',
        'what publishes front_camera/... on hardware: realsense starts our node for one, none '
        'leaves it to you, e.g. to realsense2_camera',
        ('realsense', 'none'),
    ),
)


@dataclass(frozen=True)
class LaunchSettings:
    """Launch arguments, understood: no two of them contradict each other."""

    robot_ip: str
    robot_type: str
    sim: bool
    namespace: str
    params_file: Path
    rviz: bool
    autostart: bool
    log_level: str
    vlm_base_url: str
    vlm_model: str
    dry_run: bool
    camera: str

    @classmethod
    def from_arguments(cls, given: Mapping[str, str]) -> LaunchSettings:
        """Settings from name: value pairs; what is not given or empty takes its default.

        Raises LaunchArgumentError.
        """
        values = _complete(given)
        sim = _simulated(values)
        if not sim and not values['robot_ip']:
            raise LaunchArgumentError('robot_ip: the real robot needs its address')
        params_file = Path(values['params_file'] or default_parameter_file()).expanduser()
        if not params_file.is_file():
            raise LaunchArgumentError(f'params_file: there is no file {params_file}')
        if values['vlm_model'] and not values['vlm_base_url']:
            raise LaunchArgumentError('vlm_model: give vlm_base_url too, the endpoint to ask')
        return cls(
            robot_ip=values['robot_ip'] or SIM_ADDRESS,
            robot_type=values['robot_type'],
            sim=sim,
            namespace=values['namespace'].strip('/'),
            params_file=params_file.resolve(),
            rviz=values['rviz'] == 'true',
            autostart=values['autostart'] == 'true',
            log_level=values['log_level'],
            vlm_base_url=values['vlm_base_url'],
            vlm_model=values['vlm_model'],
            dry_run=values['dry_run'] == 'true' if values['dry_run'] else not sim,
            camera=values['camera'],
        )


def _complete(given: Mapping[str, str]) -> dict[str, str]:
    known = {argument.name: argument for argument in LAUNCH_ARGUMENTS}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise LaunchArgumentError(
            f'there is no launch argument {", ".join(unknown)}; there are: {", ".join(known)}'
        )
    values = {}
    for name, argument in known.items():
        value = given.get(name) or argument.default
        if argument.choices == _BOOLEAN:
            value = value.lower()
        if value and argument.choices and value not in argument.choices:
            raise LaunchArgumentError(
                f'{name}: "{value}" is none of {", ".join(argument.choices)}'
            )
        values[name] = value
    return values


def _simulated(values: Mapping[str, str]) -> bool:
    answers = {values[name] for name in ('sim', 'use_fake_hardware') if values[name]}
    if len(answers) == 2:
        raise LaunchArgumentError('sim and use_fake_hardware mean the same; they contradict')
    if answers:
        return answers == {'true'}
    return not values['robot_ip']


def arguments_on_command_line(argv: Sequence[str], launch_file: str) -> dict[str, str]:
    """The name:=value pairs of `ros2 launch ... <launch_file> name:=value ...`.

    `ros2 launch` accepts any name without a word, so the launch file has to look for itself. A
    launch file that includes ours has arguments of its own: then there is nothing to check, {}.
    """
    names = [Path(item).name for item in argv]
    if Path(launch_file).name not in names:
        return {}
    pairs = (item.partition(':=') for item in argv if ':=' in item)
    return {name: value for name, _, value in pairs}
