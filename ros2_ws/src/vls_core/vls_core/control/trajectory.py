"""A smooth curve through the joint positions of an action chunk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class JointPoint:
    """Where the arm should be and how fast: position (7,) [rad], velocity (7,) [rad/s]."""

    position: np.ndarray
    velocity: np.ndarray


class JointTrajectory:
    """Cubic Hermite curve through evenly spaced joint positions; it ends at rest.

    Before the first position the curve is its tangent there, after the last it stays put.

    Args:
        start_time: when the first position is due [s].
        step_duration: time between two positions [s].
        positions: (N, 7) with N >= 1 [rad].
    """

    def __init__(self, start_time: float, step_duration: float, positions: np.ndarray) -> None:
        self._start = start_time
        self._step = step_duration
        self._positions = positions
        self._velocities = np.zeros_like(positions)
        if len(positions) > 1:
            self._velocities = np.gradient(positions, step_duration, axis=0)
            self._velocities[-1] = 0.0

    @property
    def end_time(self) -> float:
        """When the last position is due [s]."""
        return self._start + (len(self._positions) - 1) * self._step

    def sample(self, time: float) -> JointPoint:
        """The point of the curve at a time [s]."""
        steps = (time - self._start) / self._step
        if steps >= len(self._positions) - 1:
            return JointPoint(self._positions[-1], np.zeros_like(self._positions[-1]))
        if steps <= 0.0:
            velocity = self._velocities[0]
            return JointPoint(self._positions[0] + (time - self._start) * velocity, velocity)
        index = int(steps)
        return self._segment(index, steps - index)

    def _segment(self, index: int, u: float) -> JointPoint:
        first, last = self._positions[index], self._positions[index + 1]
        first_slope = self._velocities[index] * self._step
        last_slope = self._velocities[index + 1] * self._step
        position = (
            (2 * u**3 - 3 * u**2 + 1) * first
            + (u**3 - 2 * u**2 + u) * first_slope
            + (3 * u**2 - 2 * u**3) * last
            + (u**3 - u**2) * last_slope
        )
        slope = (
            6 * (u**2 - u) * (first - last)
            + (3 * u**2 - 4 * u + 1) * first_slope
            + (3 * u**2 - 2 * u) * last_slope
        )
        return JointPoint(position, slope / self._step)
