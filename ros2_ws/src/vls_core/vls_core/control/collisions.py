"""Keeps the arm from touching itself, the table and known obstacles.

All parts of the arm count, as the capsules of `arm_geometry.py`. What is checked are references;
the margins are for the arm, which follows behind and not quite on the same path. A check takes
some 35 us, and 8 us more for every obstacle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import coal
import numpy as np
import pinocchio as pin

from vls_core.control.arm_geometry import (
    FINGERS,
    HAND,
    LINKS,
    PARTS,
    WATCHED_PAIRS,
    add_capsules,
)
from vls_core.control.collision_rules import Box, CollisionRules
from vls_core.control.errors import EnvelopeViolationError
from vls_core.control.kinematics import fr3_model
from vls_core.control.proximity import Proximity, ProximityWatch
from vls_core.types import JOINT_COUNT, InvalidValueError

TABLE: Final = 'table'

_MOVING_PARTS = PARTS[1:]
_GROWTH = 0.001
"""How much a violation may grow on the way out [m]; a measured start is never quite at rest."""


class SelfCollisionError(EnvelopeViolationError):
    """Two parts of the arm would come too close to each other."""


class TableError(EnvelopeViolationError):
    """A part of the arm would come too close to the table."""


class ObstacleError(EnvelopeViolationError):
    """A part of the arm would come too close to an obstacle."""


@dataclass(frozen=True)
class _Guard:
    watch: ProximityWatch
    margin: float
    error: type[EnvelopeViolationError]


class CollisionChecker:
    """Checks joint positions; an arm that starts too close may only come out.

    How much too close is remembered for each kind of collision: what was gained on the way out is
    not lost again. One thread checks; any thread may replace the obstacles.

    Args:
        rules: what to stay clear of.
    """

    def __init__(self, rules: CollisionRules | None = None) -> None:
        self._rules = rules or CollisionRules()
        self._model = fr3_model()
        self._data = self._model.createData()
        # Replaced as a whole, never changed: a check works with what it found at its beginning.
        self._guards = (*self._fixed_guards(), self._obstacle_guard(self._rules.obstacles))
        self._allowed = [0.0] * len(self._guards)

    def reset(self, start: np.ndarray) -> None:
        """Begins at joint positions (7,) [rad], possibly too close to something."""
        self._place(start)
        self._allowed = [
            _allowance(guard.margin - guard.watch.closest(self._data).distance)
            for guard in self._guards
        ]

    def closest(self, positions: np.ndarray) -> Proximity:
        """What is closest at joint positions (7,) [rad]. Raises InvalidValueError."""
        self._place(positions)
        found = (guard.watch.closest(self._data) for guard in self._guards)
        return min(found, key=lambda proximity: proximity.distance)

    def check(self, positions: np.ndarray) -> None:
        """Raises an error unless the arm may go to joint positions (7,) [rad].

        Raises:
            SelfCollisionError: two parts of the arm would come too close to each other.
            TableError: a part would come too close to the table.
            ObstacleError: a part would come too close to an obstacle.
            InvalidValueError: the positions are not seven finite numbers.
        """
        self._place(positions)
        for index, guard in enumerate(self._guards):
            proximity = guard.watch.closest(self._data)
            excess = guard.margin - proximity.distance
            if excess > self._allowed[index]:
                raise guard.error(_sentence(proximity, guard.margin))
            self._allowed[index] = min(self._allowed[index], _allowance(excess))

    def set_obstacles(self, obstacles: tuple[Box, ...]) -> None:
        """Replaces all obstacles, from the next check on; from any thread.

        Where the arm is too close to a new one, the next check fails: stop, then `reset`.
        """
        guard = self._obstacle_guard(tuple(obstacles))
        self._guards = (*self._guards[:-1], guard)

    def _place(self, positions: np.ndarray) -> None:
        if np.shape(positions) != (JOINT_COUNT,) or not np.isfinite(positions).all():
            raise InvalidValueError('joint positions: expected 7 finite numbers')
        pin.forwardKinematics(self._model, self._data, np.asarray(positions, dtype=np.float64))

    def _fixed_guards(self) -> tuple[_Guard, ...]:
        rules = self._rules
        own = _Guard(_watch_itself(self._model), rules.self_margin, SelfCollisionError)
        if rules.table_height is None:
            return (own,)
        plane = coal.Halfspace(np.array([0.0, 0.0, 1.0]), rules.table_height)
        table = ((TABLE, plane, np.zeros(3)),)
        margins = (
            (LINKS[1:], rules.table_margin),
            ((HAND,), rules.hand_table_margin),
            ((FINGERS,), rules.finger_table_margin),
        )
        return own, *(
            _Guard(_watch_surroundings(self._model, parts, table), margin, TableError)
            for parts, margin in margins
        )

    def _obstacle_guard(self, obstacles: tuple[Box, ...]) -> _Guard:
        bodies = tuple((box.name, coal.Box(*box.size), box.centre) for box in obstacles)
        watch = _watch_surroundings(self._model, _MOVING_PARTS, bodies)
        return _Guard(watch, self._rules.obstacle_margin, ObstacleError)


def _allowance(excess: float) -> float:
    return max(0.0, excess + _GROWTH)


def _sentence(proximity: Proximity, margin: float) -> str:
    distance = proximity.distance
    if distance < 0.0:
        return f'{proximity.first} would reach {-distance:.3f} m into {proximity.second}'
    return (
        f'{proximity.first} would be {distance:.3f} m from {proximity.second}; '
        f'{margin:.3f} m are kept'
    )


def _watch_itself(model: pin.Model) -> ProximityWatch:
    geometry = pin.GeometryModel()
    numbers = {part: add_capsules(geometry, model, part) for part in PARTS}
    for first, second in WATCHED_PAIRS:
        _add_pairs(geometry, numbers[first], numbers[second])
    names = tuple(part for part in PARTS for _ in numbers[part])
    return ProximityWatch(model, geometry, names)


def _watch_surroundings(
    model: pin.Model, parts: tuple[str, ...],
    bodies: tuple[tuple[str, coal.CollisionGeometry, np.ndarray], ...],
) -> ProximityWatch:
    geometry = pin.GeometryModel()
    numbers = {part: add_capsules(geometry, model, part) for part in parts}
    names = [part for part in parts for _ in numbers[part]]
    capsules = list(range(len(names)))
    for index, (name, shape, position) in enumerate(bodies):
        placement = pin.SE3(np.eye(3), np.array(position))
        body = pin.GeometryObject(f'surroundings/{index}', 0, placement, shape)
        _add_pairs(geometry, capsules, [geometry.addGeometryObject(body)])
        names.append(name)
    return ProximityWatch(model, geometry, tuple(names))


def _add_pairs(geometry: pin.GeometryModel, first: list[int], second: list[int]) -> None:
    for one in first:
        for other in second:
            geometry.addCollisionPair(pin.CollisionPair(one, other))
