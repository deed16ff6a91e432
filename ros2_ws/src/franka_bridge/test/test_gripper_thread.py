"""Gripper commands are carried out one at a time, and none is waited for without a bound."""

import threading

import franky

from franka_bridge.gripper_thread import GripperThread
from vls_core.control.gripper_logic import GripperCommand

OPEN, CLOSE = GripperCommand.OPEN, GripperCommand.CLOSE


class Answer:
    def __init__(self, done):
        self.done = done

    def wait(self, timeout):
        return self.done.wait(timeout)

    def get(self):
        return True


class SlowGripper:
    """Carries a command out when the test says so, and notices overlapping ones."""

    def __init__(self):
        self.width = 0.04
        self.commands = []
        self.started = threading.Semaphore(0)
        self.pending = None

    def move_async(self, width, speed):
        return self._begin(OPEN)

    def grasp_async(self, width, speed, force, epsilon_inner, epsilon_outer):
        return self._begin(CLOSE)

    def _begin(self, command):
        assert self.pending is None or self.pending.is_set(), 'a second command during the first'
        self.pending = threading.Event()
        self.commands.append(command)
        self.started.release()
        return Answer(self.pending)


def gripper_thread(gripper, faults, answer_timeout=5.0):
    return GripperThread(gripper, 30.0, answer_timeout, faults.append)


def test_commands_do_not_overlap_and_the_newest_of_those_waiting_wins():
    gripper, faults = SlowGripper(), []
    thread = gripper_thread(gripper, faults)
    thread.command(CLOSE)
    assert gripper.started.acquire(timeout=5.0)
    thread.command(OPEN)
    thread.command(CLOSE)
    thread.command(OPEN)
    gripper.pending.set()
    assert gripper.started.acquire(timeout=5.0)
    gripper.pending.set()
    assert thread.wait_until_idle(5.0)
    thread.close()
    assert gripper.commands == [CLOSE, OPEN]
    assert faults == []


def test_dropping_what_waits_lets_the_running_command_finish():
    gripper, faults = SlowGripper(), []
    thread = gripper_thread(gripper, faults)
    thread.command(CLOSE)
    assert gripper.started.acquire(timeout=5.0)
    thread.command(OPEN)
    thread.drop_queued()
    gripper.pending.set()
    assert thread.wait_until_idle(5.0)
    thread.close()
    assert gripper.commands == [CLOSE]


def test_a_gripper_that_never_answers_is_a_fault_that_says_what_to_do():
    gripper, faults = SlowGripper(), []
    thread = gripper_thread(gripper, faults, answer_timeout=0.1)
    thread.command(CLOSE)
    assert not thread.wait_until_idle(5.0)
    thread.close()
    assert len(faults) == 1
    assert 'restart the bridge' in faults[0]
    assert thread.failure == faults[0]


class MutteringGripper(SlowGripper):
    """Does not answer so many questions for its width."""

    def __init__(self, silent_reads):
        self.silent_reads = -1  # the first answer is there
        super().__init__()
        self.silent_reads = silent_reads
        self.answered = threading.Event()

    @property
    def width(self):
        if self.silent_reads > 0:
            self.silent_reads -= 1
            raise franky.NetworkException('UDP receive: Timeout')
        if self.silent_reads == 0:
            self.answered.set()
        return 0.04

    @width.setter
    def width(self, value):
        pass


def test_a_hand_that_misses_a_beat_is_no_fault():
    faults = []
    gripper = MutteringGripper(0)
    thread = gripper_thread(gripper, faults)
    gripper.answered.clear()
    gripper.silent_reads = 3
    assert gripper.answered.wait(10.0)
    thread.close()
    assert faults == []
    assert not thread.failure


def test_a_hand_that_stays_silent_is_a_fault():
    faulted = threading.Event()
    gripper = MutteringGripper(0)
    thread = GripperThread(gripper, 30.0, 0.2, lambda reason: faulted.set())
    gripper.silent_reads = 1_000_000
    assert faulted.wait(10.0)
    assert 'UDP' in thread.failure
    thread.close()
