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
    """The object seen this much further along the direction, and not too far off the line."""
    far_enough, straight = _far_enough_and_straight(predicate, observation, history)
    return far_enough and straight


def went_astray(predicate: Displaced, observation: Observation, history: StageHistory) -> bool:
    """The object seen this much further along the direction, but off the line.

    Moving it on along the direction cannot mend that.
    """
    far_enough, straight = _far_enough_and_straight(predicate, observation, history)
    return far_enough and not straight


def _far_enough_and_straight(
    predicate: Displaced, observation: Observation, history: StageHistory
) -> tuple[bool, bool]:
    now = observation.scene[predicate.object].center
    before = history.first.scene[predicate.object].center
    along, sideways = _along_and_sideways(now - before, predicate.direction)
    straight = predicate.sideways is None or sideways <= predicate.sideways
    return along >= predicate.distance, straight


def moved(predicate: Moved, observation: Observation, history: StageHistory) -> bool:
    """End effector this much further along the direction than when the stage began."""
    now = observation.robot.end_effector_position
    before = history.first.robot.end_effector_position
    along, _ = _along_and_sideways(now - before, predicate.direction)
    return along >= predicate.distance


def elapsed(predicate: Elapsed, observation: Observation, history: StageHistory) -> bool:
    """The stage has lasted this long."""
    return history.elapsed >= predicate.duration


def _along_and_sideways(
    displacement: np.ndarray, direction: tuple[float, float, float]
) -> tuple[float, float]:
    """How far a displacement (3,) goes along a direction, and how far off the line it ends [m]."""
    unit = np.asarray(direction) / np.linalg.norm(direction)
    along = float(displacement @ unit)
    return along, float(np.linalg.norm(displacement - along * unit))
