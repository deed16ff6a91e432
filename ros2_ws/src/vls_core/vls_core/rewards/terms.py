"""The vetted reward terms: one differentiable function per kind of `program.py`.

Every term maps a `Trajectory` of B particles to (B,) rewards that are <= 0, in metres, and 0 when
satisfied. Particles never see each other. Distances are smooth at 0, so gradients fade instead of
flipping sign at the goal.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from vls_core.rewards import program
from vls_core.rewards.geometry import box_signed_distance, hand_spheres
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

SMOOTHING = 0.01
"""Distances below this are counted quadratically [m]."""
GRIPPER_SCALE = 0.05
"""What a wrong gripper state counts for [m]."""
FUNNEL_HEIGHT = 0.10
"""Height above a grasp or placement at which one approaches from the side [m]."""
FUNNEL_RADIUS = 0.03
"""Horizontal distance below which one comes down [m]."""
ACTING_DISTANCE = 0.015
"""Distance to the goal at which the gripper is to act [m]."""
RELEASE_CLEARANCE = 0.012
"""Gap to leave under an object when it is released [m]."""

TermFunction = Callable[..., torch.Tensor]


def _point(values: object, like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)


def smooth_length(vectors: torch.Tensor) -> torch.Tensor:
    """(..., N) to (...): Euclidean length, quadratic below SMOOTHING, 0 at 0."""
    return (vectors.square().sum(-1) + SMOOTHING**2).sqrt() - SMOOTHING


def reach(term: program.Reach, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Mean distance to a point above the object.

    Every step counts alike: if only the end did, a plan could put off arriving, and as only the
    first part of a chunk is executed before the next is planned, it would do so for ever.
    """
    goal = _point(scene[term.object].top, trajectory.positions).clone()
    goal[2] += term.height
    distances = smooth_length(trajectory.positions[:, 1:] - goal)
    return -distances.mean(1)


def grasp(term: program.Grasp, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Approach through a funnel above the object; closed at the object, open before it."""
    goal = _point(scene[term.object].center, trajectory.positions)
    distance, arrived = _funnel(trajectory, goal)
    return -distance - _act_on_arrival(1.0 - trajectory.gripper[:, 1:], arrived)


def place(term: program.Place, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Approach through a funnel above the target; open once there, closed before it."""
    goal = _point(scene[term.object].top, trajectory.positions).clone()
    goal[2] += scene[term.subject].extent[2] / 2 + RELEASE_CLEARANCE
    distance, arrived = _funnel(trajectory, goal)
    return -distance - _act_on_arrival(trajectory.gripper[:, 1:], arrived)


def _funnel(trajectory: Trajectory, goal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Distance (B,) to a path that comes down only above the goal, and arrival (B, T) in 0..1."""
    offset = trajectory.positions[:, 1:] - goal
    horizontal = offset[..., :2].detach().square().sum(-1)
    height = FUNNEL_HEIGHT * (1.0 - torch.exp(-horizontal / FUNNEL_RADIUS**2))
    to_path = torch.cat([offset[..., :2], (offset[..., 2] - height).unsqueeze(-1)], -1)
    distance = smooth_length(to_path).mean(1)
    nearness = offset.detach().square().sum(-1).sqrt()
    arrived = torch.sigmoid((ACTING_DISTANCE - nearness) / 0.002)
    return distance, arrived.cummax(1).values


def _act_on_arrival(action: torch.Tensor, arrived: torch.Tensor) -> torch.Tensor:
    """(B,) what is missing of an action (B, T) in 0..1 that belongs to the goal and nowhere else.

    Arriving without having acted costs no more than being on the way: otherwise it would pay to
    hover just short of the goal.
    """
    missing = 1.0 - arrived * action.clamp(0.0, 1.0)
    early = (1.0 - arrived) * action.square()
    return GRIPPER_SCALE * (missing + early).mean(1)


def _gripper_error(trajectory: Trajectory, wanted: torch.Tensor | float) -> torch.Tensor:
    return GRIPPER_SCALE * (trajectory.gripper[:, 1:] - wanted).square().mean(1)


def hold_gripper(
    term: program.HoldGripper, scene: Scene, trajectory: Trajectory
) -> torch.Tensor:
    """The gripper as wanted during the whole chunk."""
    return -_gripper_error(trajectory, 1.0 if term.state == 'open' else 0.0)


def lift(term: program.Lift, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Height still missing, and straying sideways from where the lift begins."""
    missing = torch.relu(term.height - trajectory.positions[:, 1:, 2])
    sideways = smooth_length(trajectory.positions[:, 1:, :2] - trajectory.positions[:, :1, :2])
    return -(missing + 0.5 * sideways).mean(1)


def avoid(term: program.Avoid, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Depth by which hand, fingers or what they hold enter the margin around the object.

    The worst step counts as much as all steps together, so that a short touch is not averaged
    away.
    """
    free = clearance(term.object, scene, trajectory)
    if (free >= term.margin).all():
        # Most of the time: spares autograd the way back through every sphere, to zero.
        return 0.0 * trajectory.positions[:, 0, 0]
    missing = torch.relu(term.margin - free)
    return -0.5 * (missing.mean(1) + missing.amax(1))


def clearance(name: str, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """(B, T) free distance between the hand and an object, negative inside [m]."""
    positions, item = trajectory.positions[:, 1:], scene[name]
    spheres, radii = hand_spheres(positions.dtype, positions.device)
    distances = box_signed_distance(
        positions.unsqueeze(-2) + spheres,
        _point(item.center, positions), _point(item.extent, positions),
    )
    return (distances - radii).amin(-1)


def smooth(term: program.Smooth, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Root mean square of the change of step length [m per step]."""
    change = trajectory.positions.diff(n=2, dim=1)
    return -smooth_length(change).mean(1)


FUNCTIONS: dict[str, TermFunction] = {
    'reach': reach,
    'grasp': grasp,
    'place': place,
    'lift': lift,
    'avoid': avoid,
    'smooth': smooth,
    'hold_gripper': hold_gripper,
}
