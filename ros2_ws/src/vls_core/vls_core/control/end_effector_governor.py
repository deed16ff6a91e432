"""Keeps the end effector below the speed allowed where it is, and inside its workspace."""

from __future__ import annotations

from copy import copy
from typing import Protocol

import numpy as np

from vls_core.control.border import Border
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Governed

_HEADROOM = 0.8
"""Share of the allowed speed that is aimed at: the arm turns while it moves, and the end effector
of joints at a steady speed may become a little faster."""
_NEAR = 0.5
"""From this share of the allowed speed on, the joints change their speeds together."""
_PERMITTED = 0.97
"""Share of the allowed speed on the way to rest, which is looked at in a few places only."""

_ROUNDS = 3
"""Over the axes: to turn a velocity along one face turns it a little towards another."""
_STILL = 1e-6
"""Below this square of a derivative an axis cannot be moved along [m^2/rad^2]."""


class AllowedSpeed(Protocol):
    """Says how fast the end effector may be somewhere."""

    def allowed_speed(self, position: np.ndarray) -> float:
        """At a position (3,) in the base frame [m/s]."""


class EndEffectorGovernor:
    """Slows all joints by one share, so that the end effector keeps its direction.

    At the border of the workspace it turns: what leads along the border is left.

    Args:
        kinematics: not used by anyone else meanwhile.
        speeds: how fast it may be.
        border: where; None: anywhere.
    """

    def __init__(
        self, kinematics: Fr3Kinematics, speeds: AllowedSpeed, border: Border | None = None
    ) -> None:
        self._kinematics, self._speeds, self._border = kinematics, speeds, border

    def reset(self, position: np.ndarray) -> None:
        """Begins at joint positions (7,), possibly outside of the workspace [rad]."""
        if self._border is not None:
            self._border.reset(self._kinematics.forward(position)[0])

    def govern(self, position: np.ndarray, velocity: np.ndarray, wanted: np.ndarray) -> Governed:
        """What is allowed of a wanted velocity (7,) [rad/s].

        Args:
            position: (7,) present joint positions [rad].
            velocity: (7,) present joint velocities [rad/s].
        """
        where, jacobian = self._kinematics.linear_jacobian(position)
        if self._border is not None:
            self._border.reached(where)
        allowed = self._speeds.allowed_speed(where)
        aim = _HEADROOM * allowed
        wish = float(np.linalg.norm(jacobian @ wanted))
        present = float(np.linalg.norm(jacobian @ velocity))
        share = min(1.0, aim / max(wish, 1e-9)) * min(1.0, aim / max(present, 1e-9)) ** 2
        return Governed(share, max(wish, present) > _NEAR * allowed)

    def along(self, position: np.ndarray, wanted: np.ndarray, share: float) -> np.ndarray:
        """A velocity (7,) near a share of a wanted one that leads no further out [rad/s].

        What leads towards a face of the workspace falls to zero there; outside, it leads back.

        Args:
            position: (7,) present joint positions [rad].
            wanted: (7,) [rad/s].
            share: how much of it; 0: only back.
        """
        velocity = share * wanted
        if self._border is None:
            return velocity
        where, jacobian = self._kinematics.linear_jacobian(position)
        slowest, fastest = self._border.speeds(where, within=share == 0.0)
        for axis in np.tile(range(3), _ROUNDS):
            row = jacobian[axis]
            speed = row @ velocity
            excess = np.clip(speed, slowest[axis], fastest[axis]) - speed
            velocity = velocity + row * excess / max(row @ row, _STILL)
        return velocity

    def permits(self, positions: np.ndarray, velocities: np.ndarray) -> bool:
        """Whether the end effector stays below its speed limits, and where it may be.

        Args:
            positions: (n, 7) joint positions [rad].
            velocities: (n, 7) joint velocities [rad/s].
        """
        border = copy(self._border)  # of those on the way; what is outside at first may shrink
        for position, velocity in zip(positions, velocities, strict=True):
            where, jacobian = self._kinematics.linear_jacobian(position)
            if border is not None:
                if not border.allows(where):
                    return False
                border.reached(where)
            speed = float(np.linalg.norm(jacobian @ velocity))
            if speed > _PERMITTED * self._speeds.allowed_speed(where):
                return False
        return True
