"""Gripper commands are carried out one at a time, none is waited for without a bound, and a grasp
counts when the measured width says so."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import franky
import pytest
from fake_hands import (
    AbortingHand,
    FrozenHand,
    HardOfHearingHand,
    MutteringHand,
    RestlessHand,
    SlowHand,
    SpeechlessHand,
)

from franka_bridge import hand as hand_module
from franka_bridge.arm import ArmError
from franka_bridge.gripper_settings import GripperSettings
from franka_bridge.gripper_thread import GripperThread
from franka_bridge.hand import connect_gripper
from vls_core.control.gripper_logic import GripperCommand, GripperOutcome

SHORT = 3.0  # s to wait for an answer that never comes; those that do come are given as long
SLOWLY = 0.01  # m/s; the fingers are on their way for 8 s
PATIENCE = 60.0
OPEN, CLOSE = GripperCommand.OPEN, GripperCommand.CLOSE


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f'waited in vain for {what}'
        time.sleep(0.01)


class Faults:
    """Reasons given, and a way to wait for the first one."""

    def __init__(self):
        self.reasons = []
        self.came = threading.Event()

    def __call__(self, reason):
        self.reasons.append(reason)
        self.came.set()


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def start(faults):
    threads = []

    def start(hand, answer_timeout=30.0, reconnect=None):
        settings = GripperSettings(answer_timeout=answer_timeout)
        threads.append(GripperThread(hand, settings, faults, reconnect))
        return threads[-1]

    yield start
    for thread in threads:
        thread.close()


def begin(thread, hand, command):
    thread.command(command)
    assert hand.started.acquire(timeout=PATIENCE)


def carry_out(thread, hand, command, width):
    begin(thread, hand, command)
    hand.width = width
    wait_for(lambda: thread.width == width, 'the width to be read')
    hand.pending.set()
    assert thread.wait_until_idle(PATIENCE)


# --- one at a time ---


def test_commands_do_not_overlap_and_the_newest_of_those_waiting_wins(start, faults):
    hand = SlowHand()
    thread = start(hand)
    begin(thread, hand, CLOSE)
    thread.command(OPEN)
    thread.command(CLOSE)
    thread.command(OPEN)
    hand.pending.set()
    assert hand.started.acquire(timeout=PATIENCE)
    hand.pending.set()
    assert thread.wait_until_idle(PATIENCE)
    assert hand.commands == [CLOSE, OPEN]
    assert faults.reasons == []


def test_dropping_what_waits_lets_the_running_command_finish(start):
    hand = SlowHand()
    thread = start(hand)
    begin(thread, hand, CLOSE)
    thread.command(OPEN)
    thread.drop_queued()
    hand.pending.set()
    assert thread.wait_until_idle(PATIENCE)
    assert hand.commands == [CLOSE]


# --- bounded waits ---


def test_a_command_that_is_never_answered_is_a_fault_that_says_what_to_do(start, faults):
    thread = start(SlowHand(), answer_timeout=SHORT)
    thread.command(CLOSE)
    assert not thread.wait_until_idle(PATIENCE)
    assert faults.came.wait(PATIENCE)
    assert faults.reasons == [thread.failure]
    assert 'vls recover' in thread.failure
    assert thread.last_outcome is GripperOutcome.FAILED


@pytest.mark.parametrize('error', [franky.NetworkException, RuntimeError])
def test_a_hand_that_misses_a_beat_is_no_fault(start, faults, error):
    hand = MutteringHand(0, error)
    thread = start(hand)
    hand.answered.clear()
    hand.silent_reads = 3
    assert hand.answered.wait(PATIENCE)
    assert faults.reasons == []
    assert not thread.failure


def test_a_hand_that_stays_silent_is_a_fault(start, faults):
    hand = MutteringHand(0)
    thread = start(hand, answer_timeout=SHORT)
    hand.silent_reads = 1_000_000
    assert faults.came.wait(PATIENCE)
    assert 'UDP' in thread.failure


def test_a_hand_that_failed_is_connected_to_anew_and_works_again(start, faults):
    new = SlowHand(0.03)
    hand = MutteringHand(0)
    thread = start(hand, answer_timeout=SHORT, reconnect=lambda: new)
    hand.silent_reads = 1_000_000
    assert faults.came.wait(PATIENCE)
    thread.revive()
    assert not thread.failure
    assert thread.width == 0.03
    carry_out(thread, new, CLOSE, 0.02)
    assert thread.holding


def test_a_hand_that_cannot_be_connected_to_stays_a_failure(start, faults):
    def nobody():
        raise ArmError('the gripper does not answer')

    hand = MutteringHand(0)
    thread = start(hand, answer_timeout=SHORT, reconnect=nobody)
    hand.silent_reads = 1_000_000
    assert faults.came.wait(PATIENCE)
    with pytest.raises(ArmError, match='does not answer'):
        thread.revive()
    assert thread.failure


def test_a_hand_that_freezes_is_a_fault(start, faults):
    hand = FrozenHand()
    thread = start(hand, answer_timeout=SHORT)
    hand.frozen = True
    assert faults.came.wait(PATIENCE)
    assert 'about its width' in thread.failure


def test_an_unexpected_error_is_a_fault_too(start, faults):
    hand = SlowHand()
    thread = start(hand)
    hand.width = None
    assert faults.came.wait(PATIENCE)
    assert 'internal error' in thread.failure


# --- grasps ---


@pytest.mark.parametrize(('width', 'outcome', 'holding'), [
    (0.03, GripperOutcome.HOLDING, True),
    (0.001, GripperOutcome.EMPTY, False),
    (0.079, GripperOutcome.FAILED, False),
])
def test_the_width_says_what_a_grasp_holds(start, faults, width, outcome, holding):
    hand = SlowHand(0.08)
    thread = start(hand)
    assert thread.last_outcome is GripperOutcome.NONE
    carry_out(thread, hand, CLOSE, width)
    assert (thread.last_outcome, thread.holding) == (outcome, holding)
    assert faults.reasons == []


def test_a_lost_object_clears_holding_and_nothing_else(start, faults):
    hand = SlowHand(0.08)
    thread = start(hand)
    carry_out(thread, hand, CLOSE, 0.03)
    hand.width = 0.0
    wait_for(lambda: not thread.holding, 'the loss to be noticed')
    assert thread.last_outcome is GripperOutcome.HOLDING
    assert faults.reasons == []


def test_a_hand_that_did_not_open_has_failed_without_a_fault(start, faults):
    hand = SlowHand(0.0)
    hand.success = False
    thread = start(hand)
    carry_out(thread, hand, OPEN, 0.02)
    assert thread.last_outcome is GripperOutcome.FAILED
    assert faults.reasons == []


# --- cancelling ---


@pytest.mark.parametrize('make_hand', [AbortingHand, SpeechlessHand])
def test_a_cancelled_movement_is_stopped_and_new_commands_work(start, faults, make_hand):
    hand = make_hand(0.08)
    thread = start(hand)
    begin(thread, hand, CLOSE)
    thread.command(OPEN)
    thread.cancel()
    assert hand.stopped.acquire(timeout=PATIENCE)
    assert thread.wait_until_idle(PATIENCE)
    assert thread.last_outcome is GripperOutcome.CANCELLED
    assert hand.commands == [CLOSE], 'what waited is forgotten'
    carry_out(thread, hand, CLOSE, 0.03)
    assert thread.holding
    assert faults.reasons == []


def test_what_is_held_is_not_let_go_by_cancelling(start):
    hand = SlowHand(0.08)
    thread = start(hand)
    carry_out(thread, hand, CLOSE, 0.03)
    thread.cancel()
    assert thread.wait_until_idle(PATIENCE)
    assert not hand.stopped.acquire(blocking=False), 'the stop of the hand ends its force'
    assert thread.holding
    assert thread.last_outcome is GripperOutcome.HOLDING


def test_fingers_that_rest_on_something_go_on_grasping_it(start):
    hand = SlowHand(0.08)
    thread = start(hand)
    begin(thread, hand, CLOSE)
    hand.width = 0.03
    wait_for(lambda: thread._watch.gripping, 'the fingers to rest')
    thread.cancel()
    hand.pending.set()
    assert thread.wait_until_idle(PATIENCE)
    assert not hand.stopped.acquire(blocking=False)
    assert thread.holding


def test_an_opening_hand_is_stopped_even_if_it_held_something(start):
    hand = AbortingHand(0.08)
    thread = start(hand)
    carry_out(thread, hand, CLOSE, 0.03)
    begin(thread, hand, OPEN)
    thread.cancel()
    assert hand.stopped.acquire(timeout=PATIENCE)
    assert thread.wait_until_idle(PATIENCE)
    assert thread.last_outcome is GripperOutcome.CANCELLED


def test_cancelling_an_idle_gripper_does_nothing(start, faults):
    hand = SlowHand()
    thread = start(hand)
    thread.cancel()
    assert thread.wait_until_idle(PATIENCE)
    assert thread.last_outcome is GripperOutcome.NONE
    assert not hand.stopped.acquire(blocking=False)
    assert faults.reasons == []


def test_the_stop_is_repeated_until_the_fingers_rest(start, faults):
    hand = HardOfHearingHand()
    thread = start(hand)
    begin(thread, hand, CLOSE)
    thread.cancel()
    assert thread.wait_until_idle(PATIENCE), thread.failure
    assert thread.last_outcome is GripperOutcome.CANCELLED
    assert hand.stopped._value >= 3
    assert faults.reasons == []


def test_fingers_that_do_not_stop_are_a_fault(start, faults):
    hand = RestlessHand()
    thread = start(hand, answer_timeout=5.0)
    begin(thread, hand, CLOSE)
    thread.cancel()
    assert not thread.wait_until_idle(PATIENCE)
    assert faults.came.wait(PATIENCE)
    assert 'do not stop' in thread.failure


# --- franky's own hand, simulated ---


@pytest.fixture
def post():
    """The process of a simulated hand around a post, with its address as `address`."""
    address = f'127.13.{os.getpid() % 250 + 1}.{uuid.uuid4().int % 250 + 1}'
    script = Path(__file__).with_name('simulated_hand.py')
    process = subprocess.Popen(
        [sys.executable, str(script), address], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == 'ready'
    process.address = address
    yield process
    process.terminate()
    process.wait(15.0)


def finish(thread, command):
    thread.command(command)
    assert thread.wait_until_idle(PATIENCE), thread.failure
    return thread.last_outcome


def moving(thread, command):
    before = thread.width
    thread.command(command)
    wait_for(lambda: abs(thread.width - before) > 0.005, 'the fingers to move')


def test_a_simulated_hand_holds_a_post_until_it_is_gone(start, faults, post):
    thread = start(connect_gripper(post.address, 30.0), answer_timeout=30.0)
    assert finish(thread, CLOSE) is GripperOutcome.HOLDING
    assert thread.width == pytest.approx(0.04, abs=0.003)
    thread.cancel()
    assert thread.wait_until_idle(PATIENCE)
    assert thread.holding
    post.send_signal(signal.SIGUSR1)
    wait_for(lambda: not thread.holding, 'the loss to be noticed')
    assert finish(thread, OPEN) is GripperOutcome.OPENED
    assert thread.width == pytest.approx(0.08, abs=0.003)
    assert finish(thread, CLOSE) is GripperOutcome.EMPTY
    assert faults.reasons == []


def test_a_simulated_hand_is_stopped_on_the_way_time_and_again(start, faults, post, monkeypatch):
    post.send_signal(signal.SIGUSR1)
    thread = start(connect_gripper(post.address, 30.0), answer_timeout=30.0)
    for command in (CLOSE, OPEN, CLOSE):
        finish(thread, OPEN if command is CLOSE else CLOSE)
        with monkeypatch.context() as patch:
            patch.setattr(hand_module, '_SPEED', SLOWLY)
            moving(thread, command)
        thread.cancel()
        assert thread.wait_until_idle(PATIENCE), thread.failure
        assert thread.last_outcome is GripperOutcome.CANCELLED
        assert 0.003 < thread.width < 0.077
    assert finish(thread, OPEN) is GripperOutcome.OPENED
    assert faults.reasons == []
