"""A small tabletop scene for tests of authors and checks."""

from __future__ import annotations

import numpy as np

from vls_core.types import ObjectKind, Scene, SceneObject


def thing(
    name: str,
    kind: ObjectKind = ObjectKind.GRASPABLE,
    at: tuple[float, float] = (0.45, 0.0),
    size: tuple[float, float, float] = (0.04, 0.04, 0.04),
) -> SceneObject:
    """An object standing on the table at x, y [m]."""
    return SceneObject(name, kind, np.array([*at, size[2] / 2]), np.array(size))


def table_scene(*extra: SceneObject, stamp: float = 0.0) -> Scene:
    """Four cubes, a plate, a tray and a bottle, and whatever else is given."""
    return Scene(
        stamp,
        (
            thing('red cube', at=(0.40, -0.26)),
            thing('green cube', at=(0.40, -0.12)),
            thing('blue cube', at=(0.55, -0.26)),
            thing('yellow cube', at=(0.55, -0.12)),
            thing('plate', ObjectKind.SURFACE, (0.52, 0.12), (0.15, 0.15, 0.012)),
            thing('tray', ObjectKind.SURFACE, (0.42, 0.34), (0.16, 0.16, 0.015)),
            thing('bottle', ObjectKind.OBSTACLE, (0.70, -0.42), (0.06, 0.06, 0.20)),
            *extra,
        ),
        'scripted',
    )
