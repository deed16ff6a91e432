"""The last check before a reference is sent; it believes nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference


class EnvelopeViolationError(RuntimeError):
    """A reference must not be sent; the arm has to be stopped."""


class NotFiniteError(EnvelopeViolationError):
    """A reference or a measurement is not a finite number."""


class JointLimitError(EnvelopeViolationError):
    """A reference leaves the joint position or velocity limits."""


class WorkspaceError(EnvelopeViolationError):
    """A reference takes the end effector out of the workspace, for example into the table."""


class LeashError(EnvelopeViolationError):
    """The arm does not follow: reference and measured position are too far apart."""


@dataclass(frozen=True)
class EnvelopeRules:
    """The envelope.

    Attributes:
        workspace: where the end effector may be.
        workspace_slack: how far it may leave the workspace, as the curve between two targets
            inside does now and then [m].
        leash: between reference and measured position, in any joint [rad].
    """

    workspace: fr3.WorkspaceBox = fr3.DEFAULT_WORKSPACE
    workspace_slack: float = 0.010
    leash: float = 0.2


class Envelope:
    """Checks every reference; an arm that starts outside the workspace may only come back."""

    def __init__(self, kinematics: Fr3Kinematics, rules: EnvelopeRules | None = None) -> None:
        self._kinematics = kinematics
        self._rules = rules or EnvelopeRules()
        self._allowed_distance = self._rules.workspace_slack

    def reset(self, start: np.ndarray) -> None:
        """Begins at joint positions (7,) [rad], possibly outside the workspace."""
        self._allowed_distance = self._rules.workspace_slack
        self._allowed_distance += self._distance_outside(start)

    def check(self, reference: Reference, measured: np.ndarray) -> None:
        """Raises an EnvelopeViolationError unless the reference may be sent.

        Args:
            reference: what is to be sent.
            measured: (7,) joint positions [rad].
        """
        values = (reference.position, reference.velocity, reference.acceleration, measured)
        if not all(np.isfinite(value).all() for value in values):
            raise NotFiniteError('a reference or a measured joint position is not finite')
        self._check_joints(reference)
        self._check_leash(reference, measured)
        self._check_workspace(reference)

    def _check_joints(self, reference: Reference) -> None:
        beyond = (reference.position < fr3.JOINT_LOWER_LIMITS) | (
            reference.position > fr3.JOINT_UPPER_LIMITS
        )
        if beyond.any():
            raise JointLimitError(f'{fr3.JOINT_NAMES[int(beyond.argmax())]} is beyond its limits')
        too_fast = np.abs(reference.velocity) > fr3.MAXIMUM_JOINT_VELOCITIES
        if too_fast.any():
            raise JointLimitError(f'{fr3.JOINT_NAMES[int(too_fast.argmax())]} is too fast')

    def _check_leash(self, reference: Reference, measured: np.ndarray) -> None:
        apart = np.abs(reference.position - measured)
        if apart.max() > self._rules.leash:
            raise LeashError(
                f'{fr3.JOINT_NAMES[int(apart.argmax())]} does not follow: {apart.max():.2f} rad '
                'behind its reference; something may block the arm'
            )

    def _check_workspace(self, reference: Reference) -> None:
        distance = self._distance_outside(reference.position)
        if distance > self._allowed_distance:
            raise WorkspaceError(
                f'the end effector would be {distance:.3f} m outside the workspace'
            )
        self._allowed_distance = min(
            self._allowed_distance, distance + self._rules.workspace_slack
        )

    def _distance_outside(self, positions: np.ndarray) -> float:
        position, _ = self._kinematics.forward(positions)
        return float(np.linalg.norm(self._rules.workspace.clamp(position) - position))
