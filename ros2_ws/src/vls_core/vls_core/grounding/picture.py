"""A colour picture with its depth, checked once where it enters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.grounding.camera import CameraModel
from vls_core.types import InvalidValueError


class PictureSizeError(InvalidValueError):
    """Colour, depth and calibration are not of the same size."""


@dataclass(frozen=True, eq=False)
class RgbdPicture:
    """What an RGB-D camera saw at one time.

    Attributes:
        stamp: when it was taken [s].
        camera: calibration and place in the base frame.
        color: (H, W, 3) uint8, red green blue.
        depth: (H, W) uint16, distance along the optical axis for each colour pixel [mm];
            0 where nothing was measured.

    Raises:
        PictureSizeError: the sizes differ from one another or from the camera's.
        InvalidValueError: another data type.
    """

    stamp: float
    camera: CameraModel
    color: np.ndarray
    depth: np.ndarray

    def __post_init__(self) -> None:
        size = (self.camera.height, self.camera.width)
        for what, array, shape in (
            ('colour', self.color, (*size, 3)), ('depth', self.depth, size)
        ):
            if array.shape != shape:
                raise PictureSizeError(
                    f'{what} picture: expected height x width {_text(shape)} as calibrated for '
                    f'{self.camera.name}, got {_text(array.shape)}; '
                    'depth must be aligned to colour'
                )
        if self.color.dtype != np.uint8 or self.depth.dtype != np.uint16:
            raise InvalidValueError(
                f'expected uint8 colour and uint16 depth, got {self.color.dtype} and '
                f'{self.depth.dtype}'
            )

    def points(self, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The points (N, 3) in the base frame [m] seen at pixels that have a depth."""
        depth = self.depth[rows, columns] * 1e-3
        return self.camera.deproject(np.column_stack([columns, rows]), depth)


def depth_noise(depth: np.ndarray | float) -> np.ndarray | float:
    """Standard deviation of one depth measurement [m]; grows as stereo cameras' does."""
    return 0.001 + 0.0025 * np.square(depth)


def _text(shape: tuple[int, ...]) -> str:
    return ' x '.join(map(str, shape))
