"""The term that makes contact come before motion."""

from __future__ import annotations

import torch

from vls_core.rewards.term_models import NOWHERE, AnchorContact
from vls_core.rewards.terms.measures import point, smooth_length
from vls_core.trajectory import Trajectory
from vls_core.types import Scene


def anchor_contact(term: AnchorContact, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance to the point over the first steps of the chunk.

    These are executed before the next chunk is planned, and every chunk begins with them: where
    the point moves along, as a handle does, contact is kept; where it was lost, the hand returns.
    """
    steps = trajectory.positions.shape[1] - 1
    first = max(1, round(term.first_share * steps))
    goal = point(term.keypoint, NOWHERE, scene, trajectory.positions)
    return -smooth_length(trajectory.positions[:, 1 : first + 1] - goal).mean(1)
