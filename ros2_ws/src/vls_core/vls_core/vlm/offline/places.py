"""Where "left of the plate" is: offsets from a landmark, from the extents of what is involved.

Directions are those of the base frame (REP 103), so they are seen from the robot: left is +y,
"behind" is farther away (+x), "in front of" is nearer (-x). What is put down beside something
stands on the table, the plane z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.rewards.model import Vector
from vls_core.rewards.term_models import NOWHERE
from vls_core.types import ObjectKind, SceneObject
from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.descriptions import gap
from vls_core.vlm.offline.grounding import Grounding
from vls_core.vlm.offline.lexicon import UNKNOWN_PLACES
from vls_core.vlm.offline.syntax import Place, Relation

LOW = 0.05
"""The open hand fits over what is lower than this beside what it holds [m]."""
GAP = 0.04
"""Free space left beside something low, for the opening fingers [m]."""
TALL_GAP = 0.11
"""Free space left beside something tall, for the whole hand [m]."""
FLAT = 0.025
CLEARANCE = 0.01
FINGER_CLEARANCE = 0.03
"""Free space to leave to anything up to FLAT high, and to anything up to LOW high [m]."""
WORKSPACE_TOLERANCE = 0.02
SIDES: dict[Relation, tuple[float, float]] = {
    Relation.LEFT: (0.0, 1.0), Relation.RIGHT: (0.0, -1.0),
    Relation.BEHIND: (1.0, 0.0), Relation.FRONT: (-1.0, 0.0),
}


@dataclass(frozen=True)
class Spot:
    """A place on or beside a landmark.

    Attributes:
        landmark: the name of the object offsets are counted from.
        offset: horizontally, from the centre of the landmark's upper side [m].
        drop: how much lower than the landmark's upper side things stand there [m].
        said: e.g. "left of the plate".
    """

    landmark: str
    said: str
    offset: Vector = NOWHERE
    drop: float = 0.0

    @property
    def beside(self) -> bool:
        """Not on the landmark itself."""
        return self.offset != NOWHERE

    @property
    def lowered_offset(self) -> Vector:
        """offset, with the drop [m]."""
        return (self.offset[0], self.offset[1], -self.drop)


def find_spot(
    place: Place, subject: SceneObject, free_space: float | None, ground: Grounding
) -> Spot:
    """The spot a place means for a subject.

    Args:
        free_space: to leave between subject and landmark [m], if the sentence says so.

    Raises:
        NotUnderstoodError: it is no place for the subject, not free, or out of the workspace.
    """
    relation = place.relation
    if relation in UNKNOWN_PLACES:
        raise NotUnderstoodError(
            f'I do not know "{place.as_said}" as a place, only on, in, to, next to, left of, '
            'right of, in front of, behind, above and between'
        )
    marks = [ground.one(phrase, ObjectKind.SURFACE, ObjectKind.GRASPABLE)
             for phrase in place.landmarks]
    for mark in marks:
        if mark.name == subject.name:
            raise NotUnderstoodError(f'the {subject.name} cannot be put {relation.value} itself')
        if mark.kind is ObjectKind.OBSTACLE:
            raise NotUnderstoodError(
                f'the {mark.name} is an obstacle, nothing is put there or beside it'
            )
    said = f'{relation.value} the {" and the ".join(mark.name for mark in marks)}'
    if relation is Relation.BETWEEN:
        spots = [_between(marks[0], marks[1], said)]
    elif relation is Relation.BESIDE:
        spots = [_at_side(side, marks[0], subject, free_space, f'{side.value} the {marks[0].name}')
                 for side in SIDES]
        spots.sort(key=lambda spot: _distance(spot, marks[0], subject))
    elif relation in SIDES:
        spots = [_at_side(relation, marks[0], subject, free_space, said)]
    else:
        return Spot(marks[0].name, said)
    return _first_free(spots, marks[0], subject, ground, said)


def _at_side(
    side: Relation, mark: SceneObject, subject: SceneObject, space: float | None, said: str
) -> Spot:
    direction = np.array(SIDES[side])
    if space is None:
        space = GAP if mark.top[2] <= LOW else TALL_GAP
    widths = np.abs(direction) @ (mark.extent + subject.extent)[:2] / 2
    x, y = direction * (widths + space)
    return Spot(mark.name, said, _rounded(x, y), round(float(mark.top[2]), 3))


def _between(first: SceneObject, second: SceneObject, said: str) -> Spot:
    x, y = (second.center - first.center)[:2] / 2
    return Spot(first.name, said, _rounded(x, y), round(float(first.top[2]), 3))


def _rounded(x: float, y: float) -> Vector:
    return (round(float(x), 3) + 0.0, round(float(y), 3) + 0.0, 0.0)


def _position(spot: Spot, mark: SceneObject, subject: SceneObject) -> np.ndarray:
    """(3,) centre of the subject at the spot [m]."""
    return mark.top + spot.lowered_offset + [0.0, 0.0, subject.extent[2] / 2]


def _distance(spot: Spot, mark: SceneObject, subject: SceneObject) -> float:
    return float(np.linalg.norm((_position(spot, mark, subject) - subject.center)[:2]))


def _first_free(
    spots: list[Spot], mark: SceneObject, subject: SceneObject, ground: Grounding, said: str
) -> Spot:
    problems = []
    for spot in spots:
        problem = _what_hinders(_position(spot, mark, subject), subject, ground)
        if problem is None:
            return spot
        problems.append(f'{spot.said} {problem}' if len(spots) > 1 else problem)
    raise NotUnderstoodError(
        f'the {subject.name} cannot be put {said}: {"; ".join(problems)}'
    )


def _what_hinders(position: np.ndarray, subject: SceneObject, ground: Grounding) -> str | None:
    if not ground.workspace.contains(position, WORKSPACE_TOLERANCE):
        x, y, _ = position
        return f'that is at ({x:.2f}, {y:.2f}) m, out of the workspace'
    there = SceneObject(subject.name, subject.kind, position, subject.extent)
    for item in ground.scene.objects:
        if item.name != subject.name and gap(there, item) < _room(item):
            return (f'the {item.name} is too close there, '
                    f'the hand needs {100 * _room(item):.0f} cm')
    return None


def _room(item: SceneObject) -> float:
    if item.kind is ObjectKind.OBSTACLE or item.top[2] > LOW:
        return TALL_GAP
    return FINGER_CLEARANCE if item.top[2] > FLAT else CLEARANCE
