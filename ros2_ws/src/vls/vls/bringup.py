"""Starts a stack and waits until all its nodes are active."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from vls.client import ACTIVE, ANY_STATE, StackClient
from vls.launch_arguments import LaunchSettings
from vls.node_table import Parameters, node_commands
from vls.parameter_file import check_parameter_file
from vls.runner.stack import Stack

READY_SECONDS = 120.0
"""How long all nodes together may take until they are active."""


def bring_up(
    settings: LaunchSettings,
    folder: Path,
    overrides: Mapping[str, Parameters] | None = None,
    *,
    detach: bool = False,
    on_progress: Callable[[tuple[str, ...]], None] = lambda _: None,
) -> Stack:
    """Starts all nodes; returns when they are active (only running, without autostart).

    Args:
        settings: the launch arguments.
        folder: run folder, takes the logs.
        overrides: parameters by node name.
        detach: leave the stack running when this process ends.
        on_progress: called with the names of the nodes that are not active yet.

    Raises:
        StackError: a node ended (with its last words) or did not become active; nothing runs then.
        UnknownNodeError, ParameterFileError, MissingExecutableError: before anything is started.
    """
    check_parameter_file(settings.params_file)
    commands = node_commands(settings, overrides)
    stack = Stack.start(commands, folder, sim=settings.sim, detach=detach)
    try:
        _await_nodes(stack, settings, on_progress)
    except BaseException:
        stack.stop()
        raise
    return stack


def _await_nodes(
    stack: Stack, settings: LaunchSettings, on_progress: Callable[[tuple[str, ...]], None]
) -> None:
    waiting = stack.record.managed_nodes
    states = ACTIVE if settings.autostart else ANY_STATE
    with StackClient(settings.namespace) as client:

        def all_there() -> bool:
            nonlocal waiting
            waiting = client.nodes_not_in(waiting, states)
            on_progress(waiting)
            return not waiting

        stack.wait_until(all_there, READY_SECONDS, lambda: f'{", ".join(waiting)}: not ready')
