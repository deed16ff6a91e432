"""Draws a scene over its picture, for the operator and for the language model.

Every object gets its box and its name, every keypoint a number. The numbers count through the
whole scene, in the order of `numbered_keypoints`, so that an answer can speak of "point 3".
"""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from vls_core.grounding.camera import CameraModel
from vls_core.types import Keypoint, Scene, SceneObject

SCALE = 2
"""The drawing is this many times the size of the picture: letters stay readable."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_SIZE = 0.55
_HIDDEN_COLOUR = (200, 200, 200)
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_EDGES = [(a, b) for a in range(8) for b in range(a) if bin(a ^ b).count('1') == 1]

Rectangle = tuple[int, int, int, int]
"""Left, upper, right and lower pixel."""


def numbered_keypoints(scene: Scene) -> tuple[tuple[int, SceneObject, Keypoint], ...]:
    """All keypoints of a scene with their numbers, from 1."""
    pairs = [(item, keypoint) for item in scene.objects for keypoint in item.keypoints]
    return tuple((number, *pair) for number, pair in enumerate(pairs, start=1))


def annotate(
    color: np.ndarray, camera: CameraModel, scene: Scene, names: bool = True
) -> np.ndarray:
    """The picture with boxes, names and numbered keypoints; objects not in view are dashed grey.

    Args:
        color: (H, W, 3) uint8, red green blue; left as it is.
        names: False leaves away all that tells objects apart: boxes, names and colours of points.

    Returns:
        (SCALE * H, SCALE * W, 3) uint8.
    """
    drawing = cv2.resize(color, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_LINEAR)
    colours = dict(zip(scene.names, _distinct_colours(len(scene.objects)), strict=True))
    taken: list[Rectangle] = []
    for item in scene.objects if names else ():
        hidden = item.last_seen < scene.stamp
        _draw_box(drawing, camera, item, _HIDDEN_COLOUR if hidden else colours[item.name], hidden)
    for number, item, keypoint in numbered_keypoints(scene):
        colour = colours[item.name] if names else _WHITE
        _draw_keypoint(drawing, camera, number, keypoint, colour, taken)
    for item in scene.objects if names else ():
        age = scene.stamp - item.last_seen
        label = item.name if age <= 0 else f'{item.name} (hidden {age:.0f} s)'
        _draw_name(drawing, camera, item, label, taken)
    return drawing


def _distinct_colours(count: int) -> list[tuple[int, int, int]]:
    return [
        tuple(int(255 * part) for part in colorsys.hsv_to_rgb(index / max(count, 1), 0.6, 1.0))
        for index in range(count)
    ]


def _pixels(camera: CameraModel, points: np.ndarray) -> np.ndarray | None:
    """(N, 2) whole pixels of the drawing; None when a point is behind the camera."""
    pixels, depth = camera.project(points)
    if (depth <= 0).any():
        return None
    return np.round(SCALE * (pixels + 0.5) - 0.5).clip(-10_000, 10_000).astype(int)


def _corners(camera: CameraModel, item: SceneObject) -> np.ndarray | None:
    signs = np.array([[(index >> bit & 1) - 0.5 for bit in range(3)] for index in range(8)])
    return _pixels(camera, item.center + signs * item.extent)


def _draw_box(
    drawing: np.ndarray, camera: CameraModel, item: SceneObject, colour: tuple[int, int, int],
    dashed: bool,
) -> None:
    corners = _corners(camera, item)
    if corners is None:
        return
    for start, end in ((corners[a], corners[b]) for a, b in _EDGES):
        if not dashed:
            cv2.line(drawing, start.tolist(), end.tolist(), colour, 1, cv2.LINE_AA)
            continue
        for share in np.arange(0.0, 1.0, 0.2):
            dash = start + np.outer((share, share + 0.1), end - start)
            cv2.line(drawing, *dash.round().astype(int).tolist(), colour, 1, cv2.LINE_AA)


def _draw_keypoint(
    drawing: np.ndarray, camera: CameraModel, number: int, keypoint: Keypoint,
    colour: tuple[int, int, int], taken: list[Rectangle],
) -> None:
    pixels = _pixels(camera, keypoint.position[None])
    if pixels is None:
        return
    u, v = pixels[0]
    side = 1 if number % 2 else -1
    place = _free_place(drawing, (u + 26 * side, v + 10 * side), str(number), taken)
    edge = (place[2] if side < 0 else place[0], (place[1] + place[3]) // 2)
    cv2.line(drawing, (int(u), int(v)), edge, _WHITE, 1, cv2.LINE_AA)
    cv2.circle(drawing, (int(u), int(v)), 4, _BLACK, -1, cv2.LINE_AA)
    cv2.circle(drawing, (int(u), int(v)), 3, colour, -1, cv2.LINE_AA)
    _draw_text(drawing, place, str(number), _BLACK, _WHITE)


def _draw_name(
    drawing: np.ndarray, camera: CameraModel, item: SceneObject, label: str,
    taken: list[Rectangle],
) -> None:
    corners = _corners(camera, item)
    if corners is None:
        return
    middle = (int(corners[:, 0].mean()), int(corners[:, 1].min()) - 14)
    _draw_text(drawing, _free_place(drawing, middle, label, taken), label, _WHITE, _BLACK)


def _free_place(
    drawing: np.ndarray, middle: tuple[int, int], text: str, taken: list[Rectangle]
) -> Rectangle:
    """A place for a text near a pixel, in the drawing and apart from the other texts."""
    (width, height), _ = cv2.getTextSize(text, _FONT, _FONT_SIZE, 1)
    width, height = width + 8, height + 8
    rows, columns = drawing.shape[:2]
    left = int(np.clip(middle[0] - width // 2, 0, max(columns - width, 0)))
    for shift in sorted(range(-8 * height, 8 * height + 1, height // 2), key=abs):
        top = int(np.clip(middle[1] - height // 2 + shift, 0, max(rows - height, 0)))
        place = (left, top, left + width, top + height)
        if not any(_overlap(place, other) for other in taken):
            break
    taken.append(place)
    return place


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    )


def _draw_text(
    drawing: np.ndarray, place: Rectangle, text: str, colour: tuple[int, int, int],
    background: tuple[int, int, int],
) -> None:
    cv2.rectangle(drawing, place[:2], (place[2] - 1, place[3] - 1), background, -1)
    cv2.putText(
        drawing, text, (place[0] + 4, place[3] - 5), _FONT, _FONT_SIZE, colour, 1, cv2.LINE_AA
    )
