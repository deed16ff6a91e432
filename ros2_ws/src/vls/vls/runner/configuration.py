"""From node commands to the configuration of supervisord."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from vls.executables import find_executable
from vls.node_table import NodeCommand
from vls.runner import bound_to_parent

STOP_SECONDS = 6
"""How long a node may take to end before it is killed."""

# Paths are relative to the run folder, where supervisord is started.
_HEAD = """\
[supervisord]
nodaemon=true
silent=true
logfile=logs/supervisord.log
pidfile=supervisord.pid
identifier=vls

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

# Nothing is restarted: a node that comes back amid a task would act on half of its state.
_PROGRAM = """
[program:{name}]
command={command}
autostart=true
autorestart=false
startsecs=0
startretries=0
stopsignal=INT
stopwaitsecs={stop_seconds}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=1
"""


def command_line(command: NodeCommand, overrides_file: Path) -> list[str]:
    """The words that start a node; overrides_file holds command.parameters.

    Raises MissingExecutableError.
    """
    namespace = ['-r', f'__ns:=/{command.namespace}'] if command.namespace else []
    return [
        str(find_executable(command.package, command.executable)),
        *command.arguments,
        '--ros-args',
        '-r', f'__node:={command.name}', *namespace,
        '--params-file', str(command.params_file),
        '--params-file', str(overrides_file),
        '--log-level', command.log_level,
    ]


def write_configuration(commands: Sequence[NodeCommand], folder: Path, socket: Path) -> Path:
    """Writes supervisord.conf and parameters/<node>.yaml into folder; returns the former's path.

    Raises MissingExecutableError.
    """
    (folder / 'logs').mkdir(parents=True, exist_ok=True)
    (folder / 'parameters').mkdir(exist_ok=True)
    parts = [_HEAD.format(socket=_escaped(socket))]
    for command in commands:
        overrides_file = folder / 'parameters' / f'{command.name}.yaml'
        overrides_file.write_text(yaml.safe_dump(
            {f'/**/{command.name}': {'ros__parameters': dict(command.parameters)}}
        ))
        parts.append(program_section(command.name, command_line(command, overrides_file)))
    parts.extend(_groups(commands))
    path = folder / 'supervisord.conf'
    path.write_text(''.join(parts))
    return path


def program_section(name: str, words: Sequence[str]) -> str:
    """The section of one process; it ends when supervisord dies."""
    bound = [sys.executable, '-I', '-S', bound_to_parent.__file__, *words]
    return _PROGRAM.format(
        name=name, command=_escaped(shlex.join(bound)), stop_seconds=STOP_SECONDS
    )


def _groups(commands: Sequence[NodeCommand]) -> list[str]:
    # supervisord ends group after group, last priority first: the robot outlives the bridge.
    names = [command.name for command in commands]
    members = {10: ['sim'], 20: [name for name in names if name != 'sim']}
    return [
        f'\n[group:{"robot" if priority == 10 else "nodes"}]\n'
        f'programs={",".join(programs)}\npriority={priority}\n'
        for priority, programs in members.items()
        if set(programs) & set(names)
    ]


def _escaped(text: object) -> str:
    return str(text).replace('%', '%%')
