"""Image messages to arrays and back, without copying pixels where it can be helped."""

from __future__ import annotations

import array

import numpy as np
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from vls_core.grounding.camera import CameraModel
from vls_core.types import InvalidValueError

_CHANNELS = {'rgb8': (np.uint8, 3), 'bgr8': (np.uint8, 3), '16UC1': (np.uint16, 1)}


def color_from_message(message: Image) -> np.ndarray:
    """(H, W, 3) uint8 red green blue, from rgb8 or bgr8. Raises InvalidValueError."""
    picture = _pixels(message, ('rgb8', 'bgr8'), 'colour')
    return picture[..., ::-1] if message.encoding == 'bgr8' else picture


def depth_from_message(message: Image) -> np.ndarray:
    """(H, W) uint16 [mm] from 16UC1. Raises InvalidValueError."""
    return _pixels(message, ('16UC1',), 'depth')[..., 0]


def _pixels(message: Image, encodings: tuple[str, ...], what: str) -> np.ndarray:
    """(H, W, channels) view of the data of a message."""
    if message.encoding not in encodings:
        raise InvalidValueError(
            f'{what} pictures must be {" or ".join(encodings)}, got "{message.encoding}"'
        )
    kind, channels = _CHANNELS[message.encoding]
    row = message.width * channels * np.dtype(kind).itemsize
    if message.step < row or len(message.data) != message.step * message.height or not row:
        raise InvalidValueError(
            f'{what} picture: {message.width} x {message.height} pixels of {message.encoding} do '
            f'not fit {len(message.data)} bytes in rows of {message.step}'
        )
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)[:, :row]
    pixels = np.ascontiguousarray(rows).view(np.dtype(kind).newbyteorder(
        '>' if message.is_bigendian else '<'
    ))
    return pixels.reshape(message.height, message.width, channels).astype(kind, copy=False)


def image_message(picture: np.ndarray, encoding: str, header: Header) -> Image:
    """A message from (H, W) uint16 (16UC1) or (H, W, 3) uint8 (rgb8)."""
    picture = np.ascontiguousarray(picture)
    return Image(
        header=header,
        height=picture.shape[0],
        width=picture.shape[1],
        encoding=encoding,
        step=picture.strides[0],
        data=array.array('B', picture.tobytes()),
    )


def camera_from_message(
    message: CameraInfo, name: str, position: np.ndarray, quaternion: np.ndarray
) -> CameraModel:
    """A camera at a place in the base frame, calibrated by a message. Raises InvalidValueError."""
    if message.k[0] == 0.0:
        raise InvalidValueError(f'{name}: its camera_info is empty, the camera is not calibrated')
    return CameraModel(
        name, message.width, message.height, message.k[0], message.k[4], message.k[2],
        message.k[5], position, quaternion,
    )


def camera_info_message(camera: CameraModel, header: Header) -> CameraInfo:
    """The calibration of a camera without distortion."""
    k = camera.intrinsic_matrix
    return CameraInfo(
        header=header,
        height=camera.height,
        width=camera.width,
        distortion_model='plumb_bob',
        d=[0.0] * 5,
        k=k.ravel(),
        r=np.eye(3).ravel(),
        p=np.column_stack([k, np.zeros(3)]).ravel(),
    )
