"""What is written down while a stream is played."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

_HELD = 0.0075  # s of the robot's time after which an unchanged reference is one of its own


@dataclass(frozen=True)
class Recording:
    """One stream, played; times are since it began [s].

    Attributes:
        times: (N,) of the measurements.
        robot_times: (N,) of the same, on the robot's own clock.
        positions: (N, 7) measured [rad].
        velocities: (N, 7) measured [rad/s].
        reference_times: (M,) when references were emitted; M is 0 where they are made inside of
            franky.
        references: (M, 7) emitted joint positions [rad].
        starvations: how often there was nothing to follow; None if the strategy does not say.
        refused: chunks not followed, by the name of the reason.
        error: what ended the motion before its time; empty if nothing did.
    """

    times: np.ndarray
    robot_times: np.ndarray
    positions: np.ndarray
    velocities: np.ndarray
    reference_times: np.ndarray
    references: np.ndarray
    starvations: int | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    error: str = ''


class Recorder:
    """Takes down measurements and references as they come; for one thread.

    Args:
        clock: monotonic [s].
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._measured: list[tuple[float, float, np.ndarray, np.ndarray]] = []
        self._emitted: list[tuple[float, np.ndarray]] = []
        self._last: object = None
        self._last_robot_time = -np.inf

    def measured(self, robot_time: float, positions: np.ndarray, velocities: np.ndarray) -> None:
        """Takes down a measurement: the robot's time [s], and (7,) each."""
        if self._measured and robot_time == self._measured[-1][1]:
            return
        self._measured.append((self._clock(), robot_time, positions, velocities))

    def emitted(self, reference: object, positions: np.ndarray, robot_time: float) -> None:
        """Takes down a reference, joint positions (7,).

        The same object again is the same reference, sent once more because no time has passed for
        the robot; but not for long.
        """
        if reference is self._last and robot_time - self._last_robot_time < _HELD:
            return
        self._last, self._last_robot_time = reference, robot_time
        self._emitted.append((self._clock(), np.array(positions)))

    def recording(
        self,
        began: float,
        error: str = '',
        starvations: int | None = None,
        refused: Mapping[str, int] | None = None,
    ) -> Recording:
        """All of it, with times since `began` on the clock [s]."""
        measured = list(zip(*self._measured, strict=True)) or [(), (), (), ()]
        emitted = list(zip(*self._emitted, strict=True)) or [(), ()]
        return Recording(
            times=np.array(measured[0]) - began,
            robot_times=np.array(measured[1]),
            positions=np.array(measured[2]).reshape(-1, 7),
            velocities=np.array(measured[3]).reshape(-1, 7),
            reference_times=np.array(emitted[0]) - began,
            references=np.array(emitted[1]).reshape(-1, 7),
            starvations=starvations,
            refused=dict(refused or {}),
            error=error,
        )
