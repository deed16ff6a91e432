"""What is drawn of a stage: its reward over the table and along the straight way to its goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from vls_core.control.fr3 import DEFAULT_WORKSPACE
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.worker import WorkerError
from vls_core.rewards.goals import Goal, goals
from vls_core.rewards.keypoints import object_of, position
from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import (
    Avoid,
    AvoidObstacles,
    Code,
    Displace,
    GripperIntent,
    HoldGripper,
    Lift,
    Retract,
    RewardProgram,
    Stage,
    StayAbove,
)
from vls_core.rewards.stage_reward import (
    CodeEvaluator,
    CodeEvaluatorMissingError,
    StageReward,
)
from vls_core.rewards.verification.gradient import differentiate
from vls_core.rewards.verification.samples import lines, pointing_down, standing
from vls_core.trajectory import Trajectory
from vls_core.types import ObjectKind, Scene

HOME = np.array([0.40, 0.0, 0.30])
"""Where the arm begins [m]."""
AREA = ((0.26, 0.84), (-0.56, 0.56))
"""The part of the table that is drawn: x from and to, y from and to [m]."""
ROWS, COLUMNS = 9, 17
"""Arrows."""
FINE = 4
"""So many colours for each arrow and direction."""
ARROW = 0.045
"""Length of the longest arrow [m]."""
WAYPOINTS = 40
ARRIVAL = 0.75
"""Share of a chunk in which it goes its way."""


@dataclass(frozen=True)
class Field:
    """Reward of a resting hand over the table, and its gradient.

    Attributes:
        values: (FINE * ROWS, FINE * COLUMNS) rewards over AREA.
        x, y: (ROWS, COLUMNS) where the arrows are [m].
        along_x, along_y: (ROWS, COLUMNS) the arrows [m].
    """

    values: np.ndarray
    x: np.ndarray
    y: np.ndarray
    along_x: np.ndarray
    along_y: np.ndarray


@dataclass(frozen=True)
class WayReward:
    """Weighted terms by label, and their sum, for parts of a way (WAYPOINTS,) [m]."""

    distances: np.ndarray
    terms: Mapping[str, np.ndarray]
    total: np.ndarray


@dataclass(frozen=True)
class StageProbe:
    """One stage, ready to be drawn.

    Attributes:
        start, end: (3,) of its straight way [m].
        height: at which the field was evaluated [m].
        avoided: names of objects and the margins to keep from them [m].
        field, way: None if the stage cannot be evaluated; `trouble` says why.
    """

    stage: Stage
    goals: tuple[Goal, ...]
    start: np.ndarray
    end: np.ndarray
    height: float
    avoided: tuple[tuple[str, float], ...]
    field: Field | None
    way: WayReward | None
    way_text: str
    trouble: str = ''


def probes(
    program: RewardProgram, scene: Scene, code: CodeEvaluator | None
) -> list[StageProbe]:
    """Every stage, each beginning where the one before ends. Raises UnknownObjectError."""
    found, start, opening = [], HOME, 1.0
    for stage in program.stages:
        probe = _probe(stage, scene, code, start, opening)
        found.append(probe)
        start, opening = probe.end, _opening(stage, opening)
    return found


def _probe(
    stage: Stage, scene: Scene, code: CodeEvaluator | None, start: np.ndarray, opening: float
) -> StageProbe:
    led_to = tuple(goal for term in stage.terms for goal in goals(term, scene))
    end, text = _end(stage, scene, start, led_to)
    height = float(np.clip(end[2], 0.02, 0.5))
    avoided = tuple(_avoided(stage, scene))
    try:
        reward = StageReward(stage, scene, code=code)
        field = _field(reward, height, _opening(stage, opening))
        held = any(isinstance(term, HoldGripper) for term in stage.terms)
        after = _opening(stage, opening)
        way = _way(reward, start, end, after if held else opening, after)
    except (CodeEvaluatorMissingError, RewardCodeError, WorkerError) as error:
        return StageProbe(
            stage, led_to, start, end, height, avoided, None, None, text, str(error)
        )
    return StageProbe(stage, led_to, start, end, height, avoided, field, way, text)


def _end(
    stage: Stage, scene: Scene, start: np.ndarray, led_to: tuple[Goal, ...]
) -> tuple[np.ndarray, str]:
    """Where the straight way of a stage ends (3,) [m], and what it is."""
    if led_to:
        nearest = min(led_to, key=lambda goal: float(np.linalg.norm(goal.position - start)))
        if np.linalg.norm(nearest.position - start) > 1e-3:
            return nearest.position, f'a chunk on the straight way to “{nearest.name}”'
    for term in stage.terms:
        if isinstance(term, Displace):
            direction = np.array(term.direction) / np.linalg.norm(term.direction)
            return start + term.distance * direction, 'a chunk along the direction of the stage'
        if isinstance(term, Lift | StayAbove) and start[2] < term.height:
            return np.array([*start[:2], term.height]), 'a chunk straight up'
        if isinstance(term, Retract):
            away = start - position(term.keypoint, scene) + np.array([0.0, 0.0, 1e-3])
            return start + term.distance * away / np.linalg.norm(away), 'a chunk straight away'
    up = np.array([0.0, 0.0, 0.1])
    return start + up, 'a chunk straight up; this stage leads nowhere'


def _opening(stage: Stage, before: float) -> float:
    """Of the gripper at the end of a stage."""
    for term in stage.terms:
        if isinstance(term, HoldGripper):
            return 1.0 if term.state == 'open' else 0.0
    return {GripperIntent.OPEN: 1.0, GripperIntent.CLOSED: 0.0}.get(stage.gripper, before)


def _avoided(stage: Stage, scene: Scene) -> list[tuple[str, float]]:
    found = []
    for term in stage.terms:
        if isinstance(term, Avoid):
            found.append((term.object, term.margin))
        if isinstance(term, AvoidObstacles):
            found += [(item.name, term.margin) for item in scene.of_kind(ObjectKind.OBSTACLE)]
        if isinstance(term, Code) and term.obstacle is not None:
            found.append((object_of(term.obstacle, scene).name, 0.0))
    return found


def _field(reward: StageReward, height: float, opening: float) -> Field:
    x, y = _grid(ROWS, COLUMNS)
    fine_x, fine_y = _grid(FINE * ROWS, FINE * COLUMNS)
    with torch.no_grad():
        values = reward(_resting(fine_x, fine_y, height, opening)).reshape(fine_x.shape)
    found = differentiate(reward, _resting(x, y, height, opening))
    whole = found.positions.sum(1).reshape(*x.shape, 3).numpy()
    longest = np.hypot(whole[..., 0], whole[..., 1])
    # Roots: where the reward is flat the direction is worth seeing, too.
    scaled = np.sqrt(longest / max(float(longest.max()), 1e-9))
    length = np.divide(ARROW * scaled, longest, out=np.zeros_like(longest), where=longest > 1e-9)
    return Field(
        _clipped(values.numpy()), x, y, whole[..., 0] * length, whole[..., 1] * length
    )


def _clipped(values: np.ndarray) -> np.ndarray:
    """Without the deepest few, which would take all colours."""
    return np.maximum(values, np.percentile(values, 2))


def _grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    (x_low, x_high), (y_low, y_high) = AREA
    x = x_low + (np.arange(rows) + 0.5) / rows * (x_high - x_low)
    # Columns run as they are drawn: from the left, which is +y.
    y = y_high - (np.arange(columns) + 0.5) / columns * (y_high - y_low)
    return np.meshgrid(x, y, indexing='ij')  # type: ignore[return-value]


def _resting(x: np.ndarray, y: np.ndarray, height: float, opening: float) -> Trajectory:
    points = np.stack([x.ravel(), y.ravel(), np.full(x.size, height)], 1)
    return pointing_down(standing(torch.tensor(points, dtype=torch.float32)), opening)


def _way(
    reward: StageReward, start: np.ndarray, end: np.ndarray, before: float, after: float
) -> WayReward:
    shares = torch.linspace(0.0, 1.0, WAYPOINTS)[:, None]
    first = torch.tensor(DEFAULT_WORKSPACE.clamp(start), dtype=torch.float32).expand(WAYPOINTS, 3)
    last = torch.lerp(first, torch.tensor(end, dtype=torch.float32).expand(WAYPOINTS, 3), shares)
    positions = lines(first, last, ARRIVAL)
    steps = torch.arange(positions.shape[1])
    gripper = torch.where(steps > ARRIVAL * (len(steps) - 1), after, before)
    with torch.no_grad():
        trajectory = pointing_down(positions, gripper[None])
        terms = reward.terms(trajectory) * reward.weights(positions)
    length = float(np.linalg.norm(end - start))
    return WayReward(
        shares[:, 0].numpy() * length,
        dict(zip(term_labels(reward.stage), terms.T.numpy(), strict=True)),
        terms.sum(1).numpy(),
    )
