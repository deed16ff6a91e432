"""Which particle to execute: of the plans about as good as any, the least intervention.

Plans of the base policy come before steered ones. Of either, the one is taken that the policy
finds most plausible.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from vls_core.steering.errors import NoFinitePlanError
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.reward import Reward
from vls_core.trajectory import Trajectory


@dataclass(frozen=True)
class Tolerance:
    """How much worse than the best plan a milder one may be.

    Attributes:
        absolute: in metres of reward; decides whether a stage is finished or merely approached.
        relative: as a share of what the best plan still lacks; decides far away.
        coherence: weight of the mean distance to the previous chunk.
        base_share: share of the best plan's progress, over standing still, with which the base
            policy is left alone; 1 forgives it no more than any milder plan.
    """

    absolute: float
    relative: float
    coherence: float = 0.0
    base_share: float = 1.0


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
    """A plan that passes the hard check if there is one, of the base policy if one is good enough.

    Args:
        strengths: (B,) guidance strength of every particle, at least one of them 0 or more.
        implausibility: of the particles with these indices (K,), (K,) numbers, the smallest of
            which is taken. Without it, the best of the mildest rung is.

    Raises:
        NoFinitePlanError: no particle is finite.
    """
    finite = trajectory.finite()
    if not finite.any():
        raise NoFinitePlanError('the network gave no plan without NaN or infinity')
    passes = torch.zeros_like(finite)
    passes[finite] = reward.passes(trajectory[finite])
    pool = passes if passes.any() else finite
    scores = reward(trajectory) - _incoherence(trajectory, tolerance, previous)
    scores = torch.where(pool, scores, -torch.inf).nan_to_num(-torch.inf, -torch.inf, -torch.inf)
    if not scores.isfinite().any():
        index = int(torch.where(pool, strengths, torch.inf).argmin())
        reason = 'no plan has a finite reward; taking the mildest one'
    elif not passes.any():
        # Nothing to be lenient about, and nobody to ask: the reward knows best what is least bad.
        index, reason = int(scores.argmax()), 'no plan passes the hard check; the least bad one'
    else:
        base = _base_enough(trajectory, reward, scores, tolerance)
        index = _least_intervention(scores, strengths, tolerance, base, implausibility)
        reason = _reason(float(strengths[index]))
    return Choice(index, float(strengths[index]), reason, bool(passes[index]))


def _incoherence(
    trajectory: Trajectory, tolerance: Tolerance, previous: PreviousChunk | None
) -> torch.Tensor | float:
    if previous is None or not len(previous.positions):
        return 0.0
    length = min(len(previous.positions), trajectory.positions.shape[1] - 1)
    change = trajectory.positions[:, 1 : length + 1] - previous.positions[:length]
    return tolerance.coherence * change.norm(dim=-1).mean(1)


def _base_enough(
    trajectory: Trajectory, reward: Reward, scores: torch.Tensor, tolerance: Tolerance
) -> float:
    """Score from which on a plan of the base policy is good enough, whatever others reach.

    Steered plans are nearly always a little faster. That is no reason to overrule a policy that is
    on its way.
    """
    if tolerance.base_share >= 1.0:
        return math.inf
    standing = float(reward(_standing_still(trajectory))[0])
    return standing + tolerance.base_share * max(0.0, float(scores.max()) - standing)


def _standing_still(trajectory: Trajectory) -> Trajectory:
    """One particle that stays where all of them start."""
    first = trajectory[:1]
    rotations = first.rotations
    return replace(
        first,
        positions=first.positions[:, :1].expand_as(first.positions),
        gripper=first.gripper[:, :1].expand_as(first.gripper),
        rotations=None if rotations is None else rotations[:, :1].expand_as(rotations),
    )


def _least_intervention(
    scores: torch.Tensor,
    strengths: torch.Tensor,
    tolerance: Tolerance,
    base_enough: float,
    implausibility: Callable[[torch.Tensor], torch.Tensor] | None,
) -> int:
    best = float(scores.max())
    enough = best - tolerance.absolute - tolerance.relative * max(0.0, -best)
    left_alone = (strengths == 0) & (scores >= base_enough)
    good = ((scores >= enough) | left_alone).nonzero().flatten()
    mildest = good[strengths[good] == strengths[good].min()]
    if implausibility is None:
        return int(mildest[scores[mildest].argmax()])
    eligible = good if float(strengths[mildest[0]]) > 0 else mildest
    return int(eligible[implausibility(eligible).nan_to_num(torch.inf).argmin()])


def _reason(strength: float) -> str:
    if strength == 0:
        return 'the base policy does as well unsteered'
    return f'steered at strength {strength:g}: the base policy falls short'
