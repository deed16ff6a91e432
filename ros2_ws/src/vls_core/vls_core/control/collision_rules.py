"""What the arm has to stay clear of, and how far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.types import InvalidValueError


@dataclass(frozen=True)
class Box:
    """An obstacle along the axes of the base frame.

    Attributes:
        name: for people.
        centre: (3,) [m].
        size: (3,) whole lengths of the edges [m].

    Raises:
        InvalidValueError: on wrong shapes, values that are not finite, or an empty box.
    """

    name: str
    centre: np.ndarray
    size: np.ndarray

    def __post_init__(self) -> None:
        for field in ('centre', 'size'):
            values = np.array(getattr(self, field), dtype=np.float64)
            if values.shape != (3,) or not np.isfinite(values).all():
                raise InvalidValueError(
                    f'obstacle "{self.name}": {field} needs 3 finite numbers'
                )
            values.setflags(write=False)
            object.__setattr__(self, field, values)
        if (self.size <= 0.0).any():
            raise InvalidValueError(f'obstacle "{self.name}": its size must be positive')


@dataclass(frozen=True)
class CollisionRules:
    """What the arm must stay clear of. The base counts as an obstacle to the arm, and no more.

    Attributes:
        self_margin: between two parts of the arm [m].
        table_height: of the plane that nothing reaches below, in the base frame [m]; None without
            a table.
        table_margin: between the table and the links [m].
        hand_table_margin: between the table and the hand [m].
        finger_table_margin: between the table and the fingers, which have to work there [m]. Below
            zero, references may press the fingers that far into a table, as they do for a moment
            in a fast descent; the workspace is what keeps the end effector up.
        obstacle_margin: between any part that moves and any obstacle [m].
        obstacles: at the start; see `CollisionChecker.set_obstacles`.

    Raises:
        InvalidValueError: a margin or the height is not finite, or a margin is negative other
            than that of the fingers.
    """

    self_margin: float = 0.01
    table_height: float | None = 0.0
    table_margin: float = 0.02
    hand_table_margin: float = 0.0
    finger_table_margin: float = -0.005
    obstacle_margin: float = 0.02
    obstacles: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        for name in ('self_margin', 'table_margin', 'hand_table_margin', 'obstacle_margin'):
            if not 0.0 <= getattr(self, name) < np.inf:
                raise InvalidValueError(f'{name} must be a finite number, 0 or more')
        if not np.isfinite(self.finger_table_margin):
            raise InvalidValueError('finger_table_margin must be finite')
        if self.table_height is not None and not np.isfinite(self.table_height):
            raise InvalidValueError('table_height must be finite, or None')
        object.__setattr__(self, 'obstacles', tuple(self.obstacles))
