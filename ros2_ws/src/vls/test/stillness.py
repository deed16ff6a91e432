"""Whether an arm holds still, seen from its joint states."""

from __future__ import annotations

import time

import numpy as np

STILL = 2e-3
"""An arm that holds moves less than this [rad]."""
_STATES = 50
"""About a second of the simulated robot's joint states."""


def is_still(positions: list) -> bool:
    """The next second of joint positions, which another thread appends, does not move."""
    count = len(positions)
    deadline = time.monotonic() + 10.0
    while len(positions) < count + _STATES and time.monotonic() < deadline:
        time.sleep(0.02)
    recent = np.array(positions[count:])
    return len(recent) >= _STATES and float(np.ptp(recent, axis=0).max()) < STILL
