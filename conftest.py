"""What holds for every test of the repository, and in which order they run.

Most tests take what time they take, and run on all cores. The others watch processes that must
keep time - a bridge and a robot at 1 kHz, DDS, a whole stack - and run one after the other, last.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile('any machine', deadline=None)
settings.load_profile('any machine')  # how long an example takes says nothing about the code

KEEP_TIME = (
    'benchmarks/bridge', 'ros2_ws/src/franka_bridge', 'ros2_ws/src/vls_perception_node',
    'ros2_ws/src/vls_policy_node', 'ros2_ws/src/vls_ros', 'ros2_ws/src/vls_sim',
    'ros2_ws/src/vls_vlm_node', 'ros2_ws/src/vls/test/test_client.py',
    'ros2_ws/src/vls/test/test_runner_stack.py', 'ros2_ws/src/vls/test/test_stack.py',
    'ros2_ws/src/vls/test/test_stack_endpoint.py',
)
"""Where the tests are that need the machine for themselves."""


@pytest.fixture(autouse=True)
def ordinary_priority() -> Iterator[None]:
    """No test hands a real-time priority on to the processes that later ones start.

    `franky.Robot()` gives the thread that calls it SCHED_FIFO 99 where that is permitted.
    """
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def keeps_time(test_id: str) -> bool:
    """Whether a test, by its id or file, needs the machine for itself."""
    return test_id.startswith(KEEP_TIME)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that the cores end together; what has to keep time last."""
    sizes = Counter(_file(item.nodeid) for item in items)
    items.sort(key=lambda item: (
        keeps_time(item.nodeid),
        0 if keeps_time(item.nodeid) else -sizes[_file(item.nodeid)],
        _file(item.nodeid),
    ))


class OneFileOrOneCore(LoadScopeScheduling):
    """A core takes one file after the other, and one core alone all that has to keep time."""

    def _split_scope(self, nodeid: str) -> str:
        return 'keeps time' if keeps_time(nodeid) else _file(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneFileOrOneCore:
    """Asked for by pytest-xdist."""
    config.option.loadscopereorder = False  # the order is that of the collection
    return OneFileOrOneCore(config, log)


def _file(test_id: str) -> str:
    return test_id.partition('::')[0]
