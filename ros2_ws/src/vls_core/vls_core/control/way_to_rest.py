"""The way on which an arm in motion comes to rest, all joints at the same time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ruckig import (
    ControlInterface,
    InputParameter,
    Result,
    Ruckig,
    RuckigError,
    Synchronization,
    Trajectory,
)

from vls_core.control.errors import LimiterError
from vls_core.types import JOINT_COUNT

_HORIZON = 0.2
"""How far ahead is looked closely [s]."""
_SAMPLES = 12
"""Places looked at, up to 18 ms apart. The end effector's speed may peak between two: by 1.4 % of
what is permitted in thousands of random ways, but by 3.6 % with 40 ms, more than is left."""
_LATER_SAMPLES = 4
"""Places looked at after that, the last one included: the arm must not come to rest outside."""


class WayToRest:
    """Plans stops inside acceleration limits (7,) [rad/s^2] and jerk limits (7,) [rad/s^3]."""

    def __init__(self, acceleration_limit: np.ndarray, jerk_limit: np.ndarray) -> None:
        self._planner = Ruckig(JOINT_COUNT)
        self._trajectory = Trajectory(JOINT_COUNT)
        self._input = InputParameter(JOINT_COUNT)
        self._input.control_interface = ControlInterface.Velocity
        self._input.synchronization = Synchronization.Time
        self._input.max_acceleration = acceleration_limit
        self._input.max_jerk = jerk_limit
        self._input.target_velocity = np.zeros(JOINT_COUNT)

    def of(
        self, position: Sequence[float], velocity: Sequence[float], acceleration: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Positions (n, 7) [rad] and velocities (n, 7) [rad/s] on the way to rest, from now on.

        Args:
            position: (7,) [rad].
            velocity: (7,) [rad/s].
            acceleration: (7,) [rad/s^2].

        Raises:
            LimiterError: there is none.
        """
        self._input.current_position = position
        self._input.current_velocity = velocity
        self._input.current_acceleration = acceleration
        try:
            result = self._planner.calculate(self._input, self._trajectory)
        except RuckigError as error:
            raise LimiterError(f'no way to rest: {error}') from error
        if result not in (Result.Working, Result.Finished):
            raise LimiterError('no way to rest exists inside the limits')
        duration = self._trajectory.duration
        times = np.linspace(0.0, min(duration, _HORIZON), _SAMPLES)
        if duration > _HORIZON:
            later = np.linspace(_HORIZON, duration, _LATER_SAMPLES + 1)
            times = np.append(times, later[1:])
        states = [self._trajectory.at_time(time) for time in times]
        return np.array([state[0] for state in states]), np.array([state[1] for state in states])
