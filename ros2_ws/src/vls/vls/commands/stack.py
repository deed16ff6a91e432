"""`vls up`, `vls down`, `vls status`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from rich.console import Group
from rich.live import Live
from typer import Exit, Option

from vls.bringup import bring_up
from vls.client import StackClient
from vls.display import OUTPUT, bridge_line, process_table
from vls.folders import new_run_folder
from vls.launch_arguments import LAUNCH_ARGUMENTS, LaunchSettings
from vls.parameter_file import parse_overrides
from vls.runner.stack import NodeEndedError, Stack
from vls.runner.supervisor_client import SupervisorUnreachableError

REFRESH_SECONDS = 0.5
STATUS_SECONDS = 10.0

_HELP = {argument.name: argument.description for argument in LAUNCH_ARGUMENTS}


def _option(name: str, *flags: str) -> Option:
    return Option(*flags, help=_HELP[name], show_default=False)


RobotIp = Annotated[str, _option('robot_ip', '--robot-ip')]
Sim = Annotated[bool | None, _option('sim', '--sim/--no-sim')]
Namespace = Annotated[str, Option('--namespace', help='Namespace of all nodes.')]
ParamsFile = Annotated[str, _option('params_file', '--params-file')]
Param = Annotated[
    list[str] | None,
    Option('--param', metavar='NODE.NAME=VALUE', help='Sets a parameter; may be given often.'),
]
LogLevel = Annotated[str, _option('log_level', '--log-level')]
VlmBaseUrl = Annotated[str, _option('vlm_base_url', '--vlm-base-url')]
VlmModel = Annotated[str, _option('vlm_model', '--vlm-model')]


def up(
    robot_ip: RobotIp = '',
    robot_type: Annotated[str, _option('robot_type', '--robot-type')] = '',
    sim: Sim = None,
    namespace: Namespace = '',
    params_file: ParamsFile = '',
    param: Param = None,
    dry_run: Annotated[bool | None, _option('dry_run', '--dry-run/--no-dry-run')] = None,
    camera: Annotated[str, _option('camera', '--camera')] = '',
    vlm_base_url: VlmBaseUrl = '',
    vlm_model: VlmModel = '',
    rviz: Annotated[bool | None, _option('rviz', '--rviz/--no-rviz')] = None,
    autostart: Annotated[bool | None, _option('autostart', '--autostart/--no-autostart')] = None,
    log_level: LogLevel = '',
    detach: Annotated[
        bool, Option('--detach', help='Return when the stack is up; end it with `vls down`.')
    ] = False,
) -> None:
    """Start all nodes: simulated, or on the robot at --robot-ip. Ctrl-C ends them."""
    settings = LaunchSettings.from_arguments(as_arguments(
        robot_ip=robot_ip, robot_type=robot_type, sim=sim, namespace=namespace,
        params_file=params_file, dry_run=dry_run, camera=camera, vlm_base_url=vlm_base_url,
        vlm_model=vlm_model, rviz=rviz, autostart=autostart, log_level=log_level,
    ))
    overrides = parse_overrides(param or ())
    stack = start_with_progress(settings, new_run_folder(), overrides, detach=detach)
    if detach:
        OUTPUT.print(process_table(stack.processes()))
        OUTPUT.print(f'logs in {stack.folder / "logs"}; end it with `vls down`')
        return
    with stack:
        _watch(stack)


def down() -> None:
    """End the stack that `vls up` started."""
    stack = Stack.running()
    stack.stop()
    OUTPUT.print('all nodes ended')


def status() -> None:
    """Show the nodes of the running stack and the state of the arm."""
    stack = Stack.running()
    processes = stack.processes()
    OUTPUT.print(process_table(processes))
    with StackClient(stack.record.namespace) as client:
        deadline = time.monotonic() + STATUS_SECONDS
        while client.bridge_status is None and time.monotonic() < deadline:
            time.sleep(0.05)
        OUTPUT.print(bridge_line(client.bridge_status))
    OUTPUT.print(f'logs in {stack.folder / "logs"}', soft_wrap=True)
    if any(process.ended for process in processes):
        raise Exit(1)


def as_arguments(**options: str | bool | None) -> dict[str, str]:
    """Launch arguments from options; None and '' are left out."""
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in options.items()
        if value not in (None, '')
    }


def start_with_progress(
    settings: LaunchSettings, folder: Path, overrides: dict | None = None, *, detach: bool = False
) -> Stack:
    """Brings the stack up and shows what it waits for. Raises what bring_up raises."""
    with OUTPUT.status('starting the nodes') as spinner:

        def show(waiting: tuple[str, ...]) -> None:
            spinner.update(f'waiting for {", ".join(waiting)}' if waiting else 'all nodes active')

        stack = bring_up(settings, folder, overrides, detach=detach, on_progress=show)
    kind = 'simulated robot' if settings.sim else f'robot at {settings.robot_ip}'
    OUTPUT.print(f'the stack is up, {len(stack.processes())} nodes, {kind}')
    return stack


def _watch(stack: Stack) -> None:
    """Shows the stack until Ctrl-C or `vls down`.

    Raises NodeEndedError when a required node ends by itself.
    """
    OUTPUT.print(f'logs in {stack.folder / "logs"}; Ctrl-C ends the stack', soft_wrap=True)
    required = stack.record.required_nodes
    with StackClient(stack.record.namespace) as client, Live(
        console=OUTPUT, refresh_per_second=4, transient=True
    ) as live:
        while True:
            try:
                stack.require_all_running(required)
                processes = stack.processes()
            except (NodeEndedError, SupervisorUnreachableError):
                if stack.ending:
                    return
                raise
            if OUTPUT.is_terminal:
                live.update(Group(process_table(processes), bridge_line(client.bridge_status)))
            time.sleep(REFRESH_SECONDS)
