"""Terms about the gripper alone."""

from __future__ import annotations

import torch

from vls_core.rewards.term_models import HoldGripper
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

GRIPPER_SCALE = 0.05
"""What a wrong gripper state counts for [m]."""


def hold_gripper(term: HoldGripper, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean square of what the opening, 0 closed to 1 open, is off by; 1 counts for 0.05 m."""
    wanted = 1.0 if term.state == 'open' else 0.0
    return -(GRIPPER_SCALE * (trajectory.gripper[:, 1:] - wanted).square().mean(1))
