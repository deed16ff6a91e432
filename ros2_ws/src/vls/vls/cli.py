"""The `vls` command."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from vls.consoles import print_everything


def main() -> None:
    """Entry point. Whatever asks this process to end, ends the nodes it started first."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    print_everything()
    # Imported only now, and these two by themselves: they need neither ROS nor matplotlib, and
    # would spend most of their time on importing them. `vls doctor` has to work without either.
    if sys.argv[1:2] == ['verify']:
        from vls.commands.reward import app
    elif sys.argv[1:2] == ['doctor']:
        from vls.commands.doctor import app
    else:
        from vls.application import app
    sys.exit(app())


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
