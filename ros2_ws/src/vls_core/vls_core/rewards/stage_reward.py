"""The reward of one stage in one scene: a weighted sum of vetted terms, each still visible."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.rewards.arm_check import WholeArmCheck
from vls_core.rewards.program import Stage
from vls_core.rewards.terms import FUNCTIONS, clearance
from vls_core.trajectory import Trajectory
from vls_core.types import RobotState, Scene

ARM_CHECK = WholeArmCheck(margin=0.0)
"""No margin: the spheres stand 15 mm proud of the arm on average."""


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
        """(B,) hard check: whether a plan stays clear of what the stage is to stay clear of.

        Where no plan keeps the whole arm clear, those pass that keep the hand clear: being coarse,
        the spheres around the arm must not make the one plan that leaves an obstacle look as bad
        as those that run into it.
        """
        hand = ~self.collides(trajectory)
        if self.robot is None or not self._avoided:
            return hand
        arm = hand & ARM_CHECK(trajectory, self.robot, self.scene, self._avoided).clear
        return arm if arm.any() else hand

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
