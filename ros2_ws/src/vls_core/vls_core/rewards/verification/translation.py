"""Whether a reward speaks of things, or of numbers somebody read off a picture.

When everything moves together, scene and motion, nothing has changed for the task. Sideways this
holds strictly. Upwards there is one thing that does not move along: the table, whose top is z = 0
in the base frame. A floor ("stay 10 cm above the table") or a ceiling is therefore allowed: with
it, moving everything up changes the reward in one direction only. A height to be *met* makes
motions above it worse and those below it better, and counts as a coordinate.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.goal import Judge
from vls_core.rewards.verification.layouts import Keypoints, only, shifted
from vls_core.rewards.verification.numeric import spread_of
from vls_core.rewards.verification.outcome import Outcome, failed, passed, warning
from vls_core.rewards.verification.report import Check
from vls_core.trajectory import Trajectory

SIDEWAYS = ((0.07, -0.05, 0.0), (-0.11, 0.04, 0.0), (0.0, 0.13, 0.0))
UPWARDS = (0.0, 0.0, 0.06)
"""Shifts of everything [m]."""
TOLERANCE = 1e-3
"""Share of the spread by which rewards may change, for rounding in float32."""


def translates(
    judge: Judge, layouts: Sequence[Keypoints], places: Sequence[str], seed: int
) -> Outcome:
    """One outcome over all layouts; motions are tried around the places named."""
    height = False
    for number, keypoints in enumerate(layouts):
        trajectory = motions.motions(only(keypoints, places), seed + number)
        with torch.no_grad():
            here = judge(keypoints, trajectory)
        tolerance = TOLERANCE * spread_of(here) + 1e-6
        for by in SIDEWAYS:
            change = _change(judge, keypoints, trajectory, here, by)
            if change.abs().max() > tolerance:
                return failed(
                    Check.TRANSLATION,
                    'it changes when scene and motion are shifted together, by up to '
                    f'{float(change.abs().max()):.2g}: a coordinate is written into it; '
                    'use keypoints, offsets from them, or trajectory[:, 0]',
                )
        change = _change(judge, keypoints, trajectory, here, UPWARDS)
        if (change > tolerance).any() and (change < -tolerance).any():
            return failed(
                Check.TRANSLATION,
                'it changes when scene and motion are raised together: a height is written into '
                'it; use the height of a keypoint, or of trajectory[:, 0]',
            )
        height |= bool((change.abs() > tolerance).any())
    if height:
        return warning(
            Check.TRANSLATION, 'it has a least or greatest height over the table (z = 0) in it'
        )
    return passed(Check.TRANSLATION, 'the same when everything is shifted together')


def _change(
    judge: Judge, keypoints: Keypoints, trajectory: Trajectory, here: torch.Tensor,
    by: tuple[float, float, float],
) -> torch.Tensor:
    shift = torch.tensor(by)
    elsewhere = Trajectory(
        trajectory.positions + shift, trajectory.gripper, trajectory.step_duration,
        trajectory.rotations,
    )
    with torch.no_grad():
        return judge(shifted(keypoints, shift), elsewhere) - here
