"""An example of every vetted term, with plans that come ever closer to what it wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from vls_core.rewards import program, terms
from vls_core.trajectory import Trajectory
from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject

STEPS = 16
STEP_DURATION = 1 / 15
HANDLE = Keypoint('handle', np.array([0.55, -0.2, 0.12]), np.eye(3) * 1e-6)
CUBE = SceneObject('cube', ObjectKind.GRASPABLE, np.array([0.5, 0.0, 0.02]), np.full(3, 0.04))
PLATE = SceneObject('plate', ObjectKind.SURFACE, np.array([0.5, 0.3, 0.006]),
                    np.array([0.15, 0.15, 0.012]))
BOTTLE = SceneObject('bottle', ObjectKind.OBSTACLE, np.array([0.4, 0.15, 0.1]),
                     np.array([0.06, 0.06, 0.2]))
DRAWER = SceneObject('drawer', ObjectKind.SURFACE, np.array([0.55, -0.32, 0.1]),
                     np.array([0.2, 0.2, 0.2]), (HANDLE,))
SCENE = Scene(0.0, (CUBE, PLATE, BOTTLE, DRAWER))
DOWN = torch.diag(torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64))


@dataclass(frozen=True)
class Example:
    """A term and a way to satisfy it.

    Attributes:
        approach: from a share in 0..1 to a plan of one particle; 0 is far from what the term
            wants, 1 satisfies it, and every step in between is better than the one before.
        best: the reward at a share of 1 is at least this.
    """

    term: program.Term
    approach: Callable[[float], Trajectory]
    best: float = 0.0


def plan(positions, gripper=1.0, rotations=None):
    """One particle: positions (T + 1, 3) [m]; gripper and rotation (3, 3) stay the same."""
    positions = torch.as_tensor(np.asarray(positions), dtype=torch.float64)[None]
    if rotations is not None:
        rotations = rotations.expand(1, positions.shape[1], 3, 3)
    return Trajectory(positions, torch.full(positions.shape[:2], gripper).double(),
                      STEP_DURATION, rotations)


def line(start, end, gripper=1.0, steps=STEPS):
    """Straight and steady from start to end (3,) [m]."""
    share = np.linspace(0, 1, steps + 1)[:, None]
    return plan(np.asarray(start) * (1 - share) + np.asarray(end) * share, gripper)


def stand(where, gripper=1.0):
    return line(where, where, gripper)


def turned(axis, angle):
    """Standing still with the hand turned from straight down about an axis (3,) [rad]."""
    x, y, z = np.asarray(axis) / np.linalg.norm(axis)
    cross = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64)
    return plan(np.full((STEPS + 1, 3), 0.4), rotations=torch.matrix_exp(angle * cross) @ DOWN)


def wander(seed, particles=3, steps=STEPS, start=(0.45, 0.1, 0.15)):
    """Random plans with random gripper and rotations that are not quite rotations."""
    generator = torch.Generator().manual_seed(seed)
    moves = 0.02 * torch.randn(particles, steps + 1, 3, generator=generator, dtype=torch.float64)
    positions = torch.tensor(start).double() + moves.cumsum(1)
    gripper = torch.rand(particles, steps + 1, generator=generator, dtype=torch.float64)
    noise = torch.randn(particles, steps + 1, 3, 3, generator=generator, dtype=torch.float64)
    return Trajectory(positions, gripper, STEP_DURATION, DOWN + 0.3 * noise)


def towards(goal, gripper=1.0):
    """Standing ever closer to a goal (3,)."""
    aside = np.array([0.15, -0.1, 0.2])
    return lambda share: stand(np.asarray(goal) + (1 - share) * aside, gripper)


def along(direction, distance):
    """Steady motion along a direction, ever further."""
    start, whole = np.array([0.4, 0.0, 0.3]), distance * np.asarray(direction)
    return lambda share: line(start, start + share * whole)


def bent(direction, size):
    """There, and ever less of the way along a direction in the second half."""
    def approach(share):
        there = line([0.4, 0.0, 0.3], [0.4, 0.2, 0.3]).positions[0].numpy().copy()
        half = STEPS // 2
        ramp = np.linspace(0, 1, STEPS + 1 - half)[:, None]
        there[half:] = there[half] + (1 - share) * size * ramp * np.asarray(direction)
        return plan(there)

    return approach


def zigzag(share):
    positions = line([0.4, 0.0, 0.3], [0.4, 0.2, 0.3]).positions[0].numpy().copy()
    positions[::2, 2] += 0.05 * (1 - share)
    return plan(positions)


EXAMPLES = (
    Example(program.Reach(object='plate', height=0.1), towards(PLATE.top + [0, 0, 0.1])),
    Example(program.Reach(object='plate', height=0.1, offset=(0.1, 0, 0)),
            towards(PLATE.top + [0.1, 0, 0.1])),
    Example(program.ReachPoint(keypoint='drawer.handle', offset=(0, 0.05, 0)),
            towards(HANDLE.position + [0, 0.05, 0])),
    Example(program.Waypoint(keypoint='cube.top'), towards(CUBE.top)),
    Example(program.SoftChoice(keypoints=('drawer.handle', 'cube', 'plate.top')),
            towards(CUBE.center)),
    Example(program.Grasp(object='cube'), lambda share: stand(
        CUBE.center + [0, 0, 0.3 * (1 - share)], 0.0), best=-1e-4),
    Example(program.Place(object='plate', subject='cube', offset=(0, -0.05, 0)),
            lambda share: stand(PLATE.top + [0, -0.05, 0.032 + 0.3 * (1 - share)], 1.0),
            best=-1e-4),
    Example(program.Lift(height=0.2), lambda share: stand([0.4, 0.0, 0.2 * share])),
    Example(program.Displace(direction=(0, 2e-1, 0), distance=0.1), along([0, 1, 0], 0.1)),
    Example(program.AnchorContact(keypoint='drawer.handle'), towards(HANDLE.position)),
    Example(program.NoBacktrack(direction=(0, 1, 0)), bent([0, -1, 0], 0.2)),
    Example(program.StayOnLine(direction=(0, 1, 0)), bent([1, 0, 0], 0.2)),
    Example(program.Retract(keypoint='cube', distance=0.15),
            lambda share: stand(CUBE.center + [0, -0.17 * share, 0])),
    Example(program.KeepUpright(tilt=0.2), lambda share: turned([1, 1, 0], 0.1 + 2 * (1 - share))),
    Example(program.KeepUpright(tilt=0.0), lambda share: turned([1, 1, 0], 3 * (1 - share))),
    Example(program.AlignAxis(direction=(0, 0, -1)),
            lambda share: turned([0, 1, 0], 3 * (1 - share))),
    Example(program.AlignAxis(axis='y', direction=(1, 0, 0)),
            lambda share: turned([0, 0, 1], share * np.pi / 2)),
    Example(program.HoldGripper(state='open'), lambda share: stand([0.4, 0, 0.3], share)),
    Example(program.HoldGripper(state='closed'), lambda share: stand([0.4, 0, 0.3], 1 - share)),
    Example(program.Avoid(object='bottle', margin=0.05),
            lambda share: stand(BOTTLE.center + [0.05 + 0.15 * share, 0, 0])),
    Example(program.AvoidObstacles(margin=0.05),
            lambda share: stand(BOTTLE.center + [0.05 + 0.15 * share, 0, 0])),
    Example(program.StayAbove(height=0.2), lambda share: stand([0.4, 0.0, 0.2 * share])),
    Example(program.SpeedLimit(speed=0.1),
            lambda share: line([0.4, 0, 0.3], [0.4, 0.1 + 0.2 * (1 - share), 0.3])),
    Example(program.Smooth(), zigzag),
    Example(program.Dwell(last_share=0.5), bent([0, 0, 1], 0.2)),
)
"""At least one of every kind that has a function in `terms/`."""


def evaluate(term, trajectory, scene=SCENE):
    return terms.FUNCTIONS[term.kind](term, scene, trajectory)


def gradients(term, trajectory, scene=SCENE):
    """Reward (B,) and its gradients in positions, gripper and rotations, zeros where none."""
    leaves = [value.detach().clone().requires_grad_(True) for value in _values(trajectory)]
    live = Trajectory(*leaves[:2], trajectory.step_duration, *leaves[2:])
    reward = evaluate(term, live, scene)
    found = torch.autograd.grad(reward.sum(), leaves, allow_unused=True, materialize_grads=True)
    return reward.detach(), found


def moved(trajectory, step, directions):
    """The plan with all its numbers moved by a step along directions."""
    values = [value + step * direction
              for value, direction in zip(_values(trajectory), directions, strict=True)]
    return Trajectory(*values[:2], trajectory.step_duration, *values[2:])


def _values(trajectory):
    values = (trajectory.positions, trajectory.gripper, trajectory.rotations)
    return [value for value in values if value is not None]
