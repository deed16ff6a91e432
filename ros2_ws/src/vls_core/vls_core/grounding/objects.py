"""From the pixels of an object to where it is: centre, size and keypoints with covariance."""

from __future__ import annotations

import cv2
import numpy as np

from vls_core.grounding.detector import Detection
from vls_core.grounding.fit import fit_solid
from vls_core.grounding.picture import RgbdPicture, depth_noise
from vls_core.grounding.solids import Solid
from vls_core.types import Keypoint, SceneObject

_MOST_SAMPLES = 300
_FEWEST_POINTS = 15
_FEWEST_INLIERS = 0.6
_LARGE_PART = 0.7
_RING = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
_RING_WIDTH = 4
_FREE_MARGIN = 0.006
_FREE_STEPS = 10


def measure(
    detection: Detection, picture: RgbdPicture, table_height: float = -np.inf
) -> SceneObject | None:
    """The object of a detection in the base frame; None when too little of it is seen.

    A solid of known size is fitted to what is seen. Without one, or when it does not fit (the
    object lies on its side), the box around the visible points is reported instead, with a
    covariance of half its size. A small part that does not fit the solid says nothing.
    Solids are not below table_height [m].
    """
    columns, rows = detection.pixels
    measured = picture.depth[rows, columns] > 0
    points = picture.points(columns[measured], rows[measured])
    if len(points) < _FEWEST_POINTS:
        return None
    if detection.solid is not None:
        fitted = _fitted(detection, detection.solid, points, picture, table_height)
        if fitted is not None:
            return fitted
    box = _visible_box(detection, points, picture.stamp)
    if detection.solid is not None:
        share = np.linalg.norm(box.extent) / detection.solid.diagonal
        return box if share > _LARGE_PART else None
    return box


def _fitted(
    detection: Detection, solid: Solid, points: np.ndarray, picture: RgbdPicture,
    table_height: float,
) -> SceneObject | None:
    viewpoint = picture.camera.position
    distance = float(np.median(np.linalg.norm(points - viewpoint, axis=1)))
    seen = points[:: 1 + len(points) // _MOST_SAMPLES]
    empty = _seen_through(detection, solid, picture)
    fit = fit_solid(solid, seen, empty, viewpoint, float(depth_noise(distance)), table_height)
    if fit.inliers < _FEWEST_INLIERS:
        return None
    return _object(detection, fit.center, np.array(solid.size), fit.covariance, picture.stamp)


def _seen_through(detection: Detection, solid: Solid, picture: RgbdPicture) -> np.ndarray:
    """Points (N, 3) round an object that are in front of whatever is beside it in the picture."""
    columns, rows = _ring(detection, picture)
    stride = 1 + len(columns) * _FREE_STEPS // (2 * _MOST_SAMPLES)
    columns, rows = columns[::stride], rows[::stride]
    on_object = picture.depth[detection.pixels[1], detection.pixels[0]]
    middle = float(np.median(on_object[on_object > 0])) * 1e-3
    reach = solid.diagonal
    depths = np.linspace(middle - reach / 2, middle + reach, _FREE_STEPS)
    columns, rows = np.repeat(columns, _FREE_STEPS), np.repeat(rows, _FREE_STEPS)
    depth = np.tile(depths, len(columns) // _FREE_STEPS)
    free = depth < picture.depth[rows, columns] * 1e-3 - _FREE_MARGIN
    return picture.camera.deproject(np.column_stack([columns, rows])[free], depth[free])


def _ring(detection: Detection, picture: RgbdPicture) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows of the pixels two to three beside the mask."""
    mask = cv2.copyMakeBorder(
        detection.mask.astype(np.uint8), *(_RING_WIDTH,) * 4, cv2.BORDER_CONSTANT, value=0
    )
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero(cv2.dilate(mask, _RING) > near)
    columns = columns + detection.corner[0] - _RING_WIDTH
    rows = rows + detection.corner[1] - _RING_WIDTH
    inside = (columns >= 0) & (columns < picture.camera.width)
    inside &= (rows >= 0) & (rows < picture.camera.height)
    return columns[inside], rows[inside]


def _visible_box(detection: Detection, points: np.ndarray, stamp: float) -> SceneObject:
    low, high = np.percentile(points, (2, 98), axis=0)
    extent = np.maximum(high - low, 0.005)
    covariance = np.diag((extent / 2) ** 2)
    return _object(detection, (low + high) / 2, extent, covariance, stamp)


def _object(
    detection: Detection, center: np.ndarray, extent: np.ndarray, covariance: np.ndarray,
    stamp: float,
) -> SceneObject:
    top = center + np.array([0.0, 0.0, extent[2] / 2])
    keypoints = (Keypoint('center', center, covariance), Keypoint('top', top, covariance))
    return SceneObject(detection.name, detection.kind, center, extent, keypoints, stamp)
