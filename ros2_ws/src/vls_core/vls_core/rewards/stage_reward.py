"""The reward of one stage in one scene: a weighted sum of vetted terms, each still visible."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.control.fr3 import DEFAULT_WORKSPACE
from vls_core.rewards.arm_check import WholeArmCheck
from vls_core.rewards.program import Stage
from vls_core.rewards.terms import FUNCTIONS, clearance
from vls_core.trajectory import Trajectory
from vls_core.types import RobotState, Scene

ARM_CHECK = WholeArmCheck(margin=0.0)
"""No margin: the spheres stand 15 mm proud of the arm on average."""
WORKSPACE_TOLERANCE = 0.03
"""How far a plan may lead out of the workspace [m]; the bridge clamps what does."""


@dataclass(frozen=True)
class StageReward:
    """Callable reward of a stage; 0 is perfect, the unit is the metre.

    Attributes:
        stage: the stage of the program.
        scene: the scene its names refer to; programs re-bind to where things are now.
        robot: where the arm is; with it the hard check is about the whole arm, without it about
            the hand alone.
    """

    stage: Stage
    scene: Scene
    robot: RobotState | None = None

    def __call__(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) weighted sum of all terms."""
        return self.terms(trajectory) @ self.weights(trajectory.positions)

    def terms(self, trajectory: Trajectory) -> torch.Tensor:
        """(B, number of terms) unweighted rewards."""
        return torch.stack(
            [FUNCTIONS[term.kind](term, self.scene, trajectory) for term in self.stage.terms], 1
        )

    def weights(self, like: torch.Tensor) -> torch.Tensor:
        """(number of terms,) weights of the program."""
        return like.new_tensor([term.weight for term in self.stage.terms])

    def passes(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) hard check: a plan stays within the workspace and clear of what is to be avoided.

        Where the robot is known, that is the whole arm, which also has to be able to follow.
        """
        passing = self._within_workspace(trajectory) & ~self.collides(trajectory)
        if self.robot is not None and self._avoided and passing.any():
            arm = ARM_CHECK(trajectory, self.robot, self.scene, self._avoided)
            passing = passing & arm.clear
        return passing

    def _within_workspace(self, trajectory: Trajectory) -> torch.Tensor:
        positions = trajectory.positions[:, 1:]
        lower = positions.new_tensor(DEFAULT_WORKSPACE.lower) - WORKSPACE_TOLERANCE
        upper = positions.new_tensor(DEFAULT_WORKSPACE.upper) + WORKSPACE_TOLERANCE
        return ((positions >= lower) & (positions <= upper)).all(2).all(1)

    def collides(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) whether the hand would touch something the stage is to stay clear of."""
        touched = torch.zeros(trajectory.particles, dtype=torch.bool)
        for name in self._avoided:
            touched |= clearance(name, self.scene, trajectory).amin(1) <= 0.0
        return touched

    @property
    def _avoided(self) -> tuple[str, ...]:
        return tuple(term.object for term in self.stage.terms if term.kind == 'avoid')

    @property
    def term_names(self) -> tuple[str, ...]:
        """A readable label for each term, in order."""
        return tuple(
            ' '.join([term.kind, getattr(term, 'object', '')]).strip()
            for term in self.stage.terms
        )
