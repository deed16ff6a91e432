"""What a sampler returns, whichever it is: one plan, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.trajectory import Trajectory


@dataclass(frozen=True)
class SteeredChunk:
    """A chosen plan.

    Attributes:
        trajectory: the one chosen particle, (1, H + 1, ...).
        reward: its weighted reward [m].
        term_rewards: its unweighted reward per term.
        strength: guidance strength it was sampled with, 0 for the base policy.
        reason: why this plan was taken.
        effective_sample_size: of the last resampling, or the number of particles.
        resamplings: how often particles were resampled.
        saturation: share of its guided steps that the trust region cut short, 0..1.
        network_evaluations: network calls times their batch size.
        denoising_steps: how many were taken; fewer than the policy's when time ran out.
        passes: whether it passed the hard check.
    """

    trajectory: Trajectory
    reward: float
    term_rewards: tuple[float, ...]
    strength: float
    reason: str
    effective_sample_size: float = 1.0
    resamplings: int = 0
    saturation: float = 0.0
    network_evaluations: int = 0
    denoising_steps: int = 0
    passes: bool = True
