"""Curves in joint space: a smooth one through the joint positions of an action chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class JointPoint:
    """One point of a curve; each (7,).

    Attributes:
        position: [rad].
        velocity: its derivative [rad/s].
        acceleration: its second derivative [rad/s^2].
        feedforward: the velocity to feed forward to a controller [rad/s]; less than `velocity`
            where one chunk takes over from another (see `merging`).
    """

    position: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray
    feedforward: np.ndarray

    @staticmethod
    def at_rest(position: np.ndarray) -> JointPoint:
        """Standing still at (7,) [rad]."""
        zero = np.zeros_like(position)
        return JointPoint(position, zero, zero, zero)


class JointCurve(Protocol):
    """Where the arm should be at any time; position, velocity and acceleration are continuous."""

    def sample(self, time: float) -> JointPoint:
        """The point at a time [s]."""


class JointTrajectory:
    """Uniform cubic B-spline with the joint positions as control points; it ends at rest.

    Position, velocity and acceleration are continuous. Straight runs are followed exactly; single
    noisy steps are smoothed away instead of being chased, as an interpolating curve would. Before
    the first position the curve is its tangent there; it settles on the last position one step
    after that was due.

    Args:
        start_time: when the first position is due [s].
        step_duration: time between two positions [s].
        positions: (N, 7) with N >= 1 [rad].
    """

    def __init__(self, start_time: float, step_duration: float, positions: np.ndarray) -> None:
        self._start = start_time
        self._step = step_duration
        second = positions[min(1, len(positions) - 1)]
        before = 2 * positions[0] - second  # the curve then starts at the first position
        self._control = np.vstack([before, positions, positions[-1], positions[-1]])

    def sample(self, time: float) -> JointPoint:
        """The point of the curve at a time [s]."""
        steps = (time - self._start) / self._step
        last_segment = len(self._control) - 4
        if steps < 0.0:
            first = self._segment(0, 0.0)
            position = first.position + (time - self._start) * first.velocity
            return JointPoint(position, first.velocity, first.acceleration, first.velocity)
        if steps >= last_segment + 1:
            return JointPoint.at_rest(self._control[-1])
        index = int(steps)
        return self._segment(index, steps - index)

    def _segment(self, index: int, u: float) -> JointPoint:
        weights = np.array([
            [(1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3],
            [-3 * (1 - u) ** 2, 9 * u**2 - 12 * u, -9 * u**2 + 6 * u + 3, 3 * u**2],
            [6 * (1 - u), 18 * u - 12, -18 * u + 6, 6 * u],
        ])
        position, slope, bend = weights @ self._control[index : index + 4] / 6.0
        velocity = slope / self._step
        return JointPoint(position, velocity, bend / self._step**2, velocity)
