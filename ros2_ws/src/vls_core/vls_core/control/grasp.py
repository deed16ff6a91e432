"""Whether the fingers hold something, judged by the measured distance between them alone.

What the hand itself says about a grasp is not enough: a hand that closed on nothing may report
success, and nobody reports an object that slips out later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.control.gripper_logic import GripperCommand, GripperOutcome
from vls_core.types import MAXIMUM_GRIPPER_WIDTH, InvalidValueError

_STILL = 0.0005  # m; fingers that moved less are at rest


class GraspRangeError(InvalidValueError):
    """The widths or times that tell a grasp contradict themselves."""


@dataclass(frozen=True)
class GraspRules:
    """What counts as holding something.

    Attributes:
        minimum_width: of something held; below it the fingers are closed on nothing [m].
        maximum_width: of something held [m].
        settle_time: fingers that did not move for so long are at rest [s].
        settle_timeout: after the hand's answer, how long the fingers may take to rest [s].

    Raises:
        GraspRangeError: not 0 <= minimum_width < maximum_width <= MAXIMUM_GRIPPER_WIDTH, or not
            0 < settle_time < settle_timeout.
    """

    minimum_width: float = 0.005
    maximum_width: float = 0.078
    settle_time: float = 0.15
    settle_timeout: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.minimum_width < self.maximum_width <= MAXIMUM_GRIPPER_WIDTH:
            raise GraspRangeError(
                'minimum_grasp_width and maximum_grasp_width: expected '
                f'0 <= minimum < maximum <= {MAXIMUM_GRIPPER_WIDTH:g} m, '
                f'got {self.minimum_width:g} and {self.maximum_width:g} m'
            )
        if not 0.0 < self.settle_time < self.settle_timeout < np.inf:
            raise GraspRangeError(
                f'settle_time {self.settle_time:g} s must be positive and below settle_timeout '
                f'{self.settle_timeout:g} s'
            )

    def allows(self, width: float) -> bool:
        """Whether something of this width [m] may be between the fingers."""
        return self.minimum_width <= width <= self.maximum_width


class GraspWatch:
    """Follows the measured width through commands; for one thread.

    Args:
        rules: what counts as holding.
        time: monotonic time of the first measurement [s].
        width: first measured [m].
    """

    def __init__(self, rules: GraspRules, time: float, width: float) -> None:
        self._rules = rules
        self._width = self._rest_width = self._start_width = width
        self._rest_since = self._now = time
        self._closing = False
        self._moved = False
        self.holding = False
        """Whether something is held, as far as was measured."""

    def begin(self, command: GripperCommand, time: float) -> None:
        """A command is about to be sent, at a time [s]; an opening hand holds nothing."""
        self._closing = command is GripperCommand.CLOSE
        self._moved, self._start_width = False, self._width
        self._rest_since = self._now = time
        self._rest_width = self._width
        self.holding = self.holding and self._closing

    def measure(self, time: float, width: float) -> None:
        """Takes in a width [m] measured at a time [s]; an object that is gone is noticed."""
        self._now, self._width = time, width
        if abs(width - self._rest_width) > _STILL:
            self._rest_since, self._rest_width = time, width
        self._moved = self._moved or abs(width - self._start_width) > _STILL
        self.holding = self.holding and self._rules.allows(width)

    @property
    def resting(self) -> bool:
        """Whether the fingers have stopped moving."""
        return self._now - self._rest_since >= self._rules.settle_time

    @property
    def gripping(self) -> bool:
        """Whether letting go of the force now could drop something.

        True while something is held, and as soon as closing fingers came to rest against it, even
        if the hand has not answered yet.
        """
        met = self._closing and self._moved and self.resting and self._rules.allows(self._width)
        return self.holding or met

    def finish(self, succeeded: bool) -> GripperOutcome:
        """The outcome of the command begun last, once the hand has answered."""
        closing, self._closing = self._closing, False
        self.holding = False
        if not succeeded or not self.resting:
            return GripperOutcome.FAILED
        if not closing:
            return GripperOutcome.OPENED
        if self._width < self._rules.minimum_width:
            return GripperOutcome.EMPTY
        self.holding = self._rules.allows(self._width)
        return GripperOutcome.HOLDING if self.holding else GripperOutcome.FAILED

    def abandon(self) -> None:
        """The command begun last was stopped on the way."""
        self._closing = False
