"""Tries a real-time priority or locked memory: python -m ... priority|memory."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from threading import Thread

from vls.doctor.probes.answer import say

PRIORITY = 99
"""What libfranka takes."""
SIZE = 256 * 2**20
"""Roughly what the bridge keeps in memory [bytes]."""


def try_priority() -> str:
    """Takes it on a thread that ends at once. '' or why not."""
    refusals = []

    def attempt() -> None:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
        except OSError as error:
            refusals.append(str(error.strerror))

    thread = Thread(target=attempt)
    thread.start()
    thread.join()
    return ''.join(refusals)


def try_memory() -> str:
    """Locks memory of its own for a moment. '' or why not."""
    library = ctypes.CDLL(None, use_errno=True)
    with mmap.mmap(-1, SIZE) as memory:
        start = ctypes.c_char.from_buffer(memory)
        locked = library.mlock(ctypes.byref(start), ctypes.c_size_t(SIZE)) == 0
        reason = os.strerror(ctypes.get_errno())
        del start  # the memory cannot be given back while something points into it
    return '' if locked else reason


if __name__ == '__main__':
    say(refused=try_priority() if sys.argv[1] == 'priority' else try_memory())
