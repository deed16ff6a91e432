"""How long a process is waited for: by what it computes, and by the clock on the wall.

On a loaded machine a process that is entitled to two seconds of computing needs longer than two
seconds to get them. It is told apart from one that computes without end by its processor time.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_SHORTEST = 0.01
"""Processor time is counted in steps of this size [s]."""


def processor_time(process_id: int) -> float:
    """Seconds a process has computed. Raises OSError if it is gone."""
    fields = Path(f'/proc/{process_id}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Patience:
    """Waits for a process until it has computed, or kept everybody waiting, for too long.

    Args:
        seconds: of computing.
        stretch: how many times as long it may take if it gets too little of the processor.
    """

    def __init__(self, process_id: int, seconds: float, stretch: float = 1.0) -> None:
        self._process_id = process_id
        self._computed = processor_time(process_id) + seconds
        self._due = time.monotonic() + seconds * stretch

    def __call__(self) -> float:
        """Seconds until it is worth asking again; 0 or less when patience is exhausted."""
        waiting = self._due - time.monotonic()
        computing = self._computed - processor_time(self._process_id)
        if waiting <= 0 or computing <= 0:
            return 0.0
        return min(waiting, max(computing, _SHORTEST))
