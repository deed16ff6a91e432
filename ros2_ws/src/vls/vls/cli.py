"""The `vls` command."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from vls.application import app
from vls.consoles import print_everything


def main() -> None:
    """Entry point. Whatever asks this process to end, ends the nodes it started first."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    print_everything()
    sys.exit(app())


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
