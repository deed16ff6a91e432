"""Can the arm go where a program wants it, and does the way not end inside an obstacle?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vls_core.control.fr3 import WorkspaceBox
from vls_core.rewards.check.problems import Problem, Rule
from vls_core.rewards.goals import goals
from vls_core.rewards.keypoints import position
from vls_core.rewards.program import (
    Above,
    Carried,
    Displaced,
    Lift,
    Lifted,
    Moved,
    On,
    Predicate,
    Reached,
    Retreated,
    RewardProgram,
    StayAbove,
)
from vls_core.types import ObjectKind, Scene

WORKSPACE_TOLERANCE = 0.02
"""A goal this far outside the workspace box still counts as inside: perception has noise [m]."""
SKIN = 0.005
"""A goal this deep inside the box of an obstacle still counts as on its surface [m]."""

_Place = tuple[str, np.ndarray]
"""What asks the end effector to go there, and where (3,) [m]."""


def out_of_workspace(
    program: RewardProgram, scene: Scene, workspace: WorkspaceBox
) -> Iterator[Problem]:
    """Goals, places of predicates and heights the end effector cannot get to."""
    level = (workspace.lower[2] + workspace.upper[2]) / 2
    for what, point in (*_goals(program, scene), *_completions(program, scene, level)):
        if not workspace.contains(point, WORKSPACE_TOLERANCE):
            yield Problem(
                Rule.WORKSPACE,
                f'{what} asks the end effector to go to ({_numbers(point)}) m; the workspace is '
                f'({_numbers(workspace.lower)}) to ({_numbers(workspace.upper)}) m',
            )
    low, high = workspace.lower[2], workspace.upper[2]
    for what, height, at_least in _heights(program, low):
        if not at_least <= height <= high:
            yield Problem(
                Rule.WORKSPACE, f'{what} asks for {height:.2f} m, not within {low:.2f}..{high:.2f}'
            )


def _goals(program: RewardProgram, scene: Scene) -> Iterator[_Place]:
    """Every place a term leads to."""
    for stage in program.stages:
        for term in stage.terms:
            called = term.name if term.kind == 'code' else term.kind
            for goal in goals(term, scene):
                yield f'"{stage.name}": {called} "{goal.name}"', goal.position


def _completions(program: RewardProgram, scene: Scene, level: float) -> Iterator[_Place]:
    """Every place a predicate waits at; at the level [m] where it speaks of no height."""
    for stage in program.stages:
        for item in stage.completion:
            place = _place(item, scene, level)
            if place is not None:
                name = getattr(item, 'object', None) or getattr(item, 'keypoint', '')
                yield f'"{stage.name}": {item.kind} "{name}"', place


def _place(predicate: Predicate, scene: Scene, level: float) -> np.ndarray | None:
    match predicate:
        case Retreated():
            return scene[predicate.object].top + np.array([0.0, 0.0, predicate.height])
        case Reached():
            return position(predicate.keypoint, scene) + predicate.offset
        case Above():
            place = scene[predicate.object].center + predicate.offset
        case On():
            place = scene[predicate.target].center + predicate.offset
        case _:
            return None
    return np.array([place[0], place[1], level])


def _heights(program: RewardProgram, low: float) -> Iterator[tuple[str, float, float]]:
    """What asks for a height, the height, and the least that makes sense [m]."""
    for stage in program.stages:
        for item in (*stage.terms, *stage.completion):
            if isinstance(item, Lift | Lifted | Carried):
                yield f'"{stage.name}": {item.kind}', item.height, low
            if isinstance(item, StayAbove):
                yield f'"{stage.name}": {item.kind}', item.height, 0.0


def inside_obstacles(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    """Goals and places to be reached within the box of an obstacle."""
    waited_for = [
        (f'"{stage.name}": reached "{goal.keypoint}"',
         position(goal.keypoint, scene) + goal.offset)
        for stage in program.stages for goal in stage.completion if isinstance(goal, Reached)
    ]
    for what, point in (*_goals(program, scene), *waited_for):
        for obstacle in scene.of_kind(ObjectKind.OBSTACLE):
            inside = np.abs(point - obstacle.center) < obstacle.extent / 2 - SKIN
            if inside.all():
                yield Problem(
                    Rule.BLOCKED,
                    f'{what} leads to ({_numbers(point)}) m, which is inside the obstacle '
                    f'"{obstacle.name}"; give it an offset that leads beside it',
                )


def too_far(program: RewardProgram, workspace: WorkspaceBox) -> Iterator[Problem]:
    """Distances to be moved or displaced that are longer than the workspace is wide."""
    for stage in program.stages:
        for item in stage.completion:
            if not isinstance(item, Moved | Displaced):
                continue
            direction = np.abs(item.direction) / np.linalg.norm(item.direction)
            room = float((workspace.upper - workspace.lower) @ direction)
            if item.distance > room:
                yield Problem(
                    Rule.COMPLETION,
                    f'"{stage.name}" waits until {item.kind} by {item.distance:.2f} m; in that '
                    f'direction there is room for {room:.2f} m at most',
                )


def _numbers(point: np.ndarray) -> str:
    return ', '.join(f'{value:.2f}' for value in point)
