"""The gripper in a thread of its own: one command at a time, every wait bounded.

A second command while the first is running is never answered by the hand, so commands queue up
here, one deep: the newest wins. `cancel` stops the fingers, but never those that hold something:
the hand's own stop ends the force as well and could drop it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Condition, Thread

import franky

from franka_bridge.arm import ArmError
from franka_bridge.gripper_settings import GripperSettings
from franka_bridge.hand import (
    Hand,
    begin,
    close_on_anything,
    connect_gripper,
    first_width,
    open_fully,
)
from vls_core.control.grasp import GraspWatch
from vls_core.control.gripper_logic import GripperCommand, GripperOutcome
from vls_core.types import MAXIMUM_GRIPPER_WIDTH

__all__ = ['GripperThread', 'connect_gripper']

_POLL_PERIOD = 0.05
_STOP_GRACE = 0.5  # s for an interrupted command to be answered, or to move the fingers after all
_HAND_ERRORS = (
    franky.CommandException, franky.NetworkException, franky.ProtocolException, RuntimeError,
    TimeoutError,
)
_BROKEN_READINGS = (franky.NetworkException, RuntimeError)
"""franky hands on what its sockets complain about as a plain RuntimeError."""
_log = logging.getLogger(__name__)


class GripperThread:
    """Carries out gripper commands one after the other and keeps the width up to date.

    Args:
        hand: the hand.
        settings: how hard, how long, and what counts as holding something.
        on_fault: called with the reason, from the gripper's thread.
        reconnect: connects to the same hand again; without it a failure is for ever.

    Raises:
        ArmError: the hand does not say how far it is open.
    """

    def __init__(
        self, hand: Hand, settings: GripperSettings, on_fault: Callable[[str], None],
        reconnect: Callable[[], Hand] | None = None,
    ) -> None:
        self._settings, self._on_fault, self._reconnect = settings, on_fault, reconnect
        self._answer_timeout = settings.answer_timeout
        self._changed = Condition()
        self._begin(hand)

    def _begin(self, hand: Hand) -> None:
        width = first_width(hand, self._answer_timeout)
        self._hand = hand
        self._queued: GripperCommand | None = None
        self._busy = self._moving = self._cancelled = self._closing = False
        self.failure = ''
        """Why the gripper takes no more commands; empty while all is well."""
        self.last_outcome = GripperOutcome.NONE
        """What became of the last command; stays HOLDING when the object is lost later."""
        self.width = width
        """Distance between the fingers, as last measured [m]."""
        self._last_word = time.monotonic()
        self._watch = GraspWatch(self._settings.grasp, self._last_word, width)
        self._thread = Thread(target=self._run, name='gripper', daemon=True)
        self._thread.start()

    # --- from any thread ---

    @property
    def holding(self) -> bool:
        """Whether something is between the closed fingers, as far as is known."""
        return self._watch.holding and not self.failure

    def command(self, command: GripperCommand) -> None:
        """Queues a command in place of one that is still waiting; returns at once."""
        with self._changed:
            self._queued = command
            self._changed.notify_all()

    def drop_queued(self) -> None:
        """Forgets the command that is waiting, if any."""
        with self._changed:
            self._queued = None
            self._changed.notify_all()

    def cancel(self) -> None:
        """Forgets what is waiting and stops moving fingers; returns at once, without waiting.

        Fingers that hold something keep holding it. Afterwards new commands are carried out, or
        `failure` says why not.
        """
        with self._changed:
            self._queued = None
            stopping = self._moving and not self._cancelled and not self._watch.gripping
            if stopping or (self._busy and not self._moving):
                self._cancelled = True
            self._changed.notify_all()
        if stopping:
            begin(self._hand.stop)  # at once; the gripper's thread sees to it that they do stop

    def revive(self) -> None:
        """After a failure, connects to the hand anew; what it held is not known any more.

        Raises:
            ArmError: it still does not answer.
        """
        if not self.failure:
            return
        if self._reconnect is None:
            raise ArmError(self.failure)
        self._thread.join(self._answer_timeout)
        if self._thread.is_alive():
            raise ArmError('the gripper is still being waited for; try again')
        self._begin(self._reconnect())

    def wait_until_idle(self, timeout: float) -> bool:
        """Waits until all commands are carried out. False if timeout [s] passed first."""
        with self._changed:
            return self._changed.wait_for(
                lambda: (self._queued is None and not self._busy) or bool(self.failure), timeout
            ) and not self.failure

    def close(self) -> None:
        """Ends the thread; a finger movement under way is waited for, within its bound."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(self._answer_timeout + self._settings.grasp.settle_timeout + 1.0)

    # --- the gripper's thread ---

    def _run(self) -> None:
        try:
            while (command := self._next()) is not None or not self._closing:
                if command is not None:
                    self.last_outcome = self._carry_out(command)
                self._read_width()
        except _HAND_ERRORS as error:
            self._fail(f'gripper: {error}')
        except Exception as error:  # nobody must wait for a thread that is gone
            _log.exception('error in the gripper thread')
            self._fail(f'gripper: internal error: {error!r}')

    def _next(self) -> GripperCommand | None:
        with self._changed:
            self._busy = self._cancelled = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._queued or self._closing, _POLL_PERIOD)
            if self._closing:
                return None
            command, self._queued = self._queued, None
            self._busy = command is not None
            return command

    def _carry_out(self, command: GripperCommand) -> GripperOutcome:
        with self._changed:
            if self._cancelled:
                return GripperOutcome.CANCELLED
            self._watch.begin(command, time.monotonic())
            self._moving = True
        answer = begin(lambda: self._send(command))
        answered = self._answered(answer, command)
        with self._changed:
            self._moving = False
        if not answered:
            self._stop_fingers(answer)
            return GripperOutcome.CANCELLED
        self._comes_to_rest(self._settings.grasp.settle_timeout)
        return self._watch.finish(answer.result())

    def _send(self, command: GripperCommand) -> bool:
        if command is GripperCommand.OPEN:
            return open_fully(self._hand, MAXIMUM_GRIPPER_WIDTH)
        return close_on_anything(self._hand, self._settings.force)

    def _answered(self, answer: Future[bool], command: GripperCommand) -> bool:
        # False when cancelled, however the hand takes that.
        deadline = time.monotonic() + self._answer_timeout
        while not wait([answer], _POLL_PERIOD).done and not self._cancelled:
            if time.monotonic() > deadline:
                raise TimeoutError(self._no_answer(f'to "{command.value}"'))
            self._read_width()
        return not self._cancelled

    def _stop_fingers(self, answer: Future[bool]) -> None:
        # A stop may overtake the command it is meant for, and neither need be answered: what
        # counts is that the fingers rest and go on resting.
        deadline = time.monotonic() + self._answer_timeout
        while time.monotonic() < deadline:
            stopped = begin(self._hand.stop)
            grace = time.monotonic() + _STOP_GRACE
            while wait([stopped, answer], _POLL_PERIOD).not_done and time.monotonic() < grace:
                self._read_width()
            for done in wait([stopped, answer], 0.0).done:
                _raise_unless_refused(done)
            if self._comes_to_rest(_STOP_GRACE):
                self._watch.abandon()
                return
        raise TimeoutError('the fingers do not stop; check the hand, then `vls recover`')

    def _comes_to_rest(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while not self._watch.resting and time.monotonic() < deadline:
            time.sleep(_POLL_PERIOD)
            self._read_width()
        return self._watch.resting

    def _read_width(self) -> None:
        # A hand that misses a beat is no fault (the network, a busy simulation); a silent one is.
        reading = begin(lambda: float(self._hand.width))
        if not wait([reading], self._answer_timeout).done:
            raise TimeoutError(self._no_answer('about its width'))
        now = time.monotonic()
        try:
            self.width = reading.result()
        except _BROKEN_READINGS:
            if now - self._last_word > self._answer_timeout:
                raise
            time.sleep(_POLL_PERIOD)
        else:
            self._last_word = now
            with self._changed:
                self._watch.measure(now, self.width)

    def _no_answer(self, to_what: str) -> str:
        return (
            f'no answer {to_what} within {self._answer_timeout:g} s; '
            'check the hand, then `vls recover`'
        )

    def _fail(self, reason: str) -> None:
        with self._changed:
            self.failure, self.last_outcome = reason, GripperOutcome.FAILED
            self._busy = self._moving = False
            self._changed.notify_all()
        self._on_fault(reason)


def _raise_unless_refused(answer: Future[bool]) -> None:
    # A hand that was interrupted, or had nothing to stop, says so; anything else is trouble.
    error = answer.exception()
    if error is not None and not isinstance(error, franky.CommandException):
        raise error
