"""The objects of the demo: names, kinds, sizes, colours and where they usually stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.types import ObjectKind, UnknownObjectError

CUBE_SIZE = 0.04
PLATE_RADIUS = 0.075
PLATE_HEIGHT = 0.012
TRAY_SIDE = 0.16
TRAY_FLOOR = 0.006
TRAY_RIM_HEIGHT = 0.015
TRAY_RIM_WIDTH = 0.006
BOTTLE_RADIUS = 0.03
BOTTLE_HEIGHT = 0.20

TABLE_X = (0.15, 0.85)
TABLE_Y = (-0.5, 0.5)


@dataclass(frozen=True)
class CatalogueItem:
    """One object of the demo.

    Attributes:
        extent: (3,) full side lengths of its axis-aligned box [m].
        colour: red, green, blue, opacity, each 0..1.
        nominal: x, y of its usual place in the base frame [m].
        radius: radius of the smallest vertical cylinder around it [m].
        support_height: height above its underside of what rests on it [m]; surfaces only.
    """

    name: str
    kind: ObjectKind
    extent: tuple[float, float, float]
    colour: tuple[float, float, float, float]
    nominal: tuple[float, float]
    radius: float
    support_height: float = 0.0

    @property
    def resting_height(self) -> float:
        """Height of its centre when it stands on the table [m]."""
        return self.extent[2] / 2

    def supports(self, offset: np.ndarray) -> bool:
        """Whether a point (2,) relative to the centre of a surface is within its footprint."""
        if self.name == 'plate':
            return bool(np.hypot(*offset) <= self.radius)
        return bool((np.abs(offset) <= np.array(self.extent[:2]) / 2).all())


def _cube(colour_name: str, rgb: tuple[float, float, float], x: float, y: float) -> CatalogueItem:
    return CatalogueItem(
        name=f'{colour_name} cube',
        kind=ObjectKind.GRASPABLE,
        extent=(CUBE_SIZE,) * 3,
        colour=(*rgb, 1.0),
        nominal=(x, y),
        radius=CUBE_SIZE / np.sqrt(2),
    )


CUBES = (
    _cube('red', (0.90, 0.03, 0.03), 0.40, -0.26),
    _cube('green', (0.05, 0.75, 0.05), 0.40, -0.12),
    _cube('blue', (0.04, 0.22, 0.90), 0.55, -0.26),
    _cube('yellow', (0.95, 0.90, 0.03), 0.55, -0.12),
)
PLATE = CatalogueItem(
    'plate', ObjectKind.SURFACE, (2 * PLATE_RADIUS, 2 * PLATE_RADIUS, PLATE_HEIGHT),
    (1.0, 0.45, 0.02, 1.0), (0.52, 0.12), PLATE_RADIUS, PLATE_HEIGHT,
)
TRAY = CatalogueItem(
    'tray', ObjectKind.SURFACE, (TRAY_SIDE, TRAY_SIDE, TRAY_RIM_HEIGHT),
    (0.03, 0.85, 0.85, 1.0), (0.42, 0.34), TRAY_SIDE / np.sqrt(2), TRAY_FLOOR,
)
BOTTLE = CatalogueItem(
    'bottle', ObjectKind.OBSTACLE, (2 * BOTTLE_RADIUS, 2 * BOTTLE_RADIUS, BOTTLE_HEIGHT),
    (0.90, 0.03, 0.85, 1.0), (0.30, -0.42), BOTTLE_RADIUS,
)
CATALOGUE = (*CUBES, PLATE, TRAY, BOTTLE)


def item_named(name: str) -> CatalogueItem:
    """The object of that name. Raises vls_core.types.UnknownObjectError."""
    for item in CATALOGUE:
        if item.name == name:
            return item
    raise UnknownObjectError(name, tuple(item.name for item in CATALOGUE))
