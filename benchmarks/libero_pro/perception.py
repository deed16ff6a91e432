"""From labelled RGB-D pictures to the scene that policies, rewards and authors see."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from benchmarks.libero_pro.camera import LabelledPicture
from benchmarks.libero_pro.grasp import plan_grasp
from benchmarks.libero_pro.names import is_fixed, names_in_words
from benchmarks.libero_pro.solids import Solid
from vls_core.grounding.detector import Detection
from vls_core.grounding.picture import RgbdPicture
from vls_core.rewards.keypoints import FINGER, GRASP
from vls_core.types import Grip, Keypoint, ObjectKind, Scene, SceneObject

DEVIATION = 0.006
"""What the centre of a box is taken to be off by, one sigma [m]; tests see it within four."""
_FEWEST_PIXELS = 15
_HIDDEN = 0.75  # of what was seen at first; with less, something stands before it
_OUTLIERS = (1.0, 99.0)  # percentiles: pixels at edges may lie on what is behind
_STANDS = 0.02  # m over the table, within which a thing stands on it
_UPRIGHT = 1.2  # times as tall as wide: of these one sees the front, and little of the top
_HELD_SEEN = 0.5  # of it has to be seen of what is held, to tell how it hangs in the hand
_NEAR = 0.03  # m from a thing, within which fingers may take it
_LARGEST_PART = 400  # points of a thing that grasps are planned for


class SimulatorLabels:
    """Implements `Detector` with the labels of the simulator; named so in every scene."""

    name = 'labels of the simulator'

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def detect(self, picture: RgbdPicture) -> tuple[Detection, ...]:
        """The things in view; what is called what is decided by the first picture."""
        assert isinstance(picture, LabelledPicture)
        masks = {
            name: mask for index, name in enumerate(picture.names)
            if (mask := _inner(picture.labels == index)).sum() >= _FEWEST_PIXELS
        }
        if not self.words:
            self.words = names_in_words({
                name: np.median(_points(picture, mask), axis=0) for name, mask in masks.items()
            })
        return tuple(
            Detection(self.words[name], _kind(self.words[name]), (0, 0), mask)
            for name, mask in masks.items() if name in self.words
        )


class Perception:
    """Keeps what is known of the things of one episode.

    What is half hidden stays where it was. What the closed hand holds moves with the hand, where a
    camera sees it badly.
    """

    def __init__(self) -> None:
        self._detector = SimulatorLabels()
        self._objects: dict[str, SceneObject] = {}
        self._pixels: dict[str, int] = {}
        self._points: dict[str, np.ndarray] = {}
        self._grasped: tuple[str, np.ndarray] | None = None
        self._held = False
        self._task: tuple[str, str] | None = None
        self._table_height: float | None = None

    @property
    def words(self) -> dict[str, str]:
        """The names in words of what has been seen, by their names in the simulator."""
        return self._detector.words

    def is_about(self, subject: str, target: str) -> None:
        """Only what a task moves gets a grasp, planned for where it is brought."""
        self._task = (subject, target)

    def scene(
        self, stamp: float, picture: LabelledPicture | None, hand: np.ndarray, grip: Grip
    ) -> Scene:
        """What is known now.

        Args:
            stamp: now [s].
            picture: None if there is no new one.
            hand: (3,) between the fingertips, in the base frame [m].
        """
        # Fingers that hold something may still give way a little, and hold it nevertheless.
        self._held = grip is Grip.HOLDING or self._held and grip is Grip.CLOSING
        if grip is Grip.OPEN:
            self._grasped = None
        elif self._grasped is None:
            # When they begin to close: once they have closed, the hand may be on its way.
            self._grasped = self._between_the_fingers(hand)
        if picture is not None:
            self._see(picture, hand)
        if self._held and self._grasped is not None:
            name, offset = self._grasped
            self._objects[name] = moved_to(self._objects[name], hand + offset)
        if picture is not None and self._task is not None and not self._held:
            self._plan_grasp(*self._task)
        return Scene(stamp, tuple(self._objects.values()), self._detector.name)

    def _see(self, picture: LabelledPicture, hand: np.ndarray) -> None:
        for detection in self._detector.detect(picture):
            name, count = detection.name, int(detection.mask.sum())
            if self._held and self._grasped is not None and name == self._grasped[0]:
                if count >= _HELD_SEEN * self._pixels[name]:
                    points = _whole(picture, detection.mask)
                    self._grasped = (name, _box(detection, points, picture).center - hand)
                continue
            if count < _HIDDEN * self._pixels.get(name, 0):
                continue
            self._pixels[name] = max(count, self._pixels.get(name, 0))
            points = _whole(picture, detection.mask)
            some = points[:: 1 + len(points) // _LARGEST_PART]
            self._points[name] = _with_foot(some, self._table(picture))
            self._objects[name] = _box(detection, points, picture)

    def _table(self, picture: LabelledPicture) -> float:
        """Height at which most of what is no thing lies, when it is first seen [m]."""
        if self._table_height is None:
            heights = _points(picture, picture.labels < 0)[:, 2]
            counts, edges = np.histogram(heights, np.arange(-0.1, 0.1, 0.002))
            self._table_height = float(edges[counts.argmax()]) + 0.001
        return self._table_height

    def _between_the_fingers(self, hand: np.ndarray) -> tuple[str, np.ndarray] | None:
        """The thing whose box the fingertips are in, or nearest to, and where it is from there."""
        near = {
            name: float(np.linalg.norm(np.maximum(np.abs(item.center - hand)
                                                  - item.extent / 2, 0.0)))
            for name, item in self._objects.items() if not is_fixed(name)
        }
        name = min(near, key=near.__getitem__, default=None)
        if name is None or near[name] > _NEAR:
            return None
        return name, self._objects[name].center - hand

    def _plan_grasp(self, subject: str, target: str) -> None:
        if subject in self._objects and target in self._objects:
            others = [_corners(other) for name, other in self._objects.items() if name != subject]
            self._objects[subject] = with_grasp(
                self._objects[subject], self._points[subject], self._objects[target], others
            )


def with_grasp(
    item: SceneObject, points: np.ndarray, target: SceneObject, others: list[Solid]
) -> SceneObject:
    """The object with keypoints that say where, and with which turn of the hand, to take it.

    Args:
        points: (N, 3) on its surface, in the base frame [m].
        target: where it will be brought.
        others: everything else.
    """
    journey = target.top - (item.center - [0.0, 0.0, item.extent[2] / 2])
    grasp = plan_grasp(Solid(points), others, journey)
    line = np.array([np.cos(grasp.yaw), np.sin(grasp.yaw), 0.0])
    covariance = item.keypoints[0].covariance
    return replace(item, keypoints=(
        *(point for point in item.keypoints if point.name not in (GRASP, FINGER)),
        Keypoint(GRASP, grasp.position, covariance),
        Keypoint(FINGER, grasp.position + grasp.width / 2 * line, covariance),
    ))


def moved_to(item: SceneObject, center: np.ndarray) -> SceneObject:
    """The object as it would be elsewhere, keypoints included."""
    shift = center - item.center
    keypoints = tuple(replace(point, position=point.position + shift) for point in item.keypoints)
    return replace(item, center=center, keypoints=keypoints)


def _kind(name: str) -> ObjectKind:
    return ObjectKind.SURFACE if is_fixed(name) else ObjectKind.GRASPABLE


def _inner(mask: np.ndarray) -> np.ndarray:
    """Without the pixels at the edge, where depths mix; all of it, if nothing is left."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return inner if inner.sum() >= _FEWEST_PIXELS else mask


def _points(picture: LabelledPicture, mask: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(mask)
    return picture.points(columns, rows)


def _whole(picture: LabelledPicture, mask: np.ndarray) -> np.ndarray:
    """(N, 3) what is seen of a thing; what stands upright is taken to be as deep as it is wide,
    and its back to be like its front.
    """
    points = _points(picture, mask)
    away = points.mean(0)[:2] - picture.camera.position[:2]
    away /= np.linalg.norm(away)
    axes = np.array([away, [-away[1], away[0]]])
    low, high = np.percentile(points[:, :2] @ axes.T, _OUTLIERS, axis=0)
    bottom, top = np.percentile(points[:, 2], _OUTLIERS)
    width = high[1] - low[1]
    if top - bottom < _UPRIGHT * width or high[0] - low[0] > width:
        return points
    middle = np.array([low[0] + width / 2, (low[1] + high[1]) / 2]) @ axes
    behind = points.copy()
    behind[:, :2] = 2 * middle - points[:, :2]
    return np.concatenate([points, behind])


def _with_foot(points: np.ndarray, table: float) -> np.ndarray:
    """(N, 3) down to the table, if a thing stands there: its lowest pixels are left out, and a
    grasp that is planned without them is too high for what is flat.
    """
    if not 0.0 < points[:, 2].min() - table < _STANDS:
        return points
    foot = points.copy()
    foot[:, 2] = table
    return np.concatenate([points, foot])


def _box(detection: Detection, points: np.ndarray, picture: LabelledPicture) -> SceneObject:
    """The box around what is seen, wider by the pixels that were left out at its edge."""
    low, high = np.percentile(points, _OUTLIERS, axis=0)
    distance = np.linalg.norm(points.mean(0) - picture.camera.position)
    edge = distance / picture.camera.fx
    center, extent = (low + high) / 2, high - low + 2 * edge
    covariance = DEVIATION**2 * np.eye(3)
    top = center + [0.0, 0.0, extent[2] / 2]
    keypoints = (Keypoint('center', center, covariance), Keypoint('top', top, covariance))
    return SceneObject(
        detection.name, detection.kind, center, extent, keypoints, picture.stamp
    )


def _corners(item: SceneObject) -> Solid:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return Solid(item.center + signs * item.extent / 2)
