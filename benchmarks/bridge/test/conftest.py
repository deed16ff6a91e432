"""A judge at an address of its own, one for each test."""

import pytest

from benchmarks.bridge.judge import Judge


@pytest.fixture
def judge():
    """A simulated robot that enforces its limits, at home, as long as the test runs."""
    with Judge() as judge:
        yield judge
