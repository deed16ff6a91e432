"""What the bridge needs of an arm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from vls_core.control.limiter import Reference


class ArmError(RuntimeError):
    """The arm stopped by itself, is not reachable, or refuses; the message says why."""


@dataclass(frozen=True)
class ArmState:
    """The measured state.

    Attributes:
        time: on the robot's own clock [s].
        joint_positions: (7,) [rad].
        joint_velocities: (7,) [rad/s].
        error: what is wrong with the arm; empty if nothing is.
        user_stop: somebody pressed a stop on the robot itself.
        external_wrench: (6,) force [N] and torque [Nm] on the end effector, along its axes.
        command_success_rate: share of the last 100 commands that came in time; 0 while idle.
    """

    time: float
    joint_positions: np.ndarray
    joint_velocities: np.ndarray
    error: str = ''
    user_stop: bool = False
    external_wrench: np.ndarray = field(default_factory=lambda: np.zeros(6))
    command_success_rate: float = 0.0


class Arm(Protocol):
    """An arm that follows joint references."""

    def read(self) -> ArmState:
        """The measured state. Raises ArmError when the connection is lost."""

    def start_tracking(self) -> None:
        """Begins to follow references, from the present position. Raises ArmError."""

    def track(self, reference: Reference, measured: ArmState) -> None:
        """Follows a reference from now on. Raises ArmError when the arm has stopped following."""

    def stop_tracking(self) -> None:
        """Comes smoothly to rest and stops following. Raises ArmError."""

    def stop(self) -> None:
        """Stops whatever the arm does, at once; safe to call from any thread, at any time."""

    def recover(self) -> None:
        """Clears the errors of the arm. Raises ArmError when they stay."""
