"""What holds of the gradient of every reward: alive, true, and defined everywhere.

The gradient counts with respect to what a plan can still change: positions and gripper from step 1
on, and rotations. Step 0 is now.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.layouts import Keypoints
from vls_core.rewards.verification.numeric import Reward, spread_of, unsatisfied
from vls_core.rewards.verification.outcome import Outcome, failed, passed, warning
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

MOVE, OPENING, TURN = 0.01, 0.1, 0.1
"""A small change of everything: position [m], gripper opening, orientation [rad]."""
DEAD = 1e-5
"""A gradient is dead if a small change along it gains less than this share of the spread."""
DEAD_SHARE, STALE_SHARE = 0.3, 0.05
"""Share of unsatisfied motions with a dead gradient that is forbidden, and that is warned of."""
ONLY_NOW_SHARE = 0.75
"""Share of unsatisfied motions that only step 0 may make so."""
DIRECTIONS = 6
"""Random directions of the finite differences."""
DIFFERENCE = 1e-7
"""Step of the finite differences, in float64: so small that kinks are hardly ever within it."""
SHAKING = 1e-3
"""How much positions [m] and gripper openings are shaken before."""
DISAGREEMENT = 0.02
"""Relative error of a derivative that counts as wrong."""
DISAGREEING_SHARE = 0.05
"""Share of wrong derivatives that is forbidden: at kinks a few are."""
FAR = 5.0
"""How far away a plan can be by mistake [m]."""


@dataclass(frozen=True)
class Gradients:
    """Rewards (B,) and their gradients, shaped like the parts of the trajectory, [:, 0] zero.

    Attributes:
        now: (B,) what the same small change would bring if step 0 could be changed.
    """

    values: torch.Tensor
    positions: torch.Tensor
    gripper: torch.Tensor
    rotations: torch.Tensor
    now: torch.Tensor

    @property
    def gain(self) -> torch.Tensor:
        """(B,) what a small change along the gradient brings, to first order."""
        return _gain(self.positions, self.gripper, self.rotations)

    @property
    def finite(self) -> torch.Tensor:
        """(B,) whether rewards and gradients are all finite."""
        parts = (self.positions, self.gripper, self.rotations)
        return torch.stack(
            [self.values.isfinite(), *(part.flatten(1).isfinite().all(1) for part in parts)]
        ).all(0)


def differentiate(reward: Reward, trajectory: Trajectory) -> Gradients:
    """Rewards and gradients of a batch; zeros where the reward does not depend on something."""
    positions = trajectory.positions.detach().clone().requires_grad_(True)
    gripper = trajectory.gripper.detach().clone().requires_grad_(True)
    rotations = trajectory.rotations
    if rotations is None:
        rotations = torch.zeros(*positions.shape, 3, dtype=positions.dtype)
    rotations = rotations.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        values = reward(Trajectory(positions, gripper, trajectory.step_duration, rotations))
    leaves = (positions, gripper, rotations)
    found: tuple[torch.Tensor | None, ...] = (None, None, None)
    if values.requires_grad:
        found = torch.autograd.grad(values.sum(), leaves, allow_unused=True)
    parts = [
        torch.zeros_like(leaf) if part is None else part.clone()
        for leaf, part in zip(leaves, found, strict=True)
    ]
    now = _gain(*(part[:, :1] for part in parts))
    for part in parts:
        part[:, 0] = 0.0
    return Gradients(values.detach(), *parts, now)


def _gain(
    positions: torch.Tensor, gripper: torch.Tensor, rotations: torch.Tensor
) -> torch.Tensor:
    return (
        MOVE * positions.flatten(1).norm(dim=1)
        + OPENING * gripper.flatten(1).norm(dim=1)
        + TURN * rotations.flatten(1).norm(dim=1)
    )


def live(gradients: Gradients) -> Outcome:
    """Motions that leave something to be wished for are told a way up."""
    values = gradients.values
    spread = spread_of(values)
    if spread <= 1e-9 * max(1.0, float(values.abs().max())):
        return failed(Check.GRADIENT, 'it is the same for every motion and steers nothing')
    stuck = gradients.gain < DEAD * spread
    unhappy = unsatisfied(values)
    # Where only what is now makes it worse, there is nothing a plan could do about it.
    beyond_help = unhappy & stuck & (gradients.now >= DEAD * spread)
    lacking = unhappy & ~beyond_help
    share = float((stuck & lacking).sum() / lacking.sum().clamp_min(1))
    if share > DEAD_SHARE or beyond_help.sum() > ONLY_NOW_SHARE * unhappy.sum():
        share = float((stuck & unhappy).sum() / unhappy.sum())
        return failed(
            Check.GRADIENT,
            f'dead for {100 * share:.0f} % of the motions that do not satisfy it: '
            'use distances and smooth hinges that reach as far as the arm, no rounding, no '
            'comparisons, no clamps that are always at their limit, and no step 0',
        )
    if not _looks_ahead(gradients):
        return failed(
            Check.GRADIENT, 'only the next step counts: look at later steps of the chunk too'
        )
    if share > STALE_SHARE:
        return warning(
            Check.GRADIENT, f'dead for {100 * share:.0f} % of the motions that do not satisfy it'
        )
    return passed(Check.GRADIENT, f'live wherever it is not satisfied ({_percent(lacking)})')


def _looks_ahead(gradients: Gradients) -> bool:
    parts = (gradients.positions, gradients.gripper, gradients.rotations)
    return any(bool((part[:, 2:] != 0).any()) for part in parts)


def true_derivative(reward: Reward, samples: Trajectory, seed: int) -> Outcome:
    """Finite differences in float64 agree with the gradient, but for a few kinks."""
    source = motions.generator(seed)
    # Shaken a little: straight lines and rest are kinks of much that is right.
    here = in_float64(motions.shaken(samples, SHAKING, source))
    wrong, compared = 0, 0
    for _ in range(DIRECTIONS):
        direction = torch.randn(here.positions.shape, generator=source, dtype=torch.float64)
        opening = torch.randn(here.gripper.shape, generator=source, dtype=torch.float64)
        direction[:, 0], opening[:, 0] = 0.0, 0.0
        gradients = differentiate(reward, here)
        exact = (gradients.positions * direction).flatten(1).sum(1)
        exact = exact + (gradients.gripper * opening).sum(1)
        with torch.no_grad():
            above = reward(_moved(here, DIFFERENCE * direction, DIFFERENCE * opening))
            below = reward(_moved(here, -DIFFERENCE * direction, -DIFFERENCE * opening))
        measured = (above - below).double() / (2 * DIFFERENCE)
        size = gradients.positions.flatten(1).norm(dim=1) + gradients.gripper.norm(dim=1)
        allowed = DISAGREEMENT * (exact.abs() + measured.abs() + 0.1 * size) + 1e-7
        wrong += int(((exact - measured).abs() > allowed).sum())
        compared += len(exact)
    share = wrong / compared
    if share > DISAGREEING_SHARE:
        return failed(
            Check.DERIVATIVE,
            f'the gradient differs from finite differences at {100 * share:.0f} % of the motions: '
            'it holds something fixed that is not, or mixes particles',
        )
    return passed(Check.DERIVATIVE, f'agree at {100 * (1 - share):.0f} % of the motions')


def degenerate(
    reward: Reward, keypoints: Keypoints, places: dict[str, torch.Tensor]
) -> Outcome:
    """Finite, with a finite gradient, where formulas divide by zero.

    Args:
        places: further points (3,) [m] to stand still at, by what they are called.
    """
    cases = {f'standing at "{name}"': motions.standing(where.float()[None])
             for name, where in keypoints.items()}
    cases |= {f'standing at {name}': motions.standing(where.float()[None])
              for name, where in places.items()}
    middle = torch.tensor([[0.5, 0.0, 0.2]])
    cases['standing anywhere'] = motions.standing(middle)
    cases['at the origin'] = motions.standing(torch.zeros(1, 3))
    cases['5 m away'] = motions.lines(middle + FAR, middle + FAR + 0.1)
    cases['straight up'] = motions.lines(middle, middle + torch.tensor([0.0, 0.0, 0.2]))
    labels = [name for name in cases for _ in range(3)]
    positions = torch.cat([part for part in cases.values() for _ in range(3)])
    openings = torch.tensor([0.0, 0.5, 1.0]).repeat(len(cases))[:, None]
    found = differentiate(reward, motions.pointing_down(positions, openings))
    broken = (~found.finite).nonzero().flatten().tolist()
    if broken:
        what = 'value' if not found.values[broken[0]].isfinite() else 'gradient'
        return failed(
            Check.DEGENERATE,
            f'{labels[broken[0]]} its {what} is infinite or not a number: '
            'roots, norms and divisions need something small added, '
            'e.g. (x.square().sum(-1) + 1e-6).sqrt()',
        )
    return passed(Check.DEGENERATE, f'finite in all {len(cases)} corner cases')


def in_float64(trajectory: Trajectory) -> Trajectory:
    """The same motions with more digits."""
    return Trajectory(
        trajectory.positions.double(), trajectory.gripper.double(), trajectory.step_duration,
        None if trajectory.rotations is None else trajectory.rotations.double(),
    )


def _moved(trajectory: Trajectory, by: torch.Tensor, opening: torch.Tensor) -> Trajectory:
    return Trajectory(
        trajectory.positions + by, trajectory.gripper + opening, trajectory.step_duration,
        trajectory.rotations,
    )


def _percent(chosen: torch.Tensor) -> str:
    return f'{100 * float(chosen.float().mean()):.0f} %'
