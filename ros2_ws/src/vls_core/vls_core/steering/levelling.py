"""Gradients for actions that add up over a chunk.

Where actions are displacements, the first one moves the whole rest of the chunk and the last one
next to nothing. A plain gradient takes many steps to find a plan that arrives early and stays:
it shifts all actions alike. Here it is divided by how much actions move, taken together: a damped
step of Gauss and Newton for "move every position by as much".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.trajectory import Trajectory
from vls_core.types import Observation

_PROBE = 0.1  # deviations
_LASTING = 0.5  # of what an action moves at once must be left at the end of a chunk


@dataclass(frozen=True)
class Levelling:
    """Turns gradients of one policy into directions; positive definite, so uphill stays uphill.

    Attributes:
        along_time: (H, H) symmetric, for actions that add up.
        adds_up: (D,) which of the actions do.
    """

    along_time: torch.Tensor
    adds_up: torch.Tensor

    @classmethod
    def of(cls, policy: FrozenPolicy, observation: Observation, share: float) -> Levelling:
        """Args: share: 0 changes nothing, 1 levels entirely; in between is damped."""
        steps = torch.ones(policy.horizon, policy.horizon, dtype=torch.float64).tril()
        effect = steps.T @ steps
        effect = share * effect / effect.diagonal().mean()
        effect += (1 - share) * torch.eye(policy.horizon, dtype=torch.float64)
        return cls(torch.linalg.inv(effect).float(), adding_up(policy, observation))

    def __call__(self, gradient: torch.Tensor) -> torch.Tensor:
        """(B, H, D) a direction as long as the gradient is, of each particle."""
        direction = torch.where(self.adds_up, self.along_time @ gradient, gradient)
        length, new_length = (
            values.flatten(1).norm(dim=1).view(-1, 1, 1) for values in (gradient, direction)
        )
        return direction * (length / new_length.clamp_min(1e-12))


@torch.no_grad()
def adding_up(policy: FrozenPolicy, observation: Observation) -> torch.Tensor:
    """(D,) which actions move the hand for the rest of a chunk, found out by trying each."""
    width = policy.action_width
    tried = torch.zeros(width + 1, policy.horizon, width)
    tried[torch.arange(width), 0, torch.arange(width)] = _PROBE
    poses = _poses(policy.decode(tried, observation))
    moved = (poses[:-1] - poses[-1:]).norm(dim=-1)
    return (moved[:, -1] > 0) & (moved[:, -1] >= _LASTING * moved[:, 1])


def _poses(trajectory: Trajectory) -> torch.Tensor:
    """(B, T + 1, 3 or 12) where the hand is, and how it is turned where that is planned."""
    if trajectory.rotations is None:
        return trajectory.positions
    return torch.cat([trajectory.positions, trajectory.rotations.flatten(2)], -1)
