"""How hard the gripper grasps, how long it is waited for, and what counts as holding something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vls_core.control.grasp import GraspRules
from vls_core.types import InvalidValueError

CONTINUOUS_FORCE: Final = 70.0
"""What the Franka Hand can exert for any length of time [N]; more than that only for a moment."""


class ExcessiveForceError(InvalidValueError):
    """The gripper is asked for more force than it may exert."""


class AnswerTimeoutError(InvalidValueError):
    """The time to wait for the gripper is none."""


@dataclass(frozen=True)
class GripperSettings:
    """How the gripper is used.

    Attributes:
        force: grasping force [N].
        maximum_force: that may be asked for [N].
        answer_timeout: a call to the hand that takes longer than this is a fault [s].
        grasp: what counts as holding something.

    Raises:
        ExcessiveForceError: not 0 < force <= maximum_force <= CONTINUOUS_FORCE.
        AnswerTimeoutError: answer_timeout is not positive and finite.
    """

    force: float = 30.0
    maximum_force: float = CONTINUOUS_FORCE
    answer_timeout: float = 5.0
    grasp: GraspRules = GraspRules()

    def __post_init__(self) -> None:
        _check_force('maximum_force', self.maximum_force, CONTINUOUS_FORCE)
        _check_force('gripper_force', self.force, self.maximum_force)
        if not 0.0 < self.answer_timeout < float('inf'):
            raise AnswerTimeoutError(
                f'gripper_timeout: expected a positive time, got {self.answer_timeout:g} s'
            )


def _check_force(name: str, force: float, maximum: float) -> None:
    if not 0.0 < force <= maximum:
        raise ExcessiveForceError(
            f'{name}: expected more than 0 and at most {maximum:g} N, got {force:g} N'
        )
