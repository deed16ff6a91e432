"""Names of points: how a program, a term written in code and a drawing all speak of the same one.

The name of an object is its centre; "object.top" is the centre of its upper side; "object.x" is
its keypoint x. Names are looked up in the present scene, so a program keeps its meaning when
things move.
"""

from __future__ import annotations

import numpy as np

from vls_core.types import Scene, SceneObject, UnknownObjectError

TOP = 'top'
CENTER = 'center'


def object_of(name: str, scene: Scene) -> SceneObject:
    """The object a point belongs to. Raises UnknownObjectError."""
    return _split(name, scene)[0]


def position(name: str, scene: Scene) -> np.ndarray:
    """(3,) where a named point is [m]. Raises UnknownObjectError."""
    item, point = _split(name, scene)
    return _points(item)[point]


def positions(scene: Scene) -> dict[str, np.ndarray]:
    """Every name a program may use, and where that point is, (3,) [m]."""
    found = {}
    for item in scene.objects:
        points = _points(item)
        found[item.name] = points[CENTER]
        found |= {f'{item.name}.{point}': where for point, where in points.items()}
    return found


def _points(item: SceneObject) -> dict[str, np.ndarray]:
    named = {keypoint.name: keypoint.position for keypoint in item.keypoints}
    return {CENTER: item.center, TOP: item.top} | named


def _split(name: str, scene: Scene) -> tuple[SceneObject, str]:
    """Object and point. Names of objects may hold dots themselves."""
    if name in scene:
        return scene[name], CENTER
    owner, _, point = name.rpartition('.')
    if owner in scene and point in _points(scene[owner]):
        return scene[owner], point
    raise UnknownObjectError(name, tuple(positions(scene)))
