"""The vetted reward terms: one differentiable function per kind of `term_models.py`.

Every term maps a `Trajectory` of B particles to (B,) rewards that are <= 0, in metres, and 0 when
satisfied. Particles never see each other. Distances are smooth at 0, so gradients fade instead of
flipping sign at the goal.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from vls_core.rewards.terms.avoidance import (
    avoid,
    avoid_obstacles,
    clearance,
    hand_clearance,
    obstacles,
    stay_above,
)
from vls_core.rewards.terms.contact import anchor_contact
from vls_core.rewards.terms.displacement import (
    displace,
    lift,
    no_backtrack,
    retract,
    stay_on_line,
)
from vls_core.rewards.terms.gripper import hold_gripper
from vls_core.rewards.terms.manipulation import RELEASE_CLEARANCE, grasp, place
from vls_core.rewards.terms.measures import smooth_length
from vls_core.rewards.terms.motion import dwell, smooth, speed_limit
from vls_core.rewards.terms.orientation import align_axis, keep_upright
from vls_core.rewards.terms.reaching import reach, reach_point, soft_choice, waypoint

__all__ = [
    'FUNCTIONS', 'RELEASE_CLEARANCE', 'avoid_obstacles', 'clearance', 'grasp', 'hand_clearance',
    'obstacles', 'smooth_length',
]

TermFunction = Callable[..., torch.Tensor]
"""(term, scene, trajectory) to (B,)."""

FUNCTIONS: dict[str, TermFunction] = {
    'reach': reach,
    'reach_point': reach_point,
    'waypoint': waypoint,
    'soft_choice': soft_choice,
    'grasp': grasp,
    'place': place,
    'lift': lift,
    'displace': displace,
    'anchor_contact': anchor_contact,
    'no_backtrack': no_backtrack,
    'stay_on_line': stay_on_line,
    'retract': retract,
    'keep_upright': keep_upright,
    'align_axis': align_axis,
    'hold_gripper': hold_gripper,
    'avoid': avoid,
    'avoid_obstacles': avoid_obstacles,
    'stay_above': stay_above,
    'speed_limit': speed_limit,
    'smooth': smooth,
    'dwell': dwell,
}
"""Every kind but `code`, which an evaluator runs; see `stage_reward.py`."""
