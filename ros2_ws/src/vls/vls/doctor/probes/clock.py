"""Asks the kernel whether somebody keeps its clock in time, as timedatectl does."""

from __future__ import annotations

import ctypes
import time

from vls.doctor.probes.answer import say

UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""
NOT_ALLOWED = -1


class Timex(ctypes.Structure):
    """The beginning of struct timex, and room for the rest of it."""

    _fields_ = [
        ('modes', ctypes.c_uint), ('offset', ctypes.c_long), ('frequency', ctypes.c_long),
        ('maximum_error', ctypes.c_long), ('estimated_error', ctypes.c_long),
        ('status', ctypes.c_int), ('rest', ctypes.c_byte * 256),
    ]


def main() -> None:
    """Says what came of it; modes = 0 reads and sets nothing."""
    timex = Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    say(
        synchronised=state != NOT_ALLOWED and not timex.status & UNSYNCHRONISED,
        resolution=time.get_clock_info('monotonic').resolution,
    )


if __name__ == '__main__':
    main()
