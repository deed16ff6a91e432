"""Colour segmentation, the embedded default detector: objects are told apart by hue alone.

It needs no model and no GPU and takes a few milliseconds, but it knows only the objects of its
catalogue, and each must have a hue of its own and a saturated colour. It understands no words: the
names are those of the catalogue.
"""

from __future__ import annotations

import cv2
import numpy as np

from vls_core.grounding.catalogue import CatalogueObject, ObjectCatalogue
from vls_core.grounding.detector import Detection
from vls_core.grounding.picture import RgbdPicture

MINIMUM_PIXELS = 25
"""A smaller patch of colour is taken for noise."""

_SIZE_TOLERANCE = 1.35
_EDGE_STEP = 0.015
"""A jump in depth between neighbouring pixels that is an edge [m]."""

_OPENING = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))


class ColourSegmentation:
    """A detector by colour and depth; see the module. Raises nothing on any valid picture."""

    name = 'colour segmentation'

    def __init__(self, catalogue: ObjectCatalogue) -> None:
        self._catalogue = catalogue
        hues = 2.0 * np.arange(256)  # OpenCV stores half degrees
        self._labels = np.zeros(256, np.uint8)
        self._saturations = np.full(256, 255, np.uint8)
        self._values = np.full(256, 255, np.uint8)
        for label, item in enumerate(catalogue.objects, start=1):
            band = item.has_hue(hues) & (hues < 360)
            self._labels[band] = label
            self._saturations[band] = round(255 * item.minimum_saturation)
            self._values[band] = round(255 * item.minimum_value)

    def detect(self, picture: RgbdPicture) -> tuple[Detection, ...]:
        """The objects of the catalogue in view."""
        labels = self._coloured(picture.color)
        self._drop_outside_workspace(labels, picture)
        labels[_behind_an_edge(picture.depth)] = 0
        found = (
            _largest_plausible(labels, label, item, picture)
            for label, item in enumerate(self._catalogue.objects, start=1)
        )
        return tuple(detection for detection in found if detection is not None)

    def _coloured(self, color: np.ndarray) -> np.ndarray:
        """(H, W) uint8: 1-based index of the object whose colour a pixel has, 0 for none."""
        hue, saturation, value = cv2.split(cv2.cvtColor(color, cv2.COLOR_RGB2HSV))
        strong = cv2.compare(saturation, cv2.LUT(hue, self._saturations), cv2.CMP_GE)
        bright = cv2.compare(value, cv2.LUT(hue, self._values), cv2.CMP_GE)
        return cv2.LUT(hue, self._labels) & strong & bright

    def _drop_outside_workspace(self, labels: np.ndarray, picture: RgbdPicture) -> None:
        rows, columns = np.nonzero(labels)
        points = picture.points(columns, rows)
        inside = (points >= self._catalogue.minimum).all(axis=1)
        inside &= (points <= self._catalogue.maximum).all(axis=1)
        inside &= picture.depth[rows, columns] > 0
        labels[rows[~inside], columns[~inside]] = 0


def _behind_an_edge(depth: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels next to something nearer; the colour there may be that of the latter."""
    known = np.where(depth == 0, np.uint16(np.iinfo(np.uint16).max), depth)
    nearest = cv2.erode(known, np.ones((3, 3), np.uint8))
    return known - nearest > 1000 * _EDGE_STEP


def _largest_plausible(
    labels: np.ndarray, label: int, item: CatalogueObject, picture: RgbdPicture
) -> Detection | None:
    """The largest patch that is not larger than the object, and what else of it is near by.

    What stands in front of an object may split it into patches.
    """
    mask = cv2.compare(labels, label, cv2.CMP_EQ)
    left, top, width, height = cv2.boundingRect(mask)
    if width * height < MINIMUM_PIXELS:
        return None
    crop = cv2.morphologyEx(
        mask[top:top + height, left:left + width], cv2.MORPH_OPEN, _OPENING
    )
    count, patches, statistics, _ = cv2.connectedComponentsWithStats(crop)
    limit = _SIZE_TOLERANCE * item.solid.diagonal
    kept: list[int] = []
    points = np.empty((0, 3))
    for patch in 1 + np.argsort(-statistics[1:count, cv2.CC_STAT_AREA]):
        if statistics[patch, cv2.CC_STAT_AREA] < MINIMUM_PIXELS:
            break
        rows, columns = np.nonzero(patches == patch)
        joined = np.concatenate([points, picture.points(columns + left, rows + top)])
        if _spread(joined) <= limit:
            points = joined
            kept.append(patch)
    if not kept:
        return None
    return Detection(item.name, item.kind, (left, top), np.isin(patches, kept), item.solid)


def _spread(points: np.ndarray) -> float:
    """Diagonal of the box around points (N, 3), less the outermost hundredth at each side [m]."""
    low, high = np.percentile(points, (1, 99), axis=0)
    return float(np.linalg.norm(high - low))
