"""Judges a chosen plan, apart from any reward: success, closeness to demonstrations, smoothness.

Success is a matter of yes or no where the reward is gradual: the end has to lie within the
tolerance, and the finely interpolated path off the disc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.steering.planar import HORIZON, PlanarScene, demonstrate, layout_of
from vls_core.trajectory import Trajectory

_DEMONSTRATIONS = 300
_FRESH = 16
_PIECES = 20
_SEED_OFFSET = 1_000_000
"""Demonstrations to compare with come from other seeds than the scene."""


@dataclass(frozen=True)
class Verdict:
    """What a plan is worth.

    Attributes:
        success: it ends at the goal and keeps off the disc.
        deviation: distance to the nearest demonstration over what new demonstrations have.
        jerk: root mean square of the third difference over what demonstrations have.
        miss: distance of the end from the goal [m].
        clearance: smallest distance to the disc, negative inside; None without a disc [m].
    """

    success: bool
    deviation: float
    jerk: float
    miss: float
    clearance: float | None


class Judge:
    """Knows the expert's ways through one scene."""

    def __init__(self, scene: PlanarScene) -> None:
        self.scene = scene
        random = np.random.default_rng((scene.seed + _SEED_OFFSET, len(scene.test)))
        start, goals = layout_of(scene.observation)
        count = _DEMONSTRATIONS + _FRESH
        paths = demonstrate(np.tile(start, (count, 1)), np.tile(goals, (count, 1, 1)), random)
        self.demonstrations, fresh = paths[:_DEMONSTRATIONS], paths[_DEMONSTRATIONS:]
        self._usual_distance = np.mean([self._distance(path) for path in fresh])
        self._usual_jerk = np.mean([_jerk(path) for path in fresh])

    def __call__(self, trajectory: Trajectory) -> Verdict:
        """The verdict on a plan of one particle."""
        path = trajectory.positions[0, :, :2].detach().double().numpy()
        miss = float(np.linalg.norm(path[-1] - self.scene.goal))
        clearance = self._clearance(path)
        return Verdict(
            success=miss < self.scene.tolerance and (clearance is None or clearance > 0),
            deviation=float(self._distance(path) / self._usual_distance),
            jerk=float(_jerk(path) / self._usual_jerk),
            miss=miss,
            clearance=clearance,
        )

    def _distance(self, path: np.ndarray) -> float:
        """Root mean square over the steps to the nearest demonstration [m]."""
        squares = np.square(self.demonstrations - path).sum((1, 2))
        return float(np.sqrt(squares.min() / HORIZON))

    def _clearance(self, path: np.ndarray) -> float | None:
        if self.scene.disc is None:
            return None
        share = np.linspace(0, 1, _PIECES, endpoint=False)[:, None]
        between = path[:-1, None] * (1 - share) + path[1:, None] * share
        points = np.concatenate([between.reshape(-1, 2), path[-1:]])
        distance = np.linalg.norm(points - self.scene.disc.center, axis=1)
        return float(distance.min() - self.scene.disc.radius)


def _jerk(path: np.ndarray) -> float:
    return float(np.sqrt(np.square(np.diff(path, n=3, axis=0)).sum(-1).mean()))
