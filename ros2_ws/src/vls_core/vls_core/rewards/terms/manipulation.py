"""Terms about taking things and putting them down: a funnel, and a gripper that acts in time."""

from __future__ import annotations

import numpy as np
import torch

from vls_core.rewards.keypoints import finger_direction, grasp_point
from vls_core.rewards.term_models import Grasp, Place
from vls_core.rewards.terms.gripper import GRIPPER_SCALE
from vls_core.rewards.terms.measures import constant, satisfied, smooth_length, unit
from vls_core.rewards.terms.orientation import finger_alignment
from vls_core.trajectory import Trajectory
from vls_core.types import MAXIMUM_GRIPPER_WIDTH, Grip, Scene

FUNNEL_HEIGHT = 0.10
"""Height above a grasp or placement at which one approaches from the side [m]."""
FUNNEL_RADIUS = 0.03
"""Horizontal distance below which one comes down [m]."""
NARROWEST_FUNNEL = 0.02
"""The same along the line of the fingers, over what hardly fits between them [m]."""
ACROSS_FUNNEL = 0.04
"""The same across the line of the fingers [m]."""
FLAT_THING = 2.0
"""How much more a height counts than a distance aside, for having arrived: over a flat thing,
fingers that close too high close on air; dimensionless."""
FUNNEL_PER_ROOM = 1.5
"""Radius of the funnel for the room that each finger has beside what it takes, dimensionless."""
BELOW_FUNNEL = 3.0
"""How much more it counts to be below the funnel than above it, where perception says how fingers
are to come down: there they knock things over. Placing counts both alike, else the demo's
hand hovers over its target and does not let go."""
ACTING_DISTANCE = 0.015
"""Distance to the goal at which the gripper is to act [m]."""
RELEASE_CLEARANCE = 0.012
"""Gap to leave under an object when it is released [m]."""


def grasp(
    term: Grasp, scene: Scene, trajectory: Trajectory, grip: Grip = Grip.OPEN
) -> torch.Tensor:
    """Approach through a funnel above the place to take hold of; closed there, open before it.

    Where perception says how the fingers are to come down, the hand turns that way. Fingers that
    are closing, or hold something, stay closed wherever the thing seems to be now, half hidden by
    the hand as it is; those that closed on nothing open again.
    """
    item = scene[term.object]
    goal = constant(grasp_point(item), trajectory.positions)
    turned, direction = satisfied(trajectory), finger_direction(item)
    if direction is not None and trajectory.rotations is not None:
        turned = finger_alignment(direction, trajectory)
    distance, arrived = _funnel(trajectory, goal, direction)
    if grip is not Grip.OPEN:
        arrived = torch.full_like(arrived, float(grip is not Grip.EMPTY))
    return turned - distance - _act_on_arrival(1.0 - trajectory.gripper[:, 1:], arrived)


def place(term: Place, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Approach through a funnel above the target; open once there, closed before it.

    It is the middle of what is held that is brought over the target, wherever the hand holds it.
    """
    held = scene[term.subject]
    goal = constant(scene[term.object].top, trajectory.positions)
    goal = goal + constant(term.offset, goal)
    goal = goal + constant(grasp_point(held) - held.center, goal)
    goal[2] += held.extent[2] / 2 + RELEASE_CLEARANCE
    distance, arrived = _funnel(trajectory, goal)
    return -distance - _act_on_arrival(trajectory.gripper[:, 1:], arrived)


def _funnel(
    trajectory: Trajectory, goal: torch.Tensor, fingers: np.ndarray | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Distance (B,) to a path that comes down only above the goal, and arrival (B, T) in 0..1.

    Args:
        fingers: (3,) from the goal to where a finger will touch [m]; along this line there may be
            little room.
    """
    offset = trajectory.positions[:, 1:] - goal
    aside = offset[..., :2].detach()
    beside, drop, below = aside.square().sum(-1) / FUNNEL_RADIUS**2, 1.0, 1.0
    if fingers is not None:
        beside, drop, below = _beside_fingers(aside, fingers), FLAT_THING, BELOW_FUNNEL
    height = FUNNEL_HEIGHT * (1.0 - torch.exp(-beside))
    above = offset[..., 2] - height
    above = torch.where(above < 0, below * above, above)
    to_path = torch.cat([offset[..., :2], above.unsqueeze(-1)], -1)
    distance = smooth_length(to_path).mean(1)
    weights = offset.new_tensor([1.0, 1.0, drop])
    nearness = (offset.detach() * weights).square().sum(-1).sqrt()
    arrived = torch.sigmoid((ACTING_DISTANCE - nearness) / 0.002)
    return distance, arrived.cummax(1).values


def _beside_fingers(aside: torch.Tensor, fingers: np.ndarray) -> torch.Tensor:
    """(B, T) how far beside the goal, of the funnel's radius, to the fourth power.

    Wide open fingers forgive little along their line, and as much as they are wide across it; the
    funnel is flat at its bottom, so that a hand which is within it comes down for good.
    """
    room = MAXIMUM_GRIPPER_WIDTH / 2 - float(np.linalg.norm(fingers))
    radius = float(np.clip(FUNNEL_PER_ROOM * room, NARROWEST_FUNNEL, FUNNEL_RADIUS))
    along = aside @ unit(fingers, aside)[:2]
    across = aside.square().sum(-1) - along.square()
    return (along.square() / radius**2 + across / ACROSS_FUNNEL**2).square()


def _act_on_arrival(action: torch.Tensor, arrived: torch.Tensor) -> torch.Tensor:
    """(B,) what is missing of an action (B, T) in 0..1 that belongs to the goal and nowhere else.

    Arriving without having acted costs no more than being on the way: otherwise it would pay to
    hover just short of the goal.
    """
    missing = 1.0 - arrived * action.clamp(0.0, 1.0)
    early = (1.0 - arrived) * action.square()
    return GRIPPER_SCALE * (missing + early).mean(1)
