"""A scene for programs that come without one: what they name, spread over the table."""

from __future__ import annotations

import numpy as np

from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.keypoints import CENTER, TOP
from vls_core.rewards.program import (
    Avoid,
    Code,
    Grasp,
    Place,
    RewardProgram,
)
from vls_core.rewards.scene_file import scene_object, scene_of_points
from vls_core.rewards.verification.layouts import groups, invented
from vls_core.types import ObjectKind, Scene

MADE_UP = 'made up'
"""The detector of such a scene."""
SIZES = {
    ObjectKind.GRASPABLE: (0.04, 0.04, 0.04),
    ObjectKind.SURFACE: (0.14, 0.14, 0.02),
    ObjectKind.OBSTACLE: (0.06, 0.06, 0.18),
}
"""Full side lengths [m]."""
MOST_NAMES = 200
"""That a program may speak of if they are to be put somewhere."""


class TooManyNamesError(ValueError):
    """A program speaks of more than can be put on a table; the message says of how many."""


def scene_for(program: RewardProgram, seed: int = 0) -> Scene:
    """A scene with everything a program names, of kinds that suit what it does with it.

    Raises TooManyNamesError.
    """
    names = set(program.names)
    for source in dict.fromkeys(term.source for term in program.code_terms):
        names |= _names_in(source)
        if len(names) > MOST_NAMES:
            break
    if len(names) > MOST_NAMES:
        raise TooManyNamesError(
            f'it speaks of {len(names)} things or more; without a scene it may of {MOST_NAMES}'
        )
    kinds = _kinds(program)
    places = invented(names, seed)
    owners = groups(names)
    objects = []
    for name in sorted(set(owners.values())):
        kind = kinds.get(name, ObjectKind.GRASPABLE)
        size = SIZES[kind]
        own = [key for key in owners if owners[key] == name]
        anchor = np.array(places[name] if name in places else places[own[0]])
        center = np.array([*anchor[:2], size[2] / 2])
        keypoints = {
            key.removeprefix(name + '.'): np.array(places[key]) + (center - anchor)
            for key in own if key != name and key.removeprefix(name + '.') not in (TOP, CENTER)
        }
        objects.append(scene_object(name, kind, center, size, keypoints, 0.0))
    return Scene(0.0, tuple(objects), MADE_UP)


def scene_of_places(keypoints: dict[str, tuple[float, float, float]]) -> Scene:
    """A scene with keypoints where they are said to be [m]."""
    return scene_of_points(dict(keypoints), 0.0, MADE_UP)


def _names_in(source: str) -> set[str]:
    try:
        return set(compile_reward(source).keypoints)
    except RewardCodeError:
        return set()


def _kinds(program: RewardProgram) -> dict[str, ObjectKind]:
    """What is taken is graspable, what is avoided an obstacle, what things come to a surface."""
    kinds: dict[str, ObjectKind] = {}
    for stage in program.stages:
        for term in stage.terms:
            if isinstance(term, Place):
                kinds.setdefault(term.object, ObjectKind.SURFACE)
    if program.target is not None:
        kinds.setdefault(program.target, ObjectKind.SURFACE)
    for stage in program.stages:
        for term in stage.terms:
            if isinstance(term, Avoid):
                kinds.setdefault(term.object, ObjectKind.OBSTACLE)
            if isinstance(term, Code) and term.obstacle is not None:
                kinds.setdefault(term.obstacle.partition('.')[0], ObjectKind.OBSTACLE)
    for stage in program.stages:
        for term in stage.terms:
            if isinstance(term, Grasp):
                kinds[term.object] = ObjectKind.GRASPABLE
    kinds[program.subject] = ObjectKind.GRASPABLE
    return kinds
