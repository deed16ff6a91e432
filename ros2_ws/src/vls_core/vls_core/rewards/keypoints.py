"""Names of points: how a program, a term written in code and a drawing all speak of the same one.

The name of an object is its centre; "object.top" is the centre of its upper side; "object.x" is
its keypoint x. Names are looked up in the present scene, so a program keeps its meaning when
things move.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from vls_core.types import Scene, SceneObject, UnknownObjectError

TOP = 'top'
CENTER = 'center'
GRASP = 'grasp'
"""Keypoint between the fingertips of a hand that has taken the object, where perception knows a
better one than the centre: at the rim of a bowl, high up on a bottle."""
FINGER = 'finger'
"""Keypoint that tells how such a hand is turned, and how wide it has to open: where one of its
fingers touches."""


def object_of(name: str, scene: Scene) -> SceneObject:
    """The object a point belongs to. Raises UnknownObjectError."""
    return _split(name, scene)[0]


def position(name: str, scene: Scene) -> np.ndarray:
    """(3,) where a named point is [m]. Raises UnknownObjectError."""
    item, point = _split(name, scene)
    return _points(item)[point]


def grasp_point(item: SceneObject) -> np.ndarray:
    """(3,) where to take an object: its keypoint of that name, else its centre [m]."""
    return _points(item).get(GRASP, item.center)


def finger_direction(item: SceneObject) -> np.ndarray | None:
    """(3,) from one finger to the other of a hand that takes the object; None: any will do."""
    finger = _points(item).get(FINGER)
    return None if finger is None else finger - grasp_point(item)


def positions(scene: Scene) -> dict[str, np.ndarray]:
    """Every name a program may use, and where that point is, (3,) [m], as `position` says."""
    found: dict[str, np.ndarray] = {}
    owners: dict[str, str] = {}
    for item in scene.objects:
        points = _points(item)
        for name, point in _names(item).items():
            if name not in owners or len(item.name) > len(owners[name]):
                found[name], owners[name] = points[point], item.name
    return found


def ambiguous(scene: Scene) -> tuple[str, ...]:
    """Names that mean more than one point: "mug.top" where an object is called that as well."""
    meanings = Counter(name for item in scene.objects for name in _names(item))
    return tuple(name for name, count in meanings.items() if count > 1)


def _names(item: SceneObject) -> dict[str, str]:
    """Full name to point."""
    return {item.name: CENTER} | {f'{item.name}.{point}': point for point in _points(item)}


def _points(item: SceneObject) -> dict[str, np.ndarray]:
    named = {keypoint.name: keypoint.position for keypoint in item.keypoints}
    return {CENTER: item.center, TOP: item.top} | named


def _split(name: str, scene: Scene) -> tuple[SceneObject, str]:
    """Object and point. Names of objects, and of points, may hold dots themselves.

    What is ambiguous belongs to the object with the longest name.
    """
    if name in scene:
        return scene[name], CENTER
    owner = name
    while '.' in owner:
        owner = owner.rpartition('.')[0]
        point = name[len(owner) + 1:]
        if owner in scene and point in _points(scene[owner]):
            return scene[owner], point
    raise UnknownObjectError(name, tuple(positions(scene)))
