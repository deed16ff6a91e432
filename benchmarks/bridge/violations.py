"""Counts where emitted references break the limits of the FR3.

Written from what the manufacturer publishes (franka_description's joint_limits.yaml, libfranka's
rate_limiting.h), with nothing taken from the code that keeps the limits: the two must not share a
mistake.
"""

from __future__ import annotations

import numpy as np

PERIOD = 0.005
"""Between two references [s]."""

LOWEST = np.array([-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159])
HIGHEST = np.array([2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159])
"""Joint positions [rad]."""

FASTEST = np.array([2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26])
"""Joint velocities [rad/s]."""

ACCELERATION = 10.0
"""Of every joint [rad/s^2]."""

JERK = 5000.0
"""Of every joint [rad/s^3]."""

KINDS = ('position', 'velocity', 'acceleration', 'jerk')

# Near a joint limit the robot allows no more than -c + sqrt(k (q_end - q)) towards it.
_C = np.array([0.30, 0.20, 0.20, 0.30, 0.35, 0.35, 0.35])
_K = np.array([12.0, 5.17, 7.0, 8.0, 34.0, 11.0, 34.0])
_UPPER_END = np.array([2.7501, 1.7918, 2.9065, -0.1458, 2.8101, 4.5205, 3.0196])
_LOWER_END = np.array([-2.7501, -1.7918, -2.9065, -3.0481, -2.8101, 0.54092, -3.0196])
_ROUNDING = 1e-6  # of a limit; a third difference of doubles is not exact


def fastest_up(positions: np.ndarray) -> np.ndarray:
    """The largest velocity at joint positions (..., 7) [rad/s]."""
    room = np.sqrt(np.maximum(0.0, _K * (_UPPER_END - positions)))
    return np.minimum(FASTEST, np.maximum(0.0, room - _C))


def fastest_down(positions: np.ndarray) -> np.ndarray:
    """The most negative velocity at joint positions (..., 7) [rad/s]."""
    room = np.sqrt(np.maximum(0.0, _K * (positions - _LOWER_END)))
    return np.maximum(-FASTEST, np.minimum(0.0, _C - room))


def derivatives(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Velocity, acceleration and jerk, each (N, 7), by differences of (N, 7), at rest before."""
    before = np.repeat(positions[:1], 3, axis=0)
    velocity = np.diff(np.vstack([before, positions]), axis=0) / PERIOD
    acceleration = np.diff(velocity, axis=0) / PERIOD
    jerk = np.diff(acceleration, axis=0) / PERIOD
    return velocity[2:], acceleration[1:], jerk


def count(positions: np.ndarray) -> dict[str, int]:
    """How many of the references (N, 7), one per PERIOD, break a limit in any joint, by kind."""
    if not len(positions):
        return dict.fromkeys(KINDS, 0)
    velocity, acceleration, jerk = derivatives(positions)
    broken = (
        (positions < LOWEST) | (positions > HIGHEST),
        (velocity > fastest_up(positions) * (1 + _ROUNDING))
        | (velocity < fastest_down(positions) * (1 + _ROUNDING)),
        np.abs(acceleration) > ACCELERATION * (1 + _ROUNDING),
        np.abs(jerk) > JERK * (1 + _ROUNDING),
    )
    return {
        kind: int(joints.any(axis=1).sum()) for kind, joints in zip(KINDS, broken, strict=True)
    }
