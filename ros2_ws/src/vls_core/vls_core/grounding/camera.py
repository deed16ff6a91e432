"""Pinhole cameras: where a point of the workspace lands in a picture, and back.

Conventions, the same as ROS and RealSense: the optical frame has z forward, x right and y down
(REP 103); pixel (u, v) counts columns and rows from the upper left, and a *whole* number is the
*centre* of a pixel. The middle of a picture is therefore ((width - 1) / 2, (height - 1) / 2), and
this is also where a MuJoCo camera looks: OpenGL puts the edges of its view on the outer edges of
the outer pixels. Depth is the distance along z, not along the ray.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vls_core.types import BASE_FRAME, END_EFFECTOR_FRAME, InvalidValueError


@dataclass(frozen=True, eq=False)
class CameraModel:
    """A camera without distortion, and where it is mounted.

    Attributes:
        name: prefix of its topics, e.g. "front_camera".
        width, height: size of its pictures [pixels].
        fx, fy: focal lengths [pixels].
        cx, cy: principal point [pixels].
        position: (3,) origin of the optical frame in parent_frame [m].
        quaternion: (4,) x y z w, rotation of the optical frame in parent_frame.
        parent_frame: what the camera is fixed to.

    Raises:
        InvalidValueError: on wrong shapes, values that are not finite, or sizes <= 0.
    """

    name: str
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    position: np.ndarray
    quaternion: np.ndarray
    parent_frame: str = BASE_FRAME

    def __post_init__(self) -> None:
        for what, length in (('position', 3), ('quaternion', 4)):
            values = np.array(getattr(self, what), dtype=np.float64)
            if values.shape != (length,) or not np.isfinite(values).all():
                raise InvalidValueError(f'{self.name}: {what} must be {length} finite numbers')
            values.setflags(write=False)
            object.__setattr__(self, what, values)
        if min(self.width, self.height) <= 0 or not min(self.fx, self.fy) > 0:
            raise InvalidValueError(f'{self.name}: size and focal lengths must be positive')
        if not np.isfinite([self.fx, self.fy, self.cx, self.cy]).all():
            raise InvalidValueError(f'{self.name}: intrinsics are not finite')
        if abs(np.linalg.norm(self.quaternion) - 1.0) > 1e-3:
            raise InvalidValueError(f'{self.name}: the quaternion must have length 1')

    @property
    def optical_frame(self) -> str:
        """Name of the optical frame, as realsense2_camera names it."""
        return f'{self.name}_color_optical_frame'

    @property
    def vertical_field_of_view(self) -> float:
        """Full angle between the upper and the lower edge of the picture [rad]."""
        return float(2.0 * np.arctan(0.5 * self.height / self.fy))

    @cached_property
    def intrinsic_matrix(self) -> np.ndarray:
        """(3, 3) matrix K of sensor_msgs/CameraInfo."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    @cached_property
    def rotation(self) -> np.ndarray:
        """(3, 3) rotation of the optical frame in parent_frame; columns are right, down, forward.

        A MuJoCo camera (y up, looking along -z) has the rotation `rotation @ diag(1, -1, -1)`.
        """
        x, y, z, w = self.quaternion / np.linalg.norm(self.quaternion)
        return np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ])

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points appear in the picture.

        Args:
            points: (N, 3) in parent_frame [m].

        Returns:
            Pixels (N, 2), which may lie outside of the picture, and depth (N,) [m], negative
            behind the camera (the pixels mean nothing there).
        """
        points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        local = (points - self.position) @ self.rotation
        depth = local[:, 2]
        nonzero = np.where(depth == 0.0, np.finfo(float).tiny, depth)
        u = self.fx * local[:, 0] / nonzero + self.cx
        v = self.fy * local[:, 1] / nonzero + self.cy
        return np.stack([u, v], axis=1), depth

    def deproject(self, pixels: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """The points seen at pixels (N, 2) with depth (N,) [m]: (N, 3) in parent_frame [m]."""
        pixels = np.asarray(pixels, dtype=np.float64).reshape(-1, 2)
        depth = np.asarray(depth, dtype=np.float64).reshape(-1)
        right = (pixels[:, 0] - self.cx) / self.fx * depth
        down = (pixels[:, 1] - self.cy) / self.fy * depth
        return np.stack([right, down, depth], axis=1) @ self.rotation.T + self.position


def looking_at(
    position: Sequence[float],
    target: Sequence[float],
    up: Sequence[float] = (0.0, 0.0, 1.0),
) -> np.ndarray:
    """The rotation (4,) x y z w of an optical frame at position that has target in its middle.

    Args:
        position, target: (3,) in the same frame [m].
        up: (3,) what is upward in the picture; must not be parallel to the view.

    Raises:
        InvalidValueError: target is the position, or up is parallel to the view.
    """
    forward = np.asarray(target, dtype=np.float64) - np.asarray(position, dtype=np.float64)
    right = np.cross(forward, np.asarray(up, dtype=np.float64))
    if np.linalg.norm(forward) < 1e-9 or np.linalg.norm(right) < 1e-9:
        raise InvalidValueError('a camera needs a target apart from it and not straight upward')
    forward /= np.linalg.norm(forward)
    right /= np.linalg.norm(right)
    return _quaternion(np.stack([right, np.cross(forward, right), forward], axis=1))


def _quaternion(rotation: np.ndarray) -> np.ndarray:
    # The eigenvector to the largest eigenvalue of Bar-Itzhack's matrix: no cases to tell apart.
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rotation
    matrix = np.array([
        [xx - yy - zz, yx + xy, zx + xz, zy - yz],
        [yx + xy, yy - xx - zz, zy + yz, xz - zx],
        [zx + xz, zy + yz, zz - xx - yy, yx - xy],
        [zy - yz, xz - zx, yx - xy, xx + yy + zz],
    ])
    quaternion = np.linalg.eigh(matrix)[1][:, -1]
    return quaternion if quaternion[3] >= 0 else -quaternion


def from_field_of_view(
    name: str,
    size: tuple[int, int],
    vertical_field_of_view: float,
    position: Sequence[float],
    quaternion: np.ndarray,
    parent_frame: str = BASE_FRAME,
) -> CameraModel:
    """A camera with square pixels that looks through the middle of its picture.

    Args:
        size: width and height [pixels].
        vertical_field_of_view: full angle from the upper to the lower edge [rad].
    """
    width, height = size
    focal_length = float(0.5 * height / np.tan(0.5 * vertical_field_of_view))
    return CameraModel(
        name, width, height, focal_length, focal_length, (width - 1) / 2, (height - 1) / 2,
        np.asarray(position), quaternion, parent_frame,
    )


_FRONT = (1.15, 0.0, 0.75)
DEMO_FRONT_CAMERA = from_field_of_view(
    'front_camera', (640, 480), np.deg2rad(45.0), _FRONT, looking_at(_FRONT, (0.45, 0.0, 0.05))
)
"""The fixed camera of the demo: opposite the arm, looking down on the table."""

_WRIST = (0.065, 0.0, -0.068)
DEMO_WRIST_CAMERA = from_field_of_view(
    'wrist_camera', (320, 240), np.deg2rad(58.0), _WRIST,
    looking_at(_WRIST, (0.0, 0.0, 0.03), up=(-1.0, 0.0, 0.0)), END_EFFECTOR_FRAME,
)
"""The camera on the hand, on a bracket in front of it: sees the finger tips and what is below.

58 degrees is the vertical field of view of a RealSense D435's depth.
"""
