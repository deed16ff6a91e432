"""Turns any stream of joint targets into references the arm can follow without complaint.

Each call moves the reference one period towards the target, inside scaled velocity, acceleration
and jerk limits of the FR3 and inside its joint limits. Jumps, late targets and noise come out as
smooth motion.

The velocity is what is steered: the target's own, plus a correction of the position error. A
time-optimal way to the target's position and velocity would be worse: a reference a hair ahead of
a moving target would turn round to meet it at speed, and swing about it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ruckig import (
    ControlInterface,
    InputParameter,
    OutputParameter,
    Result,
    Ruckig,
    Synchronization,
)

from vls_core.control import fr3
from vls_core.types import JOINT_COUNT, InvalidValueError

_CORRECTION_GAIN = 12.0  # 1/s
_CLOSING_SHARE = 0.4  # of the acceleration limit, to leave room for jerk and a moving target
_GOOD = (Result.Working, Result.Finished)


class LimiterError(RuntimeError):
    """No reference inside the limits exists; the arm must be stopped."""


@dataclass(frozen=True)
class LimitScales:
    """Shares of the robot's own limits that references may use, each in (0, 1).

    By default the jerk stays where the torque it takes can follow: the FR3 allows 1000 Nm/s, and a
    stiff impedance controller that runs into that begins to swing.
    """

    velocity: float = 0.4
    acceleration: float = 0.4
    jerk: float = 0.1

    def __post_init__(self) -> None:
        for name in ('velocity', 'acceleration', 'jerk'):
            if not 0.0 < getattr(self, name) < 1.0:
                raise InvalidValueError(f'scale of {name} must be between 0 and 1')


@dataclass(frozen=True)
class Reference:
    """What the arm is to follow now.

    Attributes:
        position: (7,) [rad].
        velocity: (7,) [rad/s].
        acceleration: (7,) [rad/s^2].
        limited: the target could not be followed as it was asked.
    """

    position: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray
    limited: bool


class ReferenceLimiter:
    """Jerk-limited references from arbitrary joint targets, one per period.

    Args:
        start: (7,) joint positions the reference starts from, at rest [rad].
        period: time between two steps [s].
        scales: shares of the robot's limits in use.
        margin: distance that targets keep from the joint limits [rad].
        tolerance: a reference further than this from its target counts as limited [rad].

    Raises:
        InvalidValueError: the start is not finite or the period not positive.
    """

    def __init__(
        self,
        start: np.ndarray,
        period: float = 0.005,
        scales: LimitScales | None = None,
        margin: float = 0.05,
        tolerance: float = 0.05,
    ) -> None:
        if not period > 0.0:
            raise InvalidValueError(f'period must be positive, got {period}')
        self._scales = scales or LimitScales()
        self._lower = fr3.JOINT_LOWER_LIMITS + margin
        self._upper = fr3.JOINT_UPPER_LIMITS - margin
        self._tolerance = tolerance
        acceleration_limit = fr3.MAXIMUM_JOINT_ACCELERATIONS * self._scales.acceleration
        self._closing_deceleration = _CLOSING_SHARE * acceleration_limit
        self._ruckig = Ruckig(JOINT_COUNT, period)
        self._input = InputParameter(JOINT_COUNT)
        self._output = OutputParameter(JOINT_COUNT)
        self._input.control_interface = ControlInterface.Velocity
        self._input.synchronization = Synchronization.No
        self._input.max_acceleration = acceleration_limit
        self._input.max_jerk = fr3.MAXIMUM_JOINT_JERKS * self._scales.jerk
        self.reset(start)

    def reset(self, start: np.ndarray) -> None:
        """Starts again from joint positions (7,), at rest. Raises InvalidValueError."""
        start = np.array(start, dtype=np.float64)
        if start.shape != (JOINT_COUNT,) or not np.isfinite(start).all():
            raise InvalidValueError('start: expected 7 finite joint positions')
        self._reference = Reference(start, np.zeros(JOINT_COUNT), np.zeros(JOINT_COUNT), False)

    @property
    def reference(self) -> Reference:
        """The reference of the last step, or the start."""
        return self._reference

    def step(self, target_position: np.ndarray, target_velocity: np.ndarray) -> Reference:
        """The next reference on the way to a target position (7,) [rad] and velocity (7,) [rad/s].

        Targets outside the joint limits are moved inside, too fast ones slowed down.

        Raises:
            InvalidValueError: the target is not finite.
            LimiterError: see there.
        """
        if not (np.isfinite(target_position).all() and np.isfinite(target_velocity).all()):
            raise InvalidValueError('target: not finite')
        inside = np.clip(target_position, self._lower, self._upper)
        correction = self._correction(inside - self._reference.position)
        self._change_velocity(target_velocity + correction)
        distance = np.abs(np.asarray(self._output.new_position) - target_position).max()
        return self._advance(bool(distance > self._tolerance))

    def brake(self) -> Reference:
        """The next reference on the fastest way to rest. Raises LimiterError."""
        self._change_velocity(np.zeros(JOINT_COUNT))
        return self._advance(False)

    def _correction(self, error: np.ndarray) -> np.ndarray:
        # Velocity that closes a position error (7,): proportional near the target, further away
        # no faster than what can be braked in time.
        near = self._closing_deceleration / _CORRECTION_GAIN**2
        far = np.sqrt(2.0 * self._closing_deceleration * np.maximum(np.abs(error) - near / 2, 0.0))
        return np.where(np.abs(error) < near, _CORRECTION_GAIN * error, np.sign(error) * far)

    def _change_velocity(self, velocity: np.ndarray) -> None:
        now = self._reference
        lower, upper = self._velocity_limits(now.position)
        self._input.current_position = now.position
        self._input.current_velocity = now.velocity
        self._input.current_acceleration = now.acceleration
        self._input.target_velocity = np.clip(velocity, lower, upper)
        if self._ruckig.update(self._input, self._output) not in _GOOD:
            raise LimiterError('no reference inside the limits exists from the present one')

    def _advance(self, limited: bool) -> Reference:
        self._reference = Reference(
            np.array(self._output.new_position),
            np.array(self._output.new_velocity),
            np.array(self._output.new_acceleration),
            limited,
        )
        return self._reference

    def _velocity_limits(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Also stops short of the margin to the joint limits; beyond it, only the way back is open.
        lower, upper = fr3.velocity_limits(position)
        down = self._correction(np.minimum(self._lower - position, 0.0))
        up = self._correction(np.maximum(self._upper - position, 0.0))
        return (
            np.maximum(lower * self._scales.velocity, down),
            np.minimum(upper * self._scales.velocity, up),
        )
