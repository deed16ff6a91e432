"""How far a stage has come since it began, and the predicates that ask for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.rewards.predicate_models import Displaced, Elapsed, Moved
from vls_core.types import Observation


@dataclass(frozen=True)
class StageHistory:
    """What a stage began with.

    Attributes:
        first: the observation with which it was entered.
        elapsed: time since then [s].
    """

    first: Observation
    elapsed: float


def displaced(predicate: Displaced, observation: Observation, history: StageHistory) -> bool:
    """The object seen this much further along the direction than when the stage began."""
    now = observation.scene[predicate.object].center
    before = history.first.scene[predicate.object].center
    return _along(now - before, predicate.direction) >= predicate.distance


def moved(predicate: Moved, observation: Observation, history: StageHistory) -> bool:
    """End effector this much further along the direction than when the stage began."""
    now = observation.robot.end_effector_position
    before = history.first.robot.end_effector_position
    return _along(now - before, predicate.direction) >= predicate.distance


def elapsed(predicate: Elapsed, observation: Observation, history: StageHistory) -> bool:
    """The stage has lasted this long."""
    return history.elapsed >= predicate.duration


def _along(displacement: np.ndarray, direction: tuple[float, float, float]) -> float:
    return float(displacement @ np.asarray(direction) / np.linalg.norm(direction))
