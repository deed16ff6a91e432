"""Which particle to execute: the mildest rung whose best plan is about as good as any."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.rewards.stage_reward import StageReward
from vls_core.trajectory import Trajectory


@dataclass(frozen=True)
class Choice:
    """Index of the particle to execute, the strength of its rung, and why it was taken."""

    index: int
    strength: float
    reason: str


def select(
    trajectory: Trajectory,
    reward: StageReward,
    strengths: torch.Tensor,
    tolerance: float,
    relative_tolerance: float,
    coherence: float = 0.0,
    previous: torch.Tensor | None = None,
) -> Choice:
    """Escalates only as far as needed.

    Args:
        strengths: (B,) guidance strength of every particle.
        tolerance: how much worse than the best a milder plan may be [m].
        relative_tolerance: the same as a share of what the best plan still lacks.
        coherence: weight of the mean distance to the previous plan.
        previous: (K, 3) positions the last plan had for the first K steps of this one.
    """
    scores = reward(trajectory)
    if previous is not None and len(previous):
        change = trajectory.positions[:, 1 : len(previous) + 1] - previous
        scores = scores - coherence * change.norm(dim=-1).mean(1)
    collides = reward.collides(trajectory)
    allowed = torch.where(collides, scores - 1e3, scores)
    best = float(allowed.max())
    enough = best - tolerance - relative_tolerance * max(0.0, -best)
    for strength in strengths.unique(sorted=True).tolist():
        members = (strengths == strength).nonzero().flatten()
        index = int(members[allowed[members].argmax()])
        if float(allowed[index]) >= enough:
            return Choice(index, strength, _reason(strength, bool(collides[index])))
    raise AssertionError('the rung of the best particle always passes')


def _reason(strength: float, collides: bool) -> str:
    if collides:
        return 'every plan comes too close to something; taking the least bad one'
    if strength == 0:
        return 'the base policy does as well unsteered'
    return f'steered at strength {strength:g}: milder plans fall short'
