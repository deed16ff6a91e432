"""The gripper in a thread of its own: one command at a time, every wait bounded.

A second command while the first is running is never answered by the hand, so commands queue up
here, one deep: the newest wins. A stop of the arm drops what is queued and lets the fingers
finish.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Any, Protocol

import franky

from franka_bridge.arm import ArmError
from franka_bridge.connecting import bounded
from vls_core.control.gripper_logic import GripperCommand
from vls_core.types import MAXIMUM_GRIPPER_WIDTH

_SPEED = 0.05
_EVERY_WIDTH = 1.0  # tolerance that lets a grasp succeed at whatever width the object has
_POLL_PERIOD = 0.05
_ABANDONED: list[Any] = []  # answers that never came: letting go of one would block for ever


class Future(Protocol):
    """Answer to a gripper command."""

    def wait(self, timeout: float) -> bool:
        """Whether it came within timeout [s]."""

    def get(self) -> bool:
        """The answer."""


class Gripper(Protocol):
    """The part of franky.Gripper in use."""

    width: float

    def move_async(self, width: float, speed: float) -> Future:
        """Moves the fingers to a width [m] at a speed [m/s]."""

    def grasp_async(
        self, width: float, speed: float, force: float, epsilon_inner: float, epsilon_outer: float
    ) -> Future:
        """Closes the fingers with a force [N]."""


def connect_gripper(address: str, timeout: float) -> Gripper:
    """Connects to the hand of the robot at an address. Raises ArmError."""
    try:
        return bounded(lambda: franky.Gripper(address), timeout)
    except (franky.NetworkException, franky.IncompatibleVersionException, TimeoutError) as error:
        raise ArmError(f'the gripper does not answer: {error}') from error


class GripperThread:
    """Carries out gripper commands one after the other and keeps the width up to date.

    Args:
        gripper: the hand.
        force: grasping force [N].
        answer_timeout: a command that takes longer than this is a fault [s].
        on_fault: called with the reason, from the gripper's thread.
    """

    def __init__(
        self,
        gripper: Gripper,
        force: float,
        answer_timeout: float,
        on_fault: Callable[[str], None],
    ) -> None:
        self._gripper = gripper
        self._force = force
        self._answer_timeout = answer_timeout
        self._on_fault = on_fault
        self._changed = Condition()
        self._queued: GripperCommand | None = None
        self._busy = False
        self._closing = False
        self.failure = ''
        """Why the gripper takes no more commands; empty while all is well."""
        self.width = float(gripper.width)
        """Distance between the fingers, as last measured [m]."""
        self._last_word = time.monotonic()
        self._thread = Thread(target=self._run, name='gripper', daemon=True)
        self._thread.start()

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
        self._thread.join(self._answer_timeout + 1.0)

    def _run(self) -> None:
        while (command := self._next()) is not None or not self._closing:
            try:
                if command is not None:
                    self._carry_out(command)
                self._read_width()
            except (franky.CommandException, franky.NetworkException, RuntimeError,
                    TimeoutError) as error:
                self._fail(f'gripper: {error}')
                return

    def _next(self) -> GripperCommand | None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._queued or self._closing, _POLL_PERIOD)
            if self._closing:
                return None
            command, self._queued = self._queued, None
            self._busy = command is not None
            return command

    def _carry_out(self, command: GripperCommand) -> None:
        if command is GripperCommand.OPEN:
            future = self._gripper.move_async(MAXIMUM_GRIPPER_WIDTH, _SPEED)
        else:
            future = self._gripper.grasp_async(0.0, _SPEED, self._force, 0.005, _EVERY_WIDTH)
        deadline = time.monotonic() + self._answer_timeout
        while not future.wait(_POLL_PERIOD):
            if time.monotonic() > deadline:
                _ABANDONED.append((future, self._gripper))
                raise TimeoutError(
                    f'no answer to "{command.value}" within {self._answer_timeout:.0f} s; '
                    'check the hand and restart the bridge'
                )
            self._read_width()
        future.get()

    def _read_width(self) -> None:
        # A hand that misses a beat is no fault (the network, a busy simulation); a silent one is.
        try:
            self.width = float(self._gripper.width)
        except franky.NetworkException:
            if time.monotonic() - self._last_word > self._answer_timeout:
                raise
            time.sleep(_POLL_PERIOD)
        else:
            self._last_word = time.monotonic()

    def _fail(self, reason: str) -> None:
        with self._changed:
            self.failure = reason
            self._busy = False
            self._changed.notify_all()
        self._on_fault(reason)
