"""Which particle to execute: of the plans about as good as any, the least intervention.

Plans of the base policy come before steered ones. Of either, the one is taken that the policy
finds most plausible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.reward import Reward
from vls_core.trajectory import Trajectory

FAILED_CHECK = 1e3
"""What failing the hard check costs: any plan that passes beats any that does not [m]."""


@dataclass(frozen=True)
class Tolerance:
    """How much worse than the best plan a milder one may be.

    Attributes:
        absolute: in metres of reward; decides whether a stage is finished or merely approached.
        relative: as a share of what the best plan still lacks; decides far away.
        coherence: weight of the mean distance to the previous chunk.
    """

    absolute: float
    relative: float
    coherence: float = 0.0


@dataclass(frozen=True)
class Choice:
    """Index of the particle to execute, the strength of its rung, and why it was taken."""

    index: int
    strength: float
    reason: str
    passes: bool


def select(
    trajectory: Trajectory,
    reward: Reward,
    strengths: torch.Tensor,
    tolerance: Tolerance,
    previous: PreviousChunk | None = None,
    implausibility: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> Choice:
    """Escalates only as far as needed.

    Args:
        strengths: (B,) guidance strength of every particle, at least one of them 0 or more.
        implausibility: of the particles with these indices (K,), (K,) numbers, the smallest of
            which is taken. Without it, the best of the mildest rung is.
    """
    finite = trajectory.finite()
    scores = torch.where(finite, reward(trajectory), -torch.inf).nan_to_num(-torch.inf, -torch.inf)
    if not scores.isfinite().any():
        return _unjudged(finite, strengths)
    if previous is not None and len(previous.positions):
        length = min(len(previous.positions), trajectory.positions.shape[1] - 1)
        change = trajectory.positions[:, 1 : length + 1] - previous.positions[:length]
        scores = scores - tolerance.coherence * change.norm(dim=-1).mean(1)
    passes = reward.passes(trajectory) & finite
    allowed = torch.where(passes, scores, scores - FAILED_CHECK)
    best = float(allowed.max())
    enough = best - tolerance.absolute - tolerance.relative * max(0.0, -best)
    good = (allowed >= enough).nonzero().flatten()
    mildest = good[strengths[good] == strengths[good].min()]
    if implausibility is None:
        index = int(mildest[allowed[mildest].argmax()])
    else:
        eligible = good if float(strengths[mildest[0]]) > 0 else mildest
        index = int(eligible[implausibility(eligible).nan_to_num(torch.inf).argmin()])
    strength, passed = float(strengths[index]), bool(passes[index])
    return Choice(index, strength, _reason(strength, passed), passed)


def _unjudged(finite: torch.Tensor, strengths: torch.Tensor) -> Choice:
    mild = torch.where(finite, strengths, torch.inf)
    index = int(mild.argmin())
    return Choice(index, float(strengths[index]),
                  'no plan has a finite reward; taking the mildest one', False)


def _reason(strength: float, passes: bool) -> str:
    if not passes:
        return 'every plan comes too close to something; taking the least bad one'
    if strength == 0:
        return 'the base policy does as well unsteered'
    return f'steered at strength {strength:g}: milder plans fall short'
