"""Connects to the hand of a robot, reads its width, lets go: python -m ... ADDRESS."""

from __future__ import annotations

import sys

from vls.doctor.probes.answer import say


def main(address: str) -> None:
    """Says what came of it."""
    try:
        import franky
    except ImportError:
        say(missing='franky-control')
        return
    try:
        state = franky.Gripper(address).state
    except (franky.Exception, RuntimeError) as error:
        say(error=type(error).__name__, text=str(error))
        return
    say(width=state.width, maximum_width=state.max_width)


if __name__ == '__main__':
    main(sys.argv[1])
