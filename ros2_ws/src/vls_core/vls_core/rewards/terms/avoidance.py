"""Terms that keep the hand away from things, and the free distance they measure."""

from __future__ import annotations

import torch

from vls_core.rewards.geometry import hand_spheres
from vls_core.rewards.signed_distance import Box, SignedDistance, Union, scene_distance
from vls_core.rewards.term_models import Avoid, AvoidObstacles, StayAbove
from vls_core.rewards.terms.measures import satisfied
from vls_core.trajectory import Trajectory
from vls_core.types import ObjectKind, Scene


def avoid(term: Avoid, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Depth by which hand, fingers or what they hold enter the margin around the object."""
    return _stay_out(clearance(term.object, scene, trajectory), term.margin, trajectory)


def avoid_obstacles(
    term: AvoidObstacles,
    scene: Scene,
    trajectory: Trajectory,
    surroundings: SignedDistance | None = None,
) -> torch.Tensor:
    """The same for all obstacles as one, and for whatever else the surroundings hold."""
    distance = scene_distance(scene, obstacles(scene))
    if surroundings is not None:
        distance = Union((*distance.shapes, surroundings))
    if not distance.shapes:
        return satisfied(trajectory)
    return _stay_out(hand_clearance(distance, trajectory), term.margin, trajectory)


def stay_above(term: StayAbove, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """Depth below the height."""
    return _stay_out(trajectory.positions[:, 1:, 2], term.height, trajectory)


def _stay_out(free: torch.Tensor, margin: float, trajectory: Trajectory) -> torch.Tensor:
    """What is missing to the margin of the free distances (B, T), as a reward (B,) [m].

    The worst step counts as much as all steps together, so that a short touch is not averaged
    away.
    """
    if (free >= margin).all():
        # Most of the time: spares autograd the way back through every sphere, to zero.
        return satisfied(trajectory)
    missing = torch.relu(margin - free)
    return -0.5 * (missing.mean(1) + missing.amax(1))


def obstacles(scene: Scene) -> tuple[str, ...]:
    """Names of the objects that `avoid_obstacles` is about."""
    return tuple(item.name for item in scene.of_kind(ObjectKind.OBSTACLE))


def clearance(name: str, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """(B, T) free distance between the hand and an object, negative inside [m]."""
    item = scene[name]
    return hand_clearance(Box(item.center, item.extent), trajectory)


def hand_clearance(distance: SignedDistance, trajectory: Trajectory) -> torch.Tensor:
    """(B, T) free distance between the hand and what `distance` measures to [m]."""
    positions = trajectory.positions[:, 1:]
    spheres, radii = hand_spheres(positions.dtype, positions.device)
    return (distance(positions.unsqueeze(-2) + spheres) - radii).amin(-1)
