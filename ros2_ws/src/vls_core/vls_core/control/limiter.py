"""Turns any stream of joint targets into references the arm can follow without complaint.

Each call moves the reference one period towards the target, inside scaled velocity, acceleration,
jerk and torque-rate limits of the arm, inside its joint limits, and inside what the end effector
may do where it is. Jumps, late targets and noise come out as smooth motion.

The velocity is what is steered: the target's own, plus a correction of the position error. A
time-optimal way to the target's position and velocity would be worse: a reference a hair ahead of
a moving target would turn round to meet it at speed, and swing about it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from ruckig import (
    ControlInterface,
    InputParameter,
    OutputParameter,
    Result,
    Ruckig,
    Synchronization,
)

from vls_core.control.errors import LimiterError
from vls_core.control.limit_scales import LimitScales
from vls_core.control.robot_limits import FR3, RobotLimits
from vls_core.control.way_to_rest import WayToRest
from vls_core.types import JOINT_COUNT, InvalidValueError

_CORRECTION_GAIN = 12.0  # 1/s
_CLOSING_SHARE = 0.4  # of the acceleration limit, to leave room for jerk and a moving target
_SHARES = (1.0, 0.2, 0.0)  # of what is wanted, tried along a border
_TOGETHER = {True: Synchronization.Time, False: Synchronization.No}
_GOOD = (Result.Working, Result.Finished)


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


@dataclass(frozen=True)
class Governed:
    """What is allowed of a wanted velocity.

    Attributes:
        share: how much of it, 0 to 1.
        together: all joints have to reach it at the same time. A combination of speeds on the way
            is then no faster than both ends.
    """

    share: float
    together: bool


class VelocityGovernor(Protocol):
    """Slows joint velocities down for a reason of its own, such as the end effector's speed."""

    def reset(self, position: np.ndarray) -> None:
        """Begins at joint positions (7,), at rest [rad]."""

    def govern(self, position: np.ndarray, velocity: np.ndarray, wanted: np.ndarray) -> Governed:
        """What is allowed of a wanted velocity (7,) at a position (7,) and velocity (7,)."""

    def along(self, position: np.ndarray, wanted: np.ndarray, share: float) -> np.ndarray:
        """A velocity (7,) near a share of a wanted one that is permitted sooner than that."""

    def permits(self, positions: np.ndarray, velocities: np.ndarray) -> bool:
        """Whether the arm may move through positions (n, 7) at velocities (n, 7)."""


class ReferenceLimiter:
    """Jerk-limited references from arbitrary joint targets, one per period.

    Args:
        start: (7,) joint positions to start from, at rest [rad].
        period: time between two references [s].
        scales: shares of the robot's limits.
        limits: of the robot.
        governor: may slow the arm down further.
        margin: distance kept from the joint limits [rad].
        tolerance: distance between target and reference that counts as limited [rad].

    Raises:
        InvalidValueError: period or start make no sense.
    """

    def __init__(
        self,
        start: np.ndarray,
        period: float = 0.005,
        scales: LimitScales | None = None,
        limits: RobotLimits = FR3,
        governor: VelocityGovernor | None = None,
        margin: float = 0.05,
        tolerance: float = 0.05,
    ) -> None:
        if not period > 0.0:
            raise InvalidValueError(f'period must be positive, got {period}')
        self._scales = scales or LimitScales()
        self._limits, self._governor = limits, governor
        self._lower, self._upper = limits.within(margin)
        self._tolerance = tolerance
        acceleration_limit = limits.acceleration * self._scales.acceleration
        self._closing_deceleration = _CLOSING_SHARE * acceleration_limit
        self._period, self._jerk_limit = period, self._scales.jerk_limits(limits)
        self._ruckig = Ruckig(JOINT_COUNT, period)
        self._input = InputParameter(JOINT_COUNT)
        self._output = OutputParameter(JOINT_COUNT)
        self._input.control_interface = ControlInterface.Velocity
        self._input.synchronization = Synchronization.No
        self._input.max_acceleration = acceleration_limit
        self._input.max_jerk = self._jerk_limit
        self._way_to_rest = WayToRest(acceleration_limit, self._jerk_limit)
        self.reset(start)

    def reset(self, start: np.ndarray) -> None:
        """Starts again from joint positions (7,), at rest. Raises InvalidValueError."""
        start = np.array(start, dtype=np.float64)
        if start.shape != (JOINT_COUNT,) or not np.isfinite(start).all():
            raise InvalidValueError('start: expected 7 finite joint positions')
        self._reference = Reference(start, np.zeros(JOINT_COUNT), np.zeros(JOINT_COUNT), False)
        if self._governor is not None:
            self._governor.reset(start)

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
        wanted = target_velocity + correction
        self._change_velocity(wanted)
        if not (self._may_stop_from_there() or self._goes_along(wanted)):
            self._stop()
        distance = np.abs(np.asarray(self._output.new_position) - target_position).max()
        return self._advance(bool(distance > self._tolerance))

    def brake(self) -> Reference:
        """The next reference on the fastest way to rest. Raises LimiterError."""
        self._stop()
        return self._advance(False)

    def _correction(self, error: np.ndarray) -> np.ndarray:
        # Velocity that closes a position error (7,): proportional near the target, further away
        # no faster than what can be braked in time.
        near = self._closing_deceleration / _CORRECTION_GAIN**2
        far = np.sqrt(2.0 * self._closing_deceleration * np.maximum(np.abs(error) - near / 2, 0.0))
        return np.where(np.abs(error) < near, _CORRECTION_GAIN * error, np.sign(error) * far)

    def _change_velocity(self, velocity: np.ndarray) -> None:
        now = self._reference
        lower, upper = self._velocity_limits(now)
        wanted = np.clip(velocity, lower, upper)
        together = False
        if self._governor is not None:
            governed = self._governor.govern(now.position, now.velocity, wanted)
            wanted, together = governed.share * wanted, governed.together
        self._update(wanted, _TOGETHER[together])

    def _may_stop_from_there(self) -> bool:
        # The way to rest from the present reference is permitted, for this was asked a period ago:
        # as long as only references with such a way are taken, there is always one to go on with.
        if self._governor is None:
            return True
        new = self._output
        way = self._way_to_rest.of(new.new_position, new.new_velocity, new.new_acceleration)
        return self._governor.permits(*way)

    def _goes_along(self, wanted: np.ndarray) -> bool:
        # At a border, a step that leads out by a hair is not permitted, and an arm that only ever
        # stopped would stand there for good: less of it, along the border, may be.
        assert self._governor is not None, 'without one, everything is permitted'
        now = self._reference
        limits = self._velocity_limits(now)
        for share in _SHARES:
            velocity = np.clip(
                self._governor.along(now.position, np.clip(wanted, *limits), share), *limits
            )
            governed = self._governor.govern(now.position, now.velocity, velocity)
            self._update(governed.share * velocity, Synchronization.Time)
            if self._may_stop_from_there():
                return True
        return False

    def _stop(self) -> None:
        self._update(np.zeros(JOINT_COUNT), Synchronization.Time)

    def _update(self, velocity: np.ndarray, synchronization: Synchronization) -> None:
        now = self._reference
        self._input.synchronization = synchronization
        self._input.current_position = now.position
        self._input.current_velocity = now.velocity
        self._input.current_acceleration = now.acceleration
        self._input.target_velocity = velocity
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

    def _velocity_limits(self, now: Reference) -> tuple[np.ndarray, np.ndarray]:
        # Also stops short of the margin to the joint limits; beyond it, only the way back is open.
        position = now.position
        lower, upper = self._limits.velocity_limits(position)
        lower_ahead, upper_ahead = self._limits.velocity_limits(self._turning_position(now))
        down = self._correction(np.minimum(self._lower - position, 0.0))
        up = self._correction(np.maximum(self._upper - position, 0.0))
        return (
            np.maximum(np.maximum(lower, lower_ahead) * self._scales.velocity, down),
            np.minimum(np.minimum(upper, upper_ahead) * self._scales.velocity, up),
        )

    def _turning_position(self, now: Reference) -> np.ndarray:
        # Where the arm is before it can speed up no more (7,): limits that fall towards a joint
        # stop are those of there, for by then they are in force.
        time = self._period + np.abs(now.acceleration) / self._jerk_limit
        return now.position + now.velocity * time + now.acceleration * time**2 / 3.0
