"""Knocks at a TCP port, open or not: python -m ... ADDRESS PORT COUNT."""

from __future__ import annotations

import socket
import sys
import time

from vls.doctor.probes.answer import say

TIMEOUT = 0.5
PAUSE = 0.01
PATIENCE = 5
"""So many lost in the beginning and nobody is there: further ones would be lost as well."""


def knock(address: str, port: int) -> float | None:
    """Time until the other side accepts or refuses [ms]; None if it does neither."""
    with socket.socket() as channel:
        channel.settimeout(TIMEOUT)
        start = time.perf_counter()
        try:
            channel.connect((address, port))
        except ConnectionRefusedError:
            pass  # an answer, and as quick as any other
        except OSError:
            return None
        return 1000.0 * (time.perf_counter() - start)


def knock_often(address: str, port: int, count: int) -> tuple[list[float], int]:
    """The times of those that were answered [ms], and how many knocks there were."""
    times: list[float] = []
    for number in range(1, count + 1):
        passed = knock(address, port)
        if passed is not None:
            times.append(passed)
        elif number >= PATIENCE and not times:
            return [], number
        time.sleep(PAUSE)
    return times, count


if __name__ == '__main__':
    answered, knocks = knock_often(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    say(times=answered, sent=knocks)
