"""A gripper that was told to close or to open is left to finish it.

Fingers take half a second to close. Plans are made anew several times in that time, each a little
elsewhere, and without this one could open again what the one before began to close.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

Command = TypeVar('Command', float, 'float | None')
CLOSE_BELOW, OPEN_ABOVE = 0.4, 0.6
"""Openings at which the gripper is told to close or to open; in between nothing changes."""


class GripperDwell:
    """Keeps a command for a while after it has changed.

    Args:
        duration: at least this long [s]; 0 keeps nothing.
    """

    def __init__(self, duration: float) -> None:
        self._duration = duration
        self._command: float | None = None
        self._changed = -np.inf

    @property
    def command(self) -> float | None:
        """0 closed or 1 open, as executed last; None before anything was."""
        return self._command

    def kept(self, times: np.ndarray, openings: np.ndarray) -> np.ndarray:
        """What to ask for instead of openings (H,), 0 closed to 1 open, due at times (H,) [s]."""
        command, changed = self._command, self._changed
        asked = np.array(openings, dtype=np.float64)
        for number, (time, opening) in enumerate(zip(times, openings, strict=True)):
            wanted = command_of(opening, command)
            if command is not None and wanted != command and time - changed < self._duration:
                asked[number] = command
            elif wanted != command:
                command, changed = wanted, time
        return asked

    def executed(self, time: float, opening: float) -> None:
        """Takes note of what was asked for at a time [s]."""
        wanted = command_of(opening, self._command)
        if wanted != self._command:
            first = self._command is None
            self._command, self._changed = wanted, -np.inf if first else time


def command_of(opening: float, command: Command) -> float | Command:
    """0 closed or 1 open for an opening in 0..1; in between, the command before it."""
    if opening < CLOSE_BELOW:
        return 0.0
    return 1.0 if opening > OPEN_ABOVE else command
