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
            elapsed = time - self._start
            return JointPoint(first.position + elapsed * first.velocity, first.velocity)
        if steps >= last_segment + 1:
            return self._segment(last_segment, 1.0)
        index = int(steps)
        return self._segment(index, steps - index)

    def _segment(self, index: int, u: float) -> JointPoint:
        weights = np.array([
            (1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3
        ])
        slopes = np.array([
            -((1 - u) ** 2), 3 * u**2 - 4 * u, -3 * u**2 + 2 * u + 1, u**2
        ])
        points = self._control[index : index + 4]
        return JointPoint(weights @ points / 6.0, slopes @ points / (2.0 * self._step))
