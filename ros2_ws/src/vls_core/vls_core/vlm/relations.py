"""How objects stand to each other, in words that small motion cannot turn into their opposite.

A relation that is measured by a length has a border, and whatever lies near it may fall on either
side from one picture to the next. So each relation has a dead zone around its border, in which
nothing is said about it. Two descriptions of a table match unless one says yes where the other
says no: to get from yes to no, something must cross the whole zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from vls_core.types import Scene, SceneObject

DEAD_ZONE = 0.02
"""To either side of a border [m]: much more than objects jitter, less than anyone calls a move."""
VERTICAL_DEAD_ZONE = 0.01
"""The same for heights, which differ less on a table and are measured better [m]."""
RAISED = 0.02
"""Of one object's lower side above the other's, from where on it stands higher [m]."""
NEAR = 0.15
"""Horizontally between centres, from where on things are no longer near each other [m]."""
CONTACT = 0.035
"""Of the lower side of one object from the upper side of what it lies on, at most [m]."""

_VERTICAL = ('raised', 'lowered')

Relations = Mapping[str, bool]
"""By 'a | relation | b': whether it holds. What is in a dead zone is left out."""


def relations_of(scene: Scene) -> dict[str, bool]:
    """Every relation between two objects that is not in doubt, in a fixed order."""
    found = {}
    for one, other in combinations(sorted(scene.objects, key=lambda item: item.name), 2):
        for relation, margin in _margins(one, other):
            if abs(margin) > (VERTICAL_DEAD_ZONE if relation in _VERTICAL else DEAD_ZONE):
                found[f'{one.name} | {relation} | {other.name}'] = bool(margin > 0)
    return found


def match(one: Relations, other: Relations) -> bool:
    """Whether nothing that one says is denied by the other."""
    return not contradictions(one, other)


def contradictions(one: Relations, other: Relations) -> tuple[str, ...]:
    """The relations that hold in one and not in the other."""
    return tuple(key for key, holds in one.items() if other.get(key, holds) is not holds)


def _margins(one: SceneObject, other: SceneObject) -> Iterator[tuple[str, float]]:
    """How far each relation is from its border [m]: positive where it holds.

    Every margin changes by no more than the objects' centres and sides do, added up.
    """
    x, y, _ = one.center - other.center
    yield 'farther', x
    yield 'left', y
    yield 'near', NEAR - float(np.hypot(x, y))
    raised = _bottom(one) - _bottom(other)
    yield 'raised', raised - RAISED
    yield 'lowered', -raised - RAISED
    yield 'on', _on(one, other)
    yield 'carries', _on(other, one)
    yield 'in', _in(one, other)
    yield 'holds', _in(other, one)


def _bottom(item: SceneObject) -> float:
    return float(item.center[2] - item.extent[2] / 2)


def _on(one: SceneObject, other: SceneObject) -> float:
    """Centre over the other's upper side, and its own lower side close to that."""
    over = float((other.extent[:2] / 2 - np.abs(one.center - other.center)[:2]).min())
    return min(over, CONTACT - abs(_bottom(one) - float(other.top[2])))


def _in(one: SceneObject, other: SceneObject) -> float:
    """Centre within the other's box."""
    return float((other.extent / 2 - np.abs(one.center - other.center)).min())
