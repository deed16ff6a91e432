"""An arm that is only looked at."""

from __future__ import annotations

from franka_bridge.arm import Arm, ArmState
from vls_core.control.limiter import Reference


class DryArm:
    """Reads a real arm and sends it nothing, whatever is asked: what a dry run moves.

    Args:
        arm: to look at.
    """

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def read(self) -> ArmState:
        """The measured state. Raises ArmError when the connection is lost."""
        return self._arm.read()

    def start_tracking(self) -> None:
        """Does nothing."""

    def track(self, reference: Reference, measured: ArmState) -> None:
        """Does nothing."""

    def stop_tracking(self) -> None:
        """Does nothing."""

    def stop(self) -> None:
        """Does nothing."""

    def recover(self) -> None:
        """Does nothing."""
