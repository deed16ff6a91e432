"""A judge at an address of its own, one for each test, and rows as trials make them."""

import pytest

from benchmarks.bridge.judge import Judge


@pytest.fixture
def judge():
    """A simulated robot that enforces its limits, at home, as long as the test runs."""
    with Judge() as judge:
        yield judge


@pytest.fixture
def make_row():
    """A row of a stream that was followed without trouble, but for what is changed."""

    def row(case, strategy, seed, **changes):
        return {
            'case': case, 'strategy': strategy, 'seed': seed, 'best_rms_mrad': 4.0, 'lag_ms': 10.0,
            'end_effector_rms_mm': 3.0, 'end_effector_lag_ms': 20.0, 'reference_jerk_max': 500.0,
            'violations': {'position': 0, 'velocity': 0, 'acceleration': 0, 'jerk': 0},
            'reflexes': [], 'error': '', 'starvations': 0, 'robot_pace': 1.0, 'discarded': [],
            **changes,
        }

    return row
