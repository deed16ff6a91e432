"""A machine that answers what was recorded; whatever was not is not there."""

from __future__ import annotations

import json

from vls.doctor.machine import Machine, Outcome
from vls.doctor.subject import Subject

REAL_ROBOT = Subject(robot_ip='172.16.0.2')
SIMULATED_ROBOT = Subject(robot_ip='127.0.0.1')
NO_ROBOT = Subject()

LATE = Outcome(None)
MISSING = Outcome(None, missing=True)


def recorded(
    files=None, commands=None, probes=None, environment=None, versions=None, free=2**40
) -> Machine:
    """Files by path, commands and probes by name.

    A probe answers with what it says as JSON, or with an Outcome.
    """
    files, commands, probes = files or {}, commands or {}, probes or {}
    versions = versions or {}

    def run(command, seconds):
        assert seconds > 0.0
        if '-m' not in command:
            return commands.get(command[0], MISSING)
        answer = probes[command[2].rpartition('.')[2]]
        return answer if isinstance(answer, Outcome) else Outcome(0, json.dumps(answer))

    def names(folder):
        below = [path[len(folder) + 1:] for path in files if path.startswith(f'{folder}/')]
        return tuple(sorted({path.partition('/')[0] for path in below}))

    return Machine(
        environment or {}, files.get, names, run, versions.get, lambda folder: free
    )
