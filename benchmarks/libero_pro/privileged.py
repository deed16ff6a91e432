"""The upper bound of perception: where everything truly is, and what shape it truly has.

Used by one arm, which says so in its name.
"""

from __future__ import annotations

import numpy as np

from benchmarks.libero_pro.names import is_fixed, names_in_words
from benchmarks.libero_pro.perception import with_grasp
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.solids import Solid, solid
from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject


class TrueScene:
    """Stands in for `Perception`, and looks into the simulator instead of at pictures.

    Attributes:
        words: names in words, by names in the simulator.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._task: tuple[str, str] | None = None
        self.words = names_in_words({
            name: simulation.place(name) for name in simulation.obstacles
        })

    def is_about(self, subject: str, target: str) -> None:
        """Only what a task moves gets a grasp, planned for where it is brought."""
        self._task = (subject, target)

    def scene(self, stamp: float) -> Scene:
        """Everything as it is now, in the base frame."""
        shapes = {words: solid(self._simulation, name).points - self._simulation.base
                  for name, words in self.words.items()}
        objects = {words: _object(words, points, stamp) for words, points in shapes.items()}
        if self._task is not None and set(self._task) <= objects.keys():
            subject, target = self._task
            objects[subject] = with_grasp(
                objects[subject], shapes[subject], objects[target],
                [Solid(shapes[name]) for name in objects if name != subject],
            )
        return Scene(stamp, tuple(objects.values()), 'the simulator itself')


def _object(words: str, points: np.ndarray, stamp: float) -> SceneObject:
    low, high = points.min(0), points.max(0)
    center, extent = (low + high) / 2, high - low
    kind = ObjectKind.SURFACE if is_fixed(words) else ObjectKind.GRASPABLE
    exact = np.zeros((3, 3))
    top = center + [0.0, 0.0, extent[2] / 2]
    keypoints = (Keypoint('center', center, exact), Keypoint('top', top, exact))
    return SceneObject(words, kind, center, extent, keypoints, stamp)
