"""Where to take a thing from above with a parallel gripper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.libero_pro.solids import Solid

WIDEST = 0.07
"""What fits between the fingers with some air [m]; they open to 0.08."""
DEEPEST = 0.03
"""How far below a thing's top the fingertips go [m]."""
LOWEST = 0.012
"""How close the fingertips come to what the thing stands on [m]."""
_RIM = 0.02  # m below the top that count as rim
_WALL = 0.006  # m from the outer edge of a rim to the middle of its wall
_SPREAD = 0.05  # m from the middle between open fingers to the middle of one
_FINGER = 0.02  # m around that
_HAND, _PALM = 0.09, 0.06  # m from the middle to an end of the hand, and from the fingertips up
_RIGHT = 1.3  # how much more a turn to the right counts than one to the left
_DIRECTIONS, _FINE = 24, 96  # the latter for what is long and hardly fits
_Box = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Grasp:
    """A pose of the hand, pointing down.

    Attributes:
        position: (3,) of the point between the fingertips, in the world [m].
        yaw: of the line between the fingers [rad], in [-pi/2, pi/2).
        hanging: how much of the thing hangs below the fingertips [m].
        width: of what is between the fingers [m].
    """

    position: np.ndarray
    yaw: float
    hanging: float
    width: float


def plan_grasp(
    solid: Solid, others: Sequence[Solid], journey: ArrayLike = (0.0, 0.0, 0.0)
) -> Grasp:
    """Across the thing, or of its rim where it is too wide; whatever turns the hand least and
    leaves the fingers air, and the hand room where the thing is let go.

    Args:
        solid: the thing.
        others: what is around it, there and where it is brought.
        journey: (3,) from where the thing is to where it will be let go [m].
    """
    boxes, journey = [(other.low, other.high) for other in others], np.asarray(journey)
    across = _all_across(solid, _DIRECTIONS) or _all_across(solid, _FINE)
    if across:
        return min(across, key=lambda grasp: (
            _crowding(grasp, boxes, journey),
            solid.width(grasp.yaw) + 0.01 * _effort(_turn(grasp.yaw)),
        ))
    # Of the two ends of a line the one on the left comes first, and is taken in a tie.
    ways = np.linspace(np.pi, -np.pi, 2 * _DIRECTIONS, endpoint=False)
    return min((_at_the_rim(solid, way) for way in ways), key=lambda grasp: (
        _crowding(grasp, boxes, journey), round(_effort(_turn(grasp.yaw)), 6)
    ))


def _all_across(solid: Solid, directions: int) -> list[Grasp]:
    yaws = np.linspace(-np.pi / 2, np.pi / 2, directions, endpoint=False)
    return [_across(solid, yaw) for yaw in yaws if solid.width(yaw) <= WIDEST]


def _across(solid: Solid, yaw: float) -> Grasp:
    direction = np.array([np.cos(yaw), np.sin(yaw)])
    normal = np.array([-np.sin(yaw), np.cos(yaw)])
    middle = solid.middle(yaw) * direction + solid.middle(yaw + np.pi / 2) * normal
    return _grasp(solid, middle, yaw, solid.width(yaw))


def _at_the_rim(solid: Solid, way: float) -> Grasp:
    towards = np.array([np.cos(way), np.sin(way)])
    rim = solid.points[solid.points[:, 2] > solid.high[2] - _RIM, :2]
    middle = (rim.max(0) + rim.min(0)) / 2
    reach = float(((rim - middle) @ towards).max()) - _WALL
    return _grasp(solid, middle + reach * towards, way, 2 * _WALL)


def _crowding(grasp: Grasp, boxes: Sequence[_Box], journey: np.ndarray) -> int:
    """How many of what sticks out of the hand would meet something: two fingers and two ends of
    the hand where it takes hold, and the ends once more where it lets go.
    """
    line = np.append(np.array([np.cos(grasp.yaw), np.sin(grasp.yaw)]), 0.0)
    fingers = [grasp.position + side * _SPREAD * line for side in (-1.0, 1.0)]
    ends = [grasp.position + side * _HAND * line + [0.0, 0.0, _PALM] for side in (-1.0, 1.0)]
    there = [end + journey for end in ends]
    return sum(_meets(point, _FINGER, boxes) for point in (*fingers, *ends, *there))


def _meets(point: np.ndarray, radius: float, boxes: Sequence[_Box]) -> bool:
    """Whether something reaches as high as a point, or higher, within a radius of it."""
    return any(
        high[2] > point[2] - radius
        and np.linalg.norm(np.maximum(np.maximum(low - point, point - high), 0.0)[:2]) < radius
        for low, high in boxes
    )


def _grasp(solid: Solid, horizontal: np.ndarray, yaw: float, width: float) -> Grasp:
    bottom, top = solid.low[2], solid.high[2]
    height = max(top - DEEPEST, bottom + LOWEST)
    return Grasp(np.append(horizontal, height), _folded(yaw), height - bottom, width)


def _turn(yaw: float) -> float:
    """How far the hand has to turn from where its fingers are along the world's y [rad]."""
    return _folded(yaw - np.pi / 2)


def _effort(turn: float) -> float:
    """Of a turn; a little more for turns to the right, so that of two alike always the same one is
    taken: what is shown in two ways by chance is hard to learn.
    """
    return turn if turn >= 0 else -_RIGHT * turn


def _folded(yaw: float) -> float:
    """The same line between the fingers, in [-pi/2, pi/2)."""
    return float((yaw + np.pi / 2) % np.pi - np.pi / 2)
