"""The way from a picture to a scene: detect, measure, remember."""

from __future__ import annotations

from vls_core.grounding.detector import Detector
from vls_core.grounding.memory import SceneMemory
from vls_core.grounding.objects import measure
from vls_core.grounding.picture import RgbdPicture
from vls_core.types import Scene


class SceneEstimator:
    """Turns pictures into scenes, with whatever detector it is given.

    Args:
        table_height: nothing is below this [m].
    """

    def __init__(self, detector: Detector, memory: SceneMemory, table_height: float) -> None:
        self._detector = detector
        self._memory = memory
        self._table_height = table_height

    def update(self, picture: RgbdPicture) -> Scene:
        """The scene at the time of the picture, hidden objects included."""
        found = (
            measure(detection, picture, self._table_height)
            for detection in self._detector.detect(picture)
        )
        measured = [item for item in found if item is not None]
        objects = self._memory.update(picture.stamp, measured)
        return Scene(picture.stamp, objects, self._detector.name)
