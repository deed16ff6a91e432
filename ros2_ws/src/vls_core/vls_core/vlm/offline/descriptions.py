"""Which of several objects a description singles out: by where they are, or by their size.

Everything is seen from the robot (REP 103): left is +y, and what is behind something is farther
from the robot, +x. An object is left of another one if its centre lies beyond the other one's left
side, wherever it is otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vls_core.types import SceneObject
from vls_core.vlm.offline.syntax import Extreme, Relation

DISTINCT = 0.01
"""Objects that differ by less than this are not told apart by it: perception has noise [m]."""
NEXT_TO_GAP = 0.10
"""Free space up to which something stands next to something else [m]."""
RESTING_GAP = 0.02
"""Between an underside and what it rests on, at most, as perception sees it [m]."""

_SIDES = {Relation.LEFT: (1, 1.0), Relation.RIGHT: (1, -1.0),
          Relation.BEHIND: (0, 1.0), Relation.FRONT: (0, -1.0)}


def holds(relation: Relation, item: SceneObject, landmarks: tuple[SceneObject, ...]) -> bool:
    """Whether an object stands in a relation to one landmark, or between two."""
    if any(item.name == mark.name for mark in landmarks):
        return False
    if relation is Relation.BETWEEN:
        return _between(item, *landmarks)
    landmark, = landmarks
    offset = item.center - landmark.center
    if relation in _SIDES:
        axis, sign = _SIDES[relation]
        return bool(sign * offset[axis] > landmark.extent[axis] / 2)
    if relation is Relation.BESIDE:
        return gap(item, landmark) <= NEXT_TO_GAP and not _rests_on(item, landmark)
    if relation in (Relation.ON, Relation.IN):
        return _rests_on(item, landmark)
    return False


def gap(one: SceneObject, other: SceneObject) -> float:
    """Horizontal free space between two boxes [m]; negative where they overlap."""
    apart = np.abs(one.center - other.center)[:2] - (one.extent + other.extent)[:2] / 2
    return float(np.linalg.norm(apart.clip(0.0))) if (apart > 0).any() else float(apart.max())


def extreme_of(
    extreme: Extreme, items: tuple[SceneObject, ...], landmarks: tuple[SceneObject, ...]
) -> tuple[SceneObject, ...]:
    """The objects that are hardest to tell from the most extreme one, it included."""
    measure = _MEASURES[extreme]
    values = [measure(item, landmarks) for item in items]
    return tuple(item for item, value in zip(items, values, strict=True)
                 if value >= max(values) - DISTINCT)


def _rests_on(item: SceneObject, landmark: SceneObject) -> bool:
    """Over it, and with the underside no higher than its upper side."""
    over = np.abs(item.center - landmark.center)[:2] <= landmark.extent[:2] / 2
    underside = item.center[2] - item.extent[2] / 2
    return bool(over.all() and landmark.center[2] - landmark.extent[2] / 2 - RESTING_GAP
                <= underside <= landmark.top[2] + RESTING_GAP)


def _between(item: SceneObject, first: SceneObject, second: SceneObject) -> bool:
    way = (second.center - first.center)[:2]
    length = max(float(np.linalg.norm(way)), 1e-9)
    along, across = way / length, np.array([-way[1], way[0]]) / length
    offset = (item.center - first.center)[:2]
    widest = max(np.abs(across) @ thing.extent[:2] / 2 for thing in (first, second))
    return bool(0.0 < offset @ along < length and abs(offset @ across) <= widest + DISTINCT)


def _distance(item: SceneObject, landmarks: tuple[SceneObject, ...]) -> float:
    return float(np.linalg.norm((item.center - landmarks[0].center)[:2]))


_MEASURES: dict[Extreme, Callable[[SceneObject, tuple[SceneObject, ...]], float]] = {
    Extreme.LEFTMOST: lambda item, _: item.center[1],
    Extreme.RIGHTMOST: lambda item, _: -item.center[1],
    Extreme.FRONTMOST: lambda item, _: -item.center[0],
    Extreme.REARMOST: lambda item, _: item.center[0],
    Extreme.LARGEST: lambda item, _: float(np.cbrt(np.prod(item.extent))),
    Extreme.SMALLEST: lambda item, _: -float(np.cbrt(np.prod(item.extent))),
    Extreme.TALLEST: lambda item, _: item.extent[2],
    Extreme.NEAREST: lambda item, landmarks: -_distance(item, landmarks),
    Extreme.FARTHEST: _distance,
}
