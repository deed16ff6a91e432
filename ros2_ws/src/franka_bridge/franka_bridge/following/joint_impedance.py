"""Joint impedance: springs and dampers pull the joints to the reference, at 1 kHz in C++."""

from __future__ import annotations

import franky

from franka_bridge.arm import ArmState
from vls_core.control import fr3
from vls_core.control.limiter import Reference

_TORQUE_RATE = 0.9  # Nm per millisecond; the robot allows 1


class JointImpedance:
    """The default: soft to what the arm meets, and calm when a reference comes late.

    Should this process stop giving references while its 1 kHz loop runs on, the arm stays within
    damping / stiffness x velocity of the last one.
    """

    def begin(self, robot: franky.Robot) -> None:
        """Starts the impedance controller at the present position."""
        self._tracker = franky.JointImpedanceTracker(
            robot, stiffness=fr3.STIFFNESS, max_delta_tau=_TORQUE_RATE
        )

    def follow(self, reference: Reference, measured: ArmState) -> None:
        """Hands the reference to the impedance controller."""
        self._tracker.set_target(reference.position, dq=reference.velocity)

    def rest_motion(self) -> franky.Motion:
        """Ramps the torque down into damping."""
        return franky.TorqueStopMotion()
