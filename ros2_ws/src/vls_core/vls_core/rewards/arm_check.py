"""The last look at a plan before it is sent: does the whole arm stay clear, elbow and all?

Rewards steer the hand; this checks what the rest of the arm would do while the hand follows the
plan. It is a check and not a reward: yes or no, without a gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from vls_core.inverse_kinematics import follow_with_arm
from vls_core.rewards.arm import arm_clearance
from vls_core.rewards.signed_distance import SignedDistance, Union, scene_distance
from vls_core.trajectory import Trajectory
from vls_core.types import InvalidValueError, RobotState, Scene

REACH_TOLERANCE = 1e-3
"""Distance between hand and plan beyond which the arm does not follow it [m]."""


@dataclass(frozen=True)
class ArmVerdict:
    """What the check found, for each of B plans.

    Attributes:
        clear: (B,) whether the arm can follow the plan and keeps the margin all along.
        reachable: (B,) whether the arm can follow the plan.
        clearances: (B,) smallest free distance on the way [m], negative when something is hit,
            infinite when there is nothing to hit. Of no meaning where the plan is not reachable.
    """

    clear: torch.Tensor
    reachable: torch.Tensor
    clearances: torch.Tensor


@dataclass(frozen=True)
class WholeArmCheck:
    """Callable check of plans against the objects to stay clear of; the hand points down.

    The arm is links 2 to 7, the hand and the open fingers (`rewards/arm.py`). The base and the
    table it stands on are not looked at, nor is where the arm is already, only where it goes. An
    arm that is within the margin now gets no plan past this check whose first step does not leave
    it: whoever calls decides by the clearances whether leaving is safer than standing still.

    Attributes:
        margin: free distance to keep [m].
        surroundings: what else to stay clear of, such as an `EsdfGrid` without arm and object.

    Raises:
        InvalidValueError: the margin is negative or not finite.
    """

    margin: float = 0.02
    surroundings: SignedDistance | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.margin < float('inf'):
            raise InvalidValueError(f'margin must be at least 0, got {self.margin}')

    def __call__(
        self, trajectory: Trajectory, robot: RobotState, scene: Scene, names: Sequence[str]
    ) -> ArmVerdict:
        """Checks all steps of B plans but the first, which is where the arm is.

        Args:
            trajectory: the plans.
            robot: the state they begin in; its joints say where the elbow is.
            scene: where things are.
            names: what to stay clear of, without what is grasped or put down on.

        Raises:
            UnknownObjectError: a name is not in the scene.
        """
        distance: SignedDistance = scene_distance(scene, names)
        if self.surroundings is not None:
            distance = Union((distance, self.surroundings))
        with torch.no_grad():
            path = follow_with_arm(trajectory.positions[:, 1:], robot.joint_positions)
            clearances = arm_clearance(path.joint_positions, distance).amin(1)
        reachable = (path.position_errors <= REACH_TOLERANCE).all(1)
        return ArmVerdict(reachable & (clearances >= self.margin), reachable, clearances)
