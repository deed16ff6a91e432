"""The hand as franky offers it, and calls into it that may be left behind.

franky's `*_async` methods are not used: each of them waits for the command before it to be
answered, and a command that was interrupted may never be (franky_sim answers none). Its blocking
methods do not wait for each other, so every call gets a daemon thread of its own, which nobody has
to wait for, not even the end of the process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Protocol, TypeVar

import franky

from franka_bridge.arm import ArmError
from franka_bridge.connecting import bounded

Value = TypeVar('Value')

_EVERY_WIDTH = 1.0  # tolerance that lets a grasp succeed at whatever width the object has
_INNER_TOLERANCE = 0.005
_SPEED = 0.05


class Hand(Protocol):
    """The part of franky.Gripper in use; everything blocks until the hand answers."""

    width: float

    def move(self, width: float, speed: float) -> bool:
        """Moves the fingers to a width [m] at a speed [m/s]. False if they did not get there."""

    def grasp(
        self, width: float, speed: float, force: float, epsilon_inner: float, epsilon_outer: float
    ) -> bool:
        """Closes the fingers with a force [N] and keeps it up."""

    def stop(self) -> bool:
        """Stops the fingers where they are, and stops applying force."""


def connect_gripper(address: str, timeout: float) -> Hand:
    """Connects to the hand of the robot at an address. Raises ArmError."""
    try:
        return bounded(lambda: franky.Gripper(address), timeout)
    except (franky.NetworkException, franky.IncompatibleVersionException, TimeoutError) as error:
        raise ArmError(f'the gripper does not answer: {error}') from error


def first_width(hand: Hand, timeout: float) -> float:
    """Distance between the fingers [m], asked for within timeout [s]. Raises ArmError."""
    try:
        return float(bounded(lambda: hand.width, timeout))
    except (franky.NetworkException, RuntimeError, TimeoutError) as error:
        raise ArmError(f'the gripper does not say how far it is open: {error}') from error


def open_fully(hand: Hand, width: float) -> bool:
    """Opens the fingers to a width [m]; blocks."""
    return hand.move(width, _SPEED)


def close_on_anything(hand: Hand, force: float) -> bool:
    """Closes the fingers with a force [N] until they meet something or each other; blocks."""
    return hand.grasp(0.0, _SPEED, force, _INNER_TOLERANCE, _EVERY_WIDTH)


def begin(call: Callable[[], Value]) -> Future[Value]:
    """Runs a call in a daemon thread of its own; its value or error comes with the future."""
    answer: Future[Value] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 (handed over, whatever it is)
            answer.set_exception(error)

    Thread(target=run, name='gripper call', daemon=True).start()
    return answer
