"""Steady calls against absolute deadlines, and nothing that ends them unnoticed."""

import os
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_arm import MemoryArm, RecordingGripper

from franka_bridge import loop_thread
from franka_bridge.control_loop import ControlLoop
from franka_bridge.loop_settings import LoopSettings
from franka_bridge.loop_thread import LoopThread, StillRunningError
from franka_bridge.scheduling import InvalidSchedulingError, SchedulingRequest
from vls_core.control.watchdog import BridgeState

PERIOD = 0.005
PATIENCE = 20.0
NOTHING = SchedulingRequest()


class StagedTime:
    """A clock that goes on in sleep and in cycles only, which take as long as is said."""

    def __init__(self, durations):
        self._durations = list(durations)
        self.now, self.starts = 100.0, []
        self._played, self._over = threading.Event(), threading.Event()

    def clock(self):
        return self.now

    def sleep(self, duration):
        self.now += duration

    def cycle(self):
        if not self._durations:
            self._played.set()
            self._over.wait(PATIENCE)
            return
        self.starts.append(self.now)
        self.now += self._durations.pop(0)

    def play(self):
        """When the cycles began, one after the other, and the thread."""
        thread = LoopThread(self.cycle, PERIOD, NOTHING, self.clock, self.sleep)
        thread.start()
        assert self._played.wait(PATIENCE)
        self._over.set()
        thread.close()
        return np.array(self.starts), thread


@given(st.lists(st.floats(0.0, 0.99 * PERIOD), min_size=2, max_size=40))
def test_cycles_begin_on_absolute_deadlines_however_long_each_takes(durations):
    starts, _ = StagedTime(durations).play()
    np.testing.assert_allclose(starts, 100.0 + PERIOD * np.arange(len(durations)), atol=1e-9)


@given(st.lists(st.floats(0.0, 10 * PERIOD), min_size=2, max_size=40))
def test_slow_cycles_never_cause_a_rush_of_more_than_one_cycle(durations):
    starts, _ = StagedTime(durations).play()
    for first in range(len(starts)):
        waited = starts[first:] - starts[first]
        assert (waited >= PERIOD * (np.arange(len(waited)) - 1) - 1e-9).all()


def test_a_cycle_that_is_a_little_late_is_caught_up_with():
    starts, _ = StagedTime([0.001, 0.008, 0.001, 0.001, 0.001]).play()
    np.testing.assert_allclose(starts - 100.0, [0.0, 0.005, 0.013, 0.015, 0.020], atol=1e-9)


def test_slow_cycles_show_in_the_timing():
    _, thread = StagedTime([0.001] * 20 + [0.026] + [0.001] * 20).play()
    summary = thread.timing.summary()
    assert summary.p50 == pytest.approx(0.0, abs=1e-6)
    assert summary.maximum == pytest.approx(21.0)
    assert summary.missed_periods == 4


def test_close_ends_the_calls_and_start_begins_them_again():
    calls = threading.Semaphore(0)
    thread = LoopThread(calls.release, PERIOD, NOTHING)
    thread.close()  # before there is anything to end
    for _ in range(2):
        assert not thread.running
        thread.start()
        assert thread.running
        assert all(calls.acquire(timeout=PATIENCE) for _ in range(3))
        thread.close()
    assert not thread.running


def test_a_run_that_outlasts_its_end_goes_on_beside_no_other_and_calls_no_more(monkeypatch):
    monkeypatch.setattr(loop_thread, '_JOIN_TIMEOUT', 0.05)
    begun, over = threading.Semaphore(0), threading.Event()

    def cycle():
        begun.release()
        over.wait(PATIENCE)

    thread = LoopThread(cycle, PERIOD, NOTHING)
    thread.start()
    assert begun.acquire(timeout=PATIENCE)
    thread.close()
    assert not thread.running
    with pytest.raises(StillRunningError):
        thread.start()
    old = thread._thread
    over.set()
    old.join(PATIENCE)
    assert not old.is_alive()
    assert not begun.acquire(blocking=False), 'it went on calling'
    thread.start()
    assert begun.acquire(timeout=PATIENCE)
    thread.close()


def test_what_the_scheduler_granted_is_known_as_soon_as_it_has_started():
    core = min(os.sched_getaffinity(0))
    thread = LoopThread(lambda: None, PERIOD, SchedulingRequest(cpu=(core,)))
    thread.start()
    assert thread.scheduling.granted == (f'runs on core {core}',)
    assert thread.scheduling.refused == ()
    thread.close()


def test_a_core_this_machine_has_not_is_raised_and_not_a_dead_thread():
    thread = LoopThread(lambda: None, PERIOD, SchedulingRequest(cpu=(4000,)))
    with pytest.raises(InvalidSchedulingError, match='4000'):
        thread.start()
    thread.close()
    assert not thread.running


class TickingArm(MemoryArm):
    """Its clock goes on with every reading."""

    def read(self):
        self.time += PERIOD
        return super().read()


class MoodyListener:
    """Raises while it is told to; says when it was called."""

    def __init__(self):
        self.raises = False
        self.called = threading.Event()

    def __call__(self, state, reference):
        self.called.set()
        if self.raises:
            raise RuntimeError('nobody can listen to this')

    def wait(self):
        self.called.clear()
        assert self.called.wait(PATIENCE)


@pytest.fixture
def listener():
    return MoodyListener()


@pytest.fixture
def loop(listener):
    loop = ControlLoop(
        TickingArm(), RecordingGripper(), LoopSettings(dry_run=False), listener
    )
    loop.start()
    yield loop
    loop.close()


def test_a_listener_that_raises_stops_the_arm_and_latches_but_the_loop_lives(loop, listener):
    loop.arm()
    listener.wait()
    listener.raises = True
    listener.wait()
    listener.wait()  # called again: the loop goes on
    assert loop.status.state is BridgeState.FAULT
    assert 'nobody can listen to this' in loop.status.reason
    assert not loop._arm.tracking
    listener.raises = False
    listener.wait()
    loop.recover()
    loop.arm()
    listener.wait()
    assert loop.status.state is BridgeState.ARMED


def test_a_reading_that_fails_in_an_unforeseen_way_latches_and_the_loop_lives(loop, listener):
    loop.arm()
    reading = loop._arm.read
    tried = threading.Semaphore(0)

    def fail():
        tried.release()
        raise ZeroDivisionError('a bug')

    loop._arm.read = fail
    for _ in range(3):
        assert tried.acquire(timeout=PATIENCE)
    assert loop.status.state is BridgeState.FAULT
    assert 'internal error' in loop.status.reason
    loop._arm.read = reading
    listener.wait()
    assert loop.running


def test_a_loop_that_was_closed_can_be_started_and_armed_again(loop, listener):
    loop.arm()
    loop.close()
    assert not loop.running
    assert loop.status.state is BridgeState.IDLE
    loop.start()
    loop.arm()
    listener.wait()
    assert loop.status.state is BridgeState.ARMED
