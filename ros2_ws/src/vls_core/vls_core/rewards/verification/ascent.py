"""Where a reward leads: motions improved along its gradient, the best found kept."""

from __future__ import annotations

import torch

from vls_core.rewards.verification.gradient import differentiate
from vls_core.rewards.verification.numeric import Reward
from vls_core.trajectory import Trajectory

STEPS = 25
LONGEST, SHORTEST = 0.04, 0.002
"""How far the step that moves most moves in an iteration, first and last [m]."""
EQUALISING = 0.02
"""Share of the steepest step's gradient from which on a step moves as far as the others."""
OPENING = 0.15
"""How much the gripper changes in an iteration at most."""


def ascend(
    reward: Reward, trajectory: Trajectory, *, end_is_held: bool = False, rigid: bool = False,
    steps: int = STEPS,
) -> tuple[Trajectory, torch.Tensor]:
    """The best motions on the way up, and their rewards (B,).

    Step 0 moves only with the whole motion.

    Args:
        end_is_held: the last step stays where it is.
        rigid: the whole motion is shifted as one piece, step 0 included.
    """
    here = trajectory
    best = trajectory
    best_values = torch.full((trajectory.particles,), -torch.inf)
    for index in range(steps):
        found = differentiate(reward, here)
        better = found.values > best_values
        best = _where(better, here, best)
        best_values = torch.where(better, found.values, best_values)
        length = LONGEST * (SHORTEST / LONGEST) ** (index / max(steps - 1, 1))
        way = found.positions
        if rigid:
            way = way.sum(1, keepdim=True).expand_as(way)
        elif end_is_held:
            way = way.clone()
            way[:, -1] = 0.0
        here = Trajectory(
            here.positions + length * _normalised(way),
            (here.gripper + OPENING * _normalised(found.gripper[..., None])[..., 0]).clamp(0, 1),
            here.step_duration, here.rotations,
        )
    with torch.no_grad():
        values = reward(here)
    better = values > best_values
    return _where(better, here, best), torch.where(better, values, best_values)


def _normalised(way: torch.Tensor) -> torch.Tensor:
    """(B, T + 1, D) with every step of length 1 or nearly so, those of hardly any gradient less.

    A phase that counts for little would otherwise wait until all others are satisfied.
    """
    lengths = way.norm(dim=-1, keepdim=True)
    return way / (lengths + EQUALISING * lengths.amax(1, keepdim=True)).clamp_min(1e-30)


def _where(chosen: torch.Tensor, one: Trajectory, other: Trajectory) -> Trajectory:
    return Trajectory(
        torch.where(chosen[:, None, None], one.positions, other.positions),
        torch.where(chosen[:, None], one.gripper, other.gripper),
        one.step_duration, one.rotations,
    )
