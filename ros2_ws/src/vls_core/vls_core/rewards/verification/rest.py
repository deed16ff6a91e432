"""Rewards about motion alone: harmless as long as standing still satisfies them."""

from __future__ import annotations

import torch

from vls_core.rewards.verification import numeric, samples
from vls_core.rewards.verification.declaration import HOW_TO_DECLARE
from vls_core.rewards.verification.goal import Judge
from vls_core.rewards.verification.layouts import Keypoints
from vls_core.rewards.verification.outcome import Outcome, failed, warning
from vls_core.rewards.verification.report import Check

_PLACES = 16
_NEARLY_NOTHING = 1e-3
"""Rewards this close to 0 count as satisfied, however small the spread is."""


def satisfied_at_rest(judge: Judge, keypoints: Keypoints, seed: int) -> Outcome:
    """A warning if standing still anywhere satisfies a term without keypoints, else a failure."""
    rest = samples.standing(samples.points_in_workspace(_PLACES, samples.generator(seed)))
    with torch.no_grad():
        spread = numeric.spread_of(judge(keypoints, samples.motions({}, seed)))
        at_rest = torch.stack([
            judge(keypoints, samples.pointing_down(rest, opening)) for opening in (0.0, 1.0)
        ]).amax(0)
    if (at_rest >= -numeric.UNSATISFIED * spread - _NEARLY_NOTHING).all():
        return warning(
            Check.GOAL, 'it is about motion alone, of no particular thing; standing still '
            'satisfies it. Whether it is what is wanted cannot be told',
        )
    return failed(
        Check.GOAL,
        'it uses no keypoint and standing still does not satisfy it: there are vetted '
        f'terms for that (lift, displace, hold_gripper); or {HOW_TO_DECLARE}',
    )
