"""What a detector is: picture in, named masks out. Everything after it is shared by all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vls_core.grounding.picture import RgbdPicture
from vls_core.grounding.solids import Solid
from vls_core.types import ObjectKind


@dataclass(frozen=True, eq=False)
class Detection:
    """The pixels of one named object.

    Attributes:
        corner: column and row of the upper left pixel of the mask in the picture.
        mask: (h, w) bool, true on the visible pixels of the object.
        solid: its shape and size where the detector knows them.
    """

    name: str
    kind: ObjectKind
    corner: tuple[int, int]
    mask: np.ndarray
    solid: Solid | None = None

    @property
    def pixels(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns (N,) and rows (N,) of the object in the picture."""
        rows, columns = np.nonzero(self.mask)
        return columns + self.corner[0], rows + self.corner[1]


class Detector(Protocol):
    """Finds objects in a picture."""

    @property
    def name(self) -> str:
        """What found the objects, for the operator: "colour segmentation"."""

    def detect(self, picture: RgbdPicture) -> tuple[Detection, ...]:
        """The objects in view; each name at most once."""
