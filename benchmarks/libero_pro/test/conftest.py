"""These tests run in .venv.libero: `make test-libero`. Elsewhere there is nothing to collect."""

import os
from importlib.util import find_spec

import pytest

os.environ.setdefault('MUJOCO_GL', 'egl')

collect_ignore_glob = [] if find_spec('libero') else ['test_*.py']


@pytest.fixture(scope='session')
def simulation():
    """A task of libero_object, which takes seconds to load."""
    from benchmarks.libero_pro.simulation import Simulation
    from benchmarks.libero_pro.suites import tasks

    with Simulation(tasks('libero_object')[0]) as item:
        yield item
