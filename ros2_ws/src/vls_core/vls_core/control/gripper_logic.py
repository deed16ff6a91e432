"""From a continuous opening to commands a gripper can carry out, and what became of them."""

from __future__ import annotations

from enum import Enum


class GripperCommand(Enum):
    """What the gripper is to do."""

    OPEN = 'open'
    CLOSE = 'close'


class GripperOutcome(Enum):
    """What became of the last command."""

    NONE = 'none'
    """Nothing was asked for yet."""
    OPENED = 'opened'
    HOLDING = 'holding'
    """Closed on something; whether it is still there, `holding` says."""
    EMPTY = 'empty'
    """Closed on nothing."""
    FAILED = 'failed'
    """The fingers did not end up where they should, or the hand reported an error."""
    CANCELLED = 'cancelled'
    """Stopped on the way."""


class GripperLogic:
    """Hysteresis: closes below `close_below`, opens above `open_above`, in between stays as it is.

    A policy's opening hovers around the middle while it makes up its mind; the gripper must not.
    """

    def __init__(self, close_below: float = 0.4, open_above: float = 0.6) -> None:
        self._close_below = close_below
        self._open_above = open_above
        self._last: GripperCommand | None = None

    def reset(self, last: GripperCommand | None = None) -> None:
        """Starts again, optionally from a command already carried out."""
        self._last = last

    def step(self, opening: float) -> GripperCommand | None:
        """The command for a desired opening, 0 closed to 1 open; None when nothing changes."""
        if opening < self._close_below:
            wanted = GripperCommand.CLOSE
        elif opening > self._open_above:
            wanted = GripperCommand.OPEN
        else:
            return None
        if wanted is self._last:
            return None
        self._last = wanted
        return wanted
