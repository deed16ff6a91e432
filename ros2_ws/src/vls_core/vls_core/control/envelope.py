"""The last check before a reference is sent; it believes nobody, the limiter least of all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vls_core.control import fr3
from vls_core.control.border import Border
from vls_core.control.collisions import CollisionChecker, CollisionRules
from vls_core.control.continuity import Continuity
from vls_core.control.errors import EnvelopeViolationError
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference
from vls_core.control.robot_limits import FR3, RobotLimits
from vls_core.control.speed_zones import SpeedZones


class NotFiniteError(EnvelopeViolationError):
    """A reference or a measurement is not a finite number."""


class JointLimitError(EnvelopeViolationError):
    """A reference leaves the joint position or velocity limits."""


class WorkspaceError(EnvelopeViolationError):
    """A reference takes the end effector out of the workspace, for example into the table."""


class LeashError(EnvelopeViolationError):
    """The arm does not follow: reference and measured position are too far apart."""


class EndEffectorSpeedError(EnvelopeViolationError):
    """A reference moves the end effector faster than is allowed where it is."""


@dataclass(frozen=True)
class EnvelopeRules:
    """The envelope.

    Attributes:
        workspace: where the end effector may be.
        workspace_slack: how far it may leave the workspace, as the curve between two targets
            inside does now and then [m].
        leash: between reference and measured position, in any joint [rad].
        joint_margin: distance to the joint limits [rad].
        speeds: how fast the end effector may be.
        collisions: what the arm must not touch.
    """

    workspace: fr3.WorkspaceBox = fr3.DEFAULT_WORKSPACE
    workspace_slack: float = 0.010
    leash: float = 0.2
    joint_margin: float = 0.02
    speeds: SpeedZones = field(default_factory=lambda: SpeedZones((), 0.9))
    collisions: CollisionRules = field(default_factory=CollisionRules)


class Envelope:
    """Checks every reference; an arm that starts outside may only come back.

    Args:
        kinematics: not used by anyone else meanwhile.
        rules: what is refused.
        limits: of the robot.
        period: between two references [s].
    """

    def __init__(
        self, kinematics: Fr3Kinematics, rules: EnvelopeRules | None = None,
        limits: RobotLimits = FR3, period: float = 0.005,
    ) -> None:
        self._kinematics, self._limits = kinematics, limits
        self._rules = rules or EnvelopeRules()
        self._collisions = CollisionChecker(self._rules.collisions)
        self._continuity = Continuity(limits, period)
        self._border = Border(self._rules.workspace, self._rules.workspace_slack)
        self._lower, self._upper = limits.within(self._rules.joint_margin)

    @property
    def collisions(self) -> CollisionChecker:
        """What the arm must not touch; its obstacles may be replaced at any time."""
        return self._collisions

    def reset(self, start: np.ndarray) -> None:
        """Begins at joint positions (7,) [rad], at rest, possibly outside the envelope."""
        self._border.reset(self._kinematics.forward(start)[0])
        lower, upper = self._limits.within(self._rules.joint_margin)
        self._lower, self._upper = np.minimum(lower, start), np.maximum(upper, start)
        self._collisions.reset(start)
        self._continuity.reset(start)

    def check(self, reference: Reference, measured: np.ndarray) -> None:
        """Raises an EnvelopeViolationError unless the reference may be sent.

        Args:
            reference: what is to be sent.
            measured: (7,) joint positions [rad].
        """
        values = (reference.position, reference.velocity, reference.acceleration, measured)
        if not all(np.shape(value) == (7,) and np.isfinite(value).all() for value in values):
            raise NotFiniteError(
                'a reference or a measured joint position is not seven finite numbers'
            )
        self._check_joints(reference)
        self._check_leash(reference, measured)
        self._check_end_effector(reference)
        self._collisions.check(reference.position)
        self._continuity.check(reference)

    def _check_joints(self, reference: Reference) -> None:
        names = self._limits.joint_names
        beyond = (reference.position < self._lower) | (reference.position > self._upper)
        if beyond.any():
            raise JointLimitError(f'{names[int(beyond.argmax())]} is beyond its limits')
        too_fast = np.abs(reference.velocity) > self._limits.velocity
        if too_fast.any():
            raise JointLimitError(f'{names[int(too_fast.argmax())]} is too fast')

    def _check_leash(self, reference: Reference, measured: np.ndarray) -> None:
        apart = np.abs(reference.position - measured)
        if apart.max() > self._rules.leash:
            raise LeashError(
                f'{self._limits.joint_names[int(apart.argmax())]} does not follow: '
                f'{apart.max():.2f} rad behind its reference; something may block the arm'
            )

    def _check_end_effector(self, reference: Reference) -> None:
        position, jacobian = self._kinematics.linear_jacobian(reference.position)
        if not self._border.allows(position):
            raise WorkspaceError(
                f'the end effector would be {self._border.distance(position):.3f} m outside the '
                'workspace'
            )
        self._border.reached(position)
        speed = float(np.linalg.norm(jacobian @ reference.velocity))
        allowed = self._rules.speeds.allowed_speed(position)
        if speed > allowed:
            raise EndEffectorSpeedError(
                f'the end effector would move at {speed:.2f} m/s where {allowed:.2f} m/s are '
                'allowed'
            )
