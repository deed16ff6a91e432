"""Connects to a robot, reads one state, lets go: python -m ... ADDRESS."""

from __future__ import annotations

import sys
from importlib.metadata import files

from vls.doctor.probes.answer import say


def libfranka_version() -> str:
    """Of the libfranka inside franky's wheel."""
    for path in files('franky-control') or ():
        _, found, version = path.name.partition('.so.')
        if path.name.startswith('libfranka') and found:
            return version
    return 'of an unknown version'


def main(address: str) -> None:
    """Says what came of it."""
    try:
        import franky
    except ImportError:
        say(missing='franky-control')
        return
    try:
        # Whether this kernel is a real-time one is asked elsewhere.
        robot = franky.Robot(address, realtime_config=franky.RealtimeConfig.Ignore)
        state = robot.state
    except (franky.Exception, RuntimeError) as error:
        say(error=type(error).__name__, text=str(error))
        return
    say(
        mode=state.robot_mode.name, errors=str(state.last_motion_errors),
        libfranka=libfranka_version(),
    )


if __name__ == '__main__':
    main(sys.argv[1])
