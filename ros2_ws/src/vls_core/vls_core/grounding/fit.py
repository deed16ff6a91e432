"""Where a solid of known size is, from the part of its surface that is seen.

One camera sees two or three sides of an object, and less when something stands before it, so the
mean of the visible points is off by centimetres. Two kinds of evidence fix the centre instead:
what is seen of the object lies *on* its surface, and what was looked through to reach whatever is
beside it in the picture is *empty*. The second is what tells a true edge from one where something
in front hides the rest. Both are distances to the solid, minimised together (Gauss-Newton).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.grounding.solids import Solid

_ITERATIONS = 15
_INLIER_DISTANCE = 0.012
_CONSTRAINT_DISTANCE = 0.006
_SMALLEST_STEP = 1e-4
_SYSTEMATIC_DEVIATION = 0.002
_EFFECTIVE_SAMPLES = 25
_PIXELS_PER_SAMPLE = 10
"""Neighbouring pixels err together: ten count as one measurement, and all as 25 at most."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Where a solid is.

    Attributes:
        center: (3,) [m].
        covariance: (3, 3) [m^2]; wide in directions in which nothing fixes the solid.
        inliers: share of the points on it that agree, 0..1.
    """

    center: np.ndarray
    covariance: np.ndarray
    inliers: float


def fit_solid(
    solid: Solid, seen: np.ndarray, empty: np.ndarray, viewpoint: np.ndarray, deviation: float,
    table_height: float = -np.inf,
) -> Fit:
    """Finds the centre of the solid.

    Args:
        seen: (N, 3) points on its surface [m], N >= 1.
        empty: (M, 3) points known to be outside of it [m].
        viewpoint: (3,) where the camera is [m].
        deviation: standard deviation of a seen point [m].
        table_height: the solid is not below this [m].
    """
    lowest = table_height + solid.size[2] / 2
    center = _first_guess(solid, seen, empty, viewpoint, lowest)
    prior = np.diag((np.array(solid.size) / 2) ** -2.0)
    for _ in range(_ITERATIONS):
        step = _step(solid, seen, empty, center, deviation, prior)
        center = center + step
        center[2] = max(center[2], lowest)
        if np.abs(step).max() < _SMALLEST_STEP:
            break
    distance, _ = _surface_residuals(solid, seen - center)
    inliers = float(np.mean(np.abs(distance) < _INLIER_DISTANCE))
    return Fit(center, _covariance(solid, seen, empty, center, deviation, prior), inliers)


def _first_guess(
    solid: Solid, seen: np.ndarray, empty: np.ndarray, viewpoint: np.ndarray, lowest: float
) -> np.ndarray:
    """The best of eight: seen is an edge of the solid or the middle of one of its sides.

    Each of these also with its top where the highest point is: cameras look down on tables.
    """
    middle = np.median(seen, axis=0)
    away = (middle - viewpoint) / np.linalg.norm(middle - viewpoint)
    behind_sides = np.diag(np.sign(away) * solid.size)[::-1] / 2  # the upper side wins a draw
    guesses = middle + np.vstack([behind_sides, away * min(solid.size) / 2])
    below_top = guesses.copy()
    below_top[:, 2] = np.percentile(seen[:, 2], 98) - solid.size[2] / 2
    candidates = np.vstack([below_top, guesses])
    candidates[:, 2] = np.maximum(candidates[:, 2], lowest)
    few_seen, few_empty = seen[::4], empty[::4]
    return min(candidates, key=lambda at: _disagreement(solid, few_seen, few_empty, at))


def _disagreement(
    solid: Solid, seen: np.ndarray, empty: np.ndarray, center: np.ndarray
) -> float:
    distance, _ = _surface_residuals(solid, seen - center)
    total = float(np.minimum(np.abs(distance), _INLIER_DISTANCE).mean())
    if len(empty):
        overlap, _ = solid.signed_distance(empty - center)
        total += float(np.maximum(-overlap, 0.0).mean())
    return total


def _step(
    solid: Solid, seen: np.ndarray, empty: np.ndarray, center: np.ndarray, deviation: float,
    prior: np.ndarray,
) -> np.ndarray:
    distance, gradient = _surface_residuals(solid, seen - center)
    # Cauchy weights: pixels at edges mix two depths and may be anywhere.
    weight = 1.0 / (1.0 + (distance / (0.5 * _INLIER_DISTANCE)) ** 2) / len(seen)
    matrix = (gradient * weight[:, None]).T @ gradient
    slope = gradient.T @ (weight * distance)
    if len(empty):
        overlap, direction = solid.signed_distance(empty - center)
        inside = overlap < 0
        direction, overlap = direction[inside], overlap[inside]
        share = 1.0 / max(len(overlap), 10)
        matrix += share * direction.T @ direction
        slope += share * direction.T @ overlap
    # The prior holds the solid where it is in directions that nothing else fixes.
    damping = prior * (deviation**2 / _EFFECTIVE_SAMPLES) + 1e-3 * np.eye(3)
    return np.linalg.solve(matrix + damping, slope)


def _surface_residuals(solid: Solid, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distance, gradient = solid.signed_distance(points)
    if solid.is_hollow:  # one sees points within its box: only those outside contradict
        distance = np.maximum(distance, 0.0)
        gradient = gradient * (distance > 0)[:, None]
    return distance, gradient


def _covariance(
    solid: Solid, seen: np.ndarray, empty: np.ndarray, center: np.ndarray, deviation: float,
    prior: np.ndarray,
) -> np.ndarray:
    distance, gradient = solid.signed_distance(seen - center)
    agreeing = gradient[np.abs(distance) < _INLIER_DISTANCE]
    information = prior + _information(agreeing, deviation)
    if len(empty):
        distance, gradient = solid.signed_distance(empty - center)
        touching = gradient[np.abs(distance) < _CONSTRAINT_DISTANCE]
        information += _information(touching, _CONSTRAINT_DISTANCE)
    return np.linalg.inv(information) + _SYSTEMATIC_DEVIATION**2 * np.eye(3)


def _information(gradient: np.ndarray, deviation: float) -> np.ndarray:
    count = max(len(gradient), 1)
    samples = min(count / _PIXELS_PER_SAMPLE, _EFFECTIVE_SAMPLES)
    return gradient.T @ gradient * (samples / count / deviation**2)
