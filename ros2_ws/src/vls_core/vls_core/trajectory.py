"""What a batch of sampled action chunks would do, in metres: the argument of every reward."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Trajectory:
    """Predicted motion of the end effector for B particles over T steps, differentiable.

    Attributes:
        positions: (B, T + 1, 3) end effector in the base frame [m]; [:, 0] is where it is now.
        gripper: (B, T + 1) opening, 0 closed to 1 open; [:, 0] is the last command.
        step_duration: seconds between two steps.
        rotations: (B, T + 1, 3, 3) end effector in the base frame; None for policies that keep
            the hand pointing down.
    """

    positions: torch.Tensor
    gripper: torch.Tensor
    step_duration: float
    rotations: torch.Tensor | None = None

    @property
    def particles(self) -> int:
        """Number of particles B."""
        return self.positions.shape[0]

    def __getitem__(self, index: slice | torch.Tensor) -> Trajectory:
        """The particles of that index; an int is not enough, the batch dimension stays."""
        rotations = None if self.rotations is None else self.rotations[index]
        return Trajectory(
            self.positions[index], self.gripper[index], self.step_duration, rotations
        )

    def finite(self) -> torch.Tensor:
        """(B,) whether every number of a particle is finite."""
        finite = self.positions.isfinite().all(2).all(1) & self.gripper.isfinite().all(1)
        if self.rotations is not None:
            finite &= self.rotations.flatten(1).isfinite().all(1)
        return finite
