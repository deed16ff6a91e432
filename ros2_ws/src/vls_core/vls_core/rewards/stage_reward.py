"""The reward of one stage in one scene: a weighted sum of vetted terms, each still visible."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.rewards.program import Stage
from vls_core.rewards.terms import FUNCTIONS, clearance
from vls_core.trajectory import Trajectory
from vls_core.types import Scene


@dataclass(frozen=True)
class StageReward:
    """Callable reward of a stage; 0 is perfect, the unit is the metre.

    Attributes:
        stage: the stage of the program.
        scene: the scene its names refer to; programs re-bind to where things are now.
    """

    stage: Stage
    scene: Scene

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
        """(B,) hard check: whether a plan stays clear of what the stage is to stay clear of."""
        return ~self.collides(trajectory)

    def collides(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) whether a plan would touch something the stage is to stay clear of."""
        touched = torch.zeros(trajectory.particles, dtype=torch.bool)
        for term in self.stage.terms:
            if term.kind == 'avoid':
                touched |= clearance(term.object, self.scene, trajectory).amin(1) <= 0.0
        return touched

    @property
    def term_names(self) -> tuple[str, ...]:
        """A readable label for each term, in order."""
        return tuple(
            ' '.join([term.kind, getattr(term, 'object', '')]).strip()
            for term in self.stage.terms
        )
