"""What holds for every test of the repository."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def ordinary_priority() -> Iterator[None]:
    """No test hands a real-time priority on to the processes that later ones start.

    `franky.Robot()` gives the thread that calls it SCHED_FIFO 99 where that is permitted.
    """
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
