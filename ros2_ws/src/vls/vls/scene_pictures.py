"""A scene from picture files: colour, depth, and where the camera was."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field, ValidationError

from vls_core.grounding.camera import DEMO_FRONT_CAMERA, CameraModel
from vls_core.grounding.catalogue import ObjectCatalogue
from vls_core.grounding.colour_segmentation import ColourSegmentation
from vls_core.grounding.estimator import SceneEstimator
from vls_core.grounding.memory import SceneMemory
from vls_core.grounding.picture import RgbdPicture
from vls_core.rewards.model import Strict
from vls_core.types import InvalidValueError, Scene

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Pixels = Annotated[int, Field(gt=0, le=8192)]


class PictureFileError(ValueError):
    """A picture or a camera file cannot be used; the message says which, and why."""


class _Camera(Strict):
    """A camera file: the fields of CameraModel."""

    name: str = 'camera'
    width: _Pixels
    height: _Pixels
    fx: _Finite
    fy: _Finite
    cx: _Finite
    cy: _Finite
    position: tuple[_Finite, _Finite, _Finite]
    quaternion: tuple[_Finite, _Finite, _Finite, _Finite]


def load_camera(path: Path | None) -> CameraModel:
    """The camera of a JSON file, by default the demo's front camera. Raises PictureFileError."""
    if path is None:
        return DEMO_FRONT_CAMERA
    try:
        read = _Camera.model_validate_json(path.read_bytes())
        return CameraModel(**read.model_dump())
    except (OSError, ValidationError, InvalidValueError) as error:
        raise PictureFileError(
            f'{path} is no camera: {error}; expected are width, height, fx, fy, cx, cy [pixels], '
            'position x y z [m] and quaternion x y z w of the optical frame in the base frame'
        ) from error


def load_picture(image: Path, depth: Path, camera: CameraModel) -> RgbdPicture:
    """Colour and depth from files: 8 bits a channel, and 16 bits in millimetres.

    Raises:
        PictureFileError: a file is missing or no picture, or the sizes do not match.
    """
    color = _read(image, cv2.IMREAD_COLOR)[:, :, ::-1]
    distances = _read(depth, cv2.IMREAD_UNCHANGED)
    if distances.dtype != np.uint16 or distances.ndim != 2:
        raise PictureFileError(f'{depth} is no depth: one channel of 16 bits, in mm, is expected')
    try:
        return RgbdPicture(0.0, camera, np.ascontiguousarray(color), distances)
    except InvalidValueError as error:
        raise PictureFileError(
            f'{error}; tell how the camera is calibrated with --camera'
        ) from error


def see(picture: RgbdPicture, catalogue: ObjectCatalogue) -> Scene:
    """The objects of the catalogue that are in the picture, by colour segmentation."""
    estimator = SceneEstimator(
        ColourSegmentation(catalogue), SceneMemory(timeout=1.0), catalogue.table_height
    )
    return estimator.update(picture)


def png(color: np.ndarray) -> bytes:
    """(H, W, 3) uint8, red green blue, as PNG. Raises PictureFileError."""
    written, encoded = cv2.imencode('.png', color[:, :, ::-1])
    if not written:
        raise PictureFileError('OpenCV could not encode a picture as PNG')
    return encoded.tobytes()


def _read(path: Path, how: int) -> np.ndarray:
    if not path.is_file():
        raise PictureFileError(f'{path} is no file')
    image = cv2.imread(str(path), how)
    if image is None:
        raise PictureFileError(f'{path} is no picture that OpenCV can read')
    return image
