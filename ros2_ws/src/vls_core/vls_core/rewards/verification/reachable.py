"""Whether the goal of a single term is where the hand can go."""

from __future__ import annotations

import numpy as np

from vls_core.control.fr3 import WorkspaceBox
from vls_core.rewards.check.places import SKIN, WORKSPACE_TOLERANCE
from vls_core.rewards.keypoints import object_of, position
from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.layouts import AREA_LOWER, AREA_UPPER
from vls_core.rewards.verification.outcome import Outcome, failed, passed
from vls_core.rewards.verification.report import Check
from vls_core.types import ObjectKind, Scene


def reachable(goal: Goal, scene: Scene, workspace: WorkspaceBox) -> Outcome:
    """In a scene that is known: within the workspace, and not inside an obstacle."""
    place = position(goal.keypoint, scene) + np.array(goal.offset)
    if not workspace.contains(place, WORKSPACE_TOLERANCE):
        return failed(
            Check.REACHABLE,
            f'{goal} is at ({_numbers(place)}) m; the workspace is '
            f'({_numbers(workspace.lower)}) to ({_numbers(workspace.upper)}) m',
        )
    own = object_of(goal.keypoint, scene).name
    for item in scene.of_kind(ObjectKind.OBSTACLE):
        inside = (np.abs(place - item.center) < item.extent / 2 - SKIN).all()
        if inside and item.name != own:
            return failed(Check.REACHABLE, f'{goal} is inside the obstacle "{item.name}"')
    return passed(Check.REACHABLE, f'{goal} is at ({_numbers(place)}) m')


def reachable_somewhere(
    goal: Goal, place: tuple[float, float, float], workspace: WorkspaceBox
) -> Outcome:
    """With things at made-up places: whether there is any on the table that would do.

    Args:
        place: (3,) of the keypoint; its height counts [m].
    """
    ways = np.linspace(0.0, 1.0, 9)
    for x in AREA_LOWER[0] + ways * (AREA_UPPER[0] - AREA_LOWER[0]):
        for y in AREA_LOWER[1] + ways * (AREA_UPPER[1] - AREA_LOWER[1]):
            point = np.array([x, y, place[2]]) + np.array(goal.offset)
            if workspace.contains(point, WORKSPACE_TOLERANCE):
                return passed(Check.REACHABLE, f'{goal} can be within the workspace')
    return failed(
        Check.REACHABLE,
        f'{goal} is out of the workspace wherever on the table the thing stands: '
        'smaller offsets, and upwards (+z) if it is below the table',
    )


def _numbers(point: np.ndarray) -> str:
    return ', '.join(f'{value:.2f}' for value in point)
