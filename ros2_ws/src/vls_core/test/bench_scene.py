"""The table with things to open, pour from and insert, for tests of the offline author."""

from __future__ import annotations

import numpy as np
from table_scene import table_scene, thing

from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject

HANDLE_HEIGHT = 0.05


def drawer(name: str = 'drawer') -> SceneObject:
    """A small drawer at the far left whose handle faces the robot."""
    box = thing(name, ObjectKind.SURFACE, (0.74, 0.45), (0.10, 0.14, 0.08))
    handle = Keypoint('handle', np.array([0.68, 0.45, HANDLE_HEIGHT]), 1e-6 * np.eye(3))
    return SceneObject(box.name, box.kind, box.center, box.extent, (handle,))


def bench_scene(*extra: SceneObject) -> Scene:
    """Four cubes, a plate, a tray and a bottle; a drawer, a cup, a bowl, a peg and a socket."""
    return table_scene(
        drawer(),
        thing('cup', at=(0.70, -0.10), size=(0.06, 0.06, 0.08)),
        thing('bowl', ObjectKind.SURFACE, (0.66, 0.28), (0.12, 0.12, 0.05)),
        thing('peg', at=(0.33, -0.40), size=(0.02, 0.02, 0.06)),
        thing('socket', ObjectKind.SURFACE, (0.31, 0.22), (0.05, 0.05, 0.05)),
        *extra,
    )
