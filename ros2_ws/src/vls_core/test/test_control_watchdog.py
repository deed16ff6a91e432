"""Latched states stay latched, and the arm only follows chunks that are still running."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vls_core.control.watchdog import BridgeState, TransitionError, Watchdog
from vls_core.types import InvalidValueError

DEAD_MAN = 0.15


def tracking_watchdog():
    watchdog = Watchdog(DEAD_MAN)
    watchdog.arm()
    watchdog.chunk_accepted()
    return watchdog


def test_a_chunk_that_ran_out_starves_once_and_a_new_one_resumes():
    watchdog = tracking_watchdog()
    assert watchdog.tick(1.0 + DEAD_MAN, last_step_due=1.0) is BridgeState.TRACKING
    assert watchdog.tick(1.001 + DEAD_MAN, last_step_due=1.0) is BridgeState.STARVED
    assert watchdog.tick(9.0, last_step_due=1.0) is BridgeState.STARVED
    assert watchdog.starvations == 1
    watchdog.chunk_accepted()
    assert watchdog.tick(9.0, last_step_due=9.5) is BridgeState.TRACKING


def test_tracking_without_a_chunk_starves_at_once():
    assert tracking_watchdog().tick(0.0, None) is BridgeState.STARVED


def test_refusals_say_what_to_do():
    watchdog = Watchdog()
    with pytest.raises(TransitionError, match='call arm first'):
        watchdog.chunk_accepted()
    watchdog.fault('the arm hit something')
    with pytest.raises(TransitionError, match=r'the arm hit something.*call recover first'):
        watchdog.arm()


def test_an_operators_stop_is_not_overwritten_by_a_fault():
    watchdog = tracking_watchdog()
    watchdog.stop()
    watchdog.fault('communication lost')
    assert watchdog.state is BridgeState.ESTOP
    assert watchdog.reason == 'stopped by an operator'


def test_recovery_without_a_cause_is_refused():
    with pytest.raises(TransitionError):
        Watchdog().recover()


@pytest.mark.parametrize('time', [0.0, -1.0, float('nan')])
def test_the_dead_man_time_must_be_positive(time):
    with pytest.raises(InvalidValueError):
        Watchdog(time)


class WatchdogMachine(RuleBasedStateMachine):
    """Any sequence of events; `latched` is the model of what must not be left without recover."""

    @initialize()
    def begin(self):
        self.watchdog = Watchdog(DEAD_MAN)
        self.now = 0.0
        self.due = None
        self.latched = False
        self.armed = False

    @rule()
    def arm(self):
        try:
            self.watchdog.arm()
        except TransitionError:
            assert self.latched
        else:
            assert not self.latched
            self.armed = True

    @rule()
    def disarm(self):
        self.watchdog.disarm()
        self.armed = False

    @rule(length=st.floats(0.01, 2.0))
    def chunk(self, length):
        try:
            self.watchdog.chunk_accepted()
        except TransitionError:
            assert self.latched or not self.armed
        else:
            assert self.armed
            self.due = self.now + length

    @rule(elapsed=st.floats(0.001, 1.0))
    def wait(self, elapsed):
        self.now += elapsed
        state = self.watchdog.tick(self.now, self.due)
        if state is BridgeState.TRACKING:
            assert self.now <= self.due + DEAD_MAN

    @rule()
    def fault(self):
        self.watchdog.fault('fault')
        self.latched, self.armed = True, False

    @rule()
    def stop(self):
        self.watchdog.stop()
        assert self.watchdog.state is BridgeState.ESTOP
        self.latched, self.armed = True, False

    @rule()
    def recover(self):
        try:
            self.watchdog.recover()
        except TransitionError:
            assert not self.latched
        else:
            assert self.watchdog.state is BridgeState.IDLE
            self.latched = False

    @invariant()
    def latched_states_are_left_by_recovery_only(self):
        assert self.watchdog.state.latched == self.latched
        assert self.watchdog.state.follows == self.armed


WatchdogMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30
)
TestWatchdogMachine = WatchdogMachine.TestCase
