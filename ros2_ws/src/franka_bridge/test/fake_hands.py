"""Hands that are not there: they answer when a test says so, late, or never."""

import threading

import franky

from vls_core.control.gripper_logic import GripperCommand


class SlowHand:
    """Carries a command out when the test says so, and notices overlapping ones."""

    def __init__(self, width=0.04):
        self.width = width
        self.commands = []
        self.started = threading.Semaphore(0)
        self.stopped = threading.Semaphore(0)
        self.pending = None
        self.success = True

    def move(self, width, speed):
        return self._carry_out(GripperCommand.OPEN)

    def grasp(self, width, speed, force, epsilon_inner, epsilon_outer):
        return self._carry_out(GripperCommand.CLOSE)

    def _carry_out(self, command):
        assert self.pending is None or self.pending.is_set(), 'a second command during the first'
        pending = self.pending = threading.Event()
        self.commands.append(command)
        self.started.release()
        pending.wait()
        return self.success

    def stop(self):
        self.stopped.release()
        return True


class AbortingHand(SlowHand):
    """A stop ends the command under way with an error, as the real hand does."""

    def __init__(self, width=0.04):
        super().__init__(width)
        self.aborted = False

    def _carry_out(self, command):
        self.aborted = False
        super()._carry_out(command)
        if self.aborted:
            raise franky.CommandException('libfranka gripper: Command aborted!')
        return True

    def stop(self):
        self.aborted = True
        if self.pending is not None:
            self.pending.set()
        return super().stop()


class SpeechlessHand(SlowHand):
    """Neither a command that was stopped nor the stop itself is ever answered."""

    def stop(self):
        super().stop()
        self.pending = None  # the next command is taken all the same
        threading.Event().wait()


class RestlessHand(SpeechlessHand):
    """Its fingers go on whatever it is told."""

    def __init__(self):
        self._width = 0.08
        super().__init__()

    @property
    def width(self):
        self._width -= 0.001
        return self._width

    @width.setter
    def width(self, value):
        pass


class HardOfHearingHand(RestlessHand):
    """Its fingers stop only when told so for the third time."""

    @property
    def width(self):
        stops = self.stopped._value
        return self._width if stops >= 3 else super().width

    @width.setter
    def width(self, value):
        pass


class MutteringHand(SlowHand):
    """Does not answer so many questions for its width."""

    def __init__(self, silent_reads, error=franky.NetworkException):
        self._error = error
        self.silent_reads = -1  # the first answer is there
        super().__init__()
        self.silent_reads = silent_reads
        self.answered = threading.Event()

    @property
    def width(self):
        if self.silent_reads > 0:
            self.silent_reads -= 1
            raise self._error('UDP receive: Timeout')
        if self.silent_reads == 0:
            self.answered.set()
        return 0.04

    @width.setter
    def width(self, value):
        pass


class FrozenHand(SlowHand):
    """Stops answering questions for its width, without an error."""

    def __init__(self):
        self.frozen = False
        super().__init__()

    @property
    def width(self):
        if self.frozen:
            threading.Event().wait()
        return 0.04

    @width.setter
    def width(self, value):
        pass
