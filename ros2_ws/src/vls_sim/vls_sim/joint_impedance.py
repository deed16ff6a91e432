"""The torque law of franky's JointImpedanceTracker, for runs without the network."""

from __future__ import annotations

import numpy as np

from vls_core.control import fr3
from vls_core.control.limiter import Reference
from vls_core.types import JOINT_COUNT

MAXIMUM_TORQUE_STEP = 1.0
"""Largest change of a commanded torque per millisecond, franky's default [Nm]."""


class JointImpedance:
    """Pulls the joints to a reference like springs with critical damping.

    Args:
        stiffness: (7,) [Nm/rad]; the damping is 2 sqrt(stiffness) [Nm s/rad], as in franky.
    """

    def __init__(self, stiffness: np.ndarray = fr3.STIFFNESS) -> None:
        self._stiffness = np.array(stiffness)
        self._damping = 2.0 * np.sqrt(self._stiffness)
        self.reset()

    def reset(self) -> None:
        """Forgets the last torque."""
        self._torque = np.zeros(JOINT_COUNT)

    def torque(
        self, positions: np.ndarray, velocities: np.ndarray, reference: Reference
    ) -> np.ndarray:
        """Torque (7,) for one millisecond, without gravity and Coriolis compensation [Nm].

        Args:
            positions: (7,) measured [rad].
            velocities: (7,) measured [rad/s].
        """
        wanted = self._stiffness * (reference.position - positions)
        wanted += self._damping * (reference.velocity - velocities)
        step = (wanted - self._torque).clip(-MAXIMUM_TORQUE_STEP, MAXIMUM_TORQUE_STEP)
        self._torque = self._torque + step
        return self._torque
