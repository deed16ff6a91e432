"""Turns any stream of joint targets into references the arm can follow without complaint.

Each call moves the reference one period towards the target, inside scaled velocity, acceleration
and jerk limits of the FR3 and inside its joint limits. Jumps, late targets and noise come out as
smooth motion; the price is a lag of about 30 ms at the default scales.
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

_SMALLEST_VELOCITY_LIMIT = 0.02  # ruckig needs room to move, also at the very edge [rad/s]
_TARGET_VELOCITY_SHARE = 0.95
_BRAKING_SHARE = 0.5
_GOOD = (Result.Working, Result.Finished)


class LimiterError(RuntimeError):
    """No reference inside the limits exists from the present one; the arm must be stopped."""


@dataclass(frozen=True)
class LimitScales:
    """Shares of the robot's own limits that references may use, each in (0, 1).

    The defaults lag 30 ms behind a moving target; (0.3, 0.5, 0.1) is gentler and lags 70 ms.
    """

    velocity: float = 0.5
    acceleration: float = 0.8
    jerk: float = 0.5

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
        self._acceleration_limit = fr3.MAXIMUM_JOINT_ACCELERATIONS * self._scales.acceleration
        self._ruckig = Ruckig(JOINT_COUNT, period)
        self._input = InputParameter(JOINT_COUNT)
        self._output = OutputParameter(JOINT_COUNT)
        self._input.synchronization = Synchronization.No
        self._input.max_acceleration = self._acceleration_limit
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
        position = np.clip(target_position, self._lower, self._upper)
        velocity = self._feasible_velocity(position, target_velocity)
        self._input.control_interface = ControlInterface.Position
        self._input.target_position = position
        self._input.target_velocity = velocity
        if not self._update():
            return self.brake()
        distance = np.abs(np.asarray(self._output.new_position) - target_position).max()
        return self._advance(bool(distance > self._tolerance))

    def brake(self) -> Reference:
        """The next reference on the fastest way to rest. Raises LimiterError."""
        self._input.control_interface = ControlInterface.Velocity
        self._input.target_velocity = np.zeros(JOINT_COUNT)
        if not self._update():
            raise LimiterError('no way to rest inside the limits')
        return self._advance(True)

    def _update(self) -> bool:
        now = self._reference
        lower, upper = self._velocity_limits(now.position)
        self._input.current_position = now.position
        self._input.current_velocity = now.velocity
        self._input.current_acceleration = now.acceleration
        self._input.max_velocity = upper
        self._input.min_velocity = lower
        return self._ruckig.update(self._input, self._output) in _GOOD

    def _advance(self, limited: bool) -> Reference:
        self._reference = Reference(
            np.array(self._output.new_position),
            np.array(self._output.new_velocity),
            np.array(self._output.new_acceleration),
            limited,
        )
        return self._reference

    def _velocity_limits(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = fr3.velocity_limits(position)
        return (
            np.minimum(lower * self._scales.velocity, -_SMALLEST_VELOCITY_LIMIT),
            np.maximum(upper * self._scales.velocity, _SMALLEST_VELOCITY_LIMIT),
        )

    def _feasible_velocity(self, position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
        # Passing a point near a joint limit at speed means overshooting it, before or after: only
        # as fast as the remaining way allows to brake.
        here = self._velocity_limits(self._reference.position)
        there = self._velocity_limits(position)
        room = np.minimum(position - self._lower, self._upper - position)
        braking = np.sqrt(2.0 * _BRAKING_SHARE * self._acceleration_limit * np.maximum(room, 0.0))
        lower = _TARGET_VELOCITY_SHARE * np.maximum(here[0], there[0])
        upper = _TARGET_VELOCITY_SHARE * np.minimum(here[1], there[1])
        return np.clip(velocity, np.maximum(lower, -braking), np.minimum(upper, braking))
