import os
import subprocess
import sys

import pytest

from vls_core.rewards.code.patience import Patience, processor_time


@pytest.fixture
def sleeper():
    """A process that computes nothing until its standard input is closed."""
    process = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def clock(monkeypatch):
    """Time on the wall and of computing, both set by the test."""
    class Clock:
        wall = 0.0
        computed = 0.0

    monkeypatch.setattr('vls_core.rewards.code.patience.time.monotonic', lambda: Clock.wall)
    monkeypatch.setattr(
        'vls_core.rewards.code.patience.processor_time', lambda process_id: Clock.computed
    )
    return Clock


def test_processor_time_grows_with_computing():
    before = processor_time(os.getpid())
    while processor_time(os.getpid()) < before + 0.02:
        sum(range(10_000))
    assert processor_time(os.getpid()) >= before + 0.02


def test_a_process_that_is_gone_is_an_error(sleeper):
    sleeper.kill()
    sleeper.communicate()
    with pytest.raises(OSError):
        processor_time(sleeper.pid)


def test_what_is_computed_ends_patience(clock):
    patience = Patience(1, 2.0, 3.0)
    assert patience() == 2.0
    clock.wall, clock.computed = 2.0, 1.5
    assert patience() == 0.5
    clock.wall, clock.computed = 3.0, 2.0
    assert patience() == 0.0


def test_a_process_that_gets_no_processor_is_waited_for_longer_but_not_for_ever(clock):
    patience = Patience(1, 2.0, 3.0)
    clock.wall = 5.5
    assert patience() == 0.5
    clock.wall = 6.0
    assert patience() == 0.0


def test_without_stretch_the_clock_on_the_wall_alone_decides(clock):
    patience = Patience(1, 2.0)
    clock.wall = 2.0
    assert patience() == 0.0
