"""A planar reaching task with six ways to do it: scenes, an expert's demonstrations, three tests.

A point starts at the near side and reaches one of three goals at the far side, passing on the left
or on the right of the straight line: 3 goals x 2 routes. The demonstrations choose among them by
chance, and so does a policy trained on them. Each test then asks for something that the policy was
not told. Everything lies in one horizontal plane of the base frame; arrays here are (x, y) only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vls_core.types import ObjectKind, Observation, RobotState, Scene, SceneObject

HORIZON = 24
STEP_DURATION = 1 / 12
HEIGHT = 0.3
"""Of the plane above the base [m]."""
ROUTES = (-1, 1)
"""Right and left of the straight line from start to goal."""

_GOAL_CENTERS = np.array([[-0.6, 0.6], [0.0, 0.75], [0.6, 0.6]])
_GOAL_SPREAD = 0.12
_START_LOW, _START_HIGH = np.array([-0.3, -0.9]), np.array([0.3, -0.8])
_BULGE = (0.15, 0.35)
_AIMING_NOISE = 0.01
_SWAY = 0.02

ROUTE_OBSTACLE_RADIUS = 0.15
"""Closes one route: the disc lies on its middle [m]."""
ROUTE_OBSTACLE_BULGE = 0.25
BLOCKING_RADIUS = 0.34
"""Closes both routes: the disc lies on the straight line, and one has to swing out further [m]."""
DISPLACEMENT = 0.25
"""From where the policy believes the goal to be to where it is [m]."""


class PlanarTest(StrEnum):
    """What a scene asks for beyond what the policy knows."""

    COMMANDED_MODE = 'commanded_mode'
    BLOCKED = 'blocked'
    DISPLACED_GOAL = 'displaced_goal'


@dataclass(frozen=True)
class Disc:
    """Something not to be touched: center (2,) and radius [m]."""

    center: np.ndarray
    radius: float


@dataclass(frozen=True)
class PlanarScene:
    """One scene of a test.

    Attributes:
        observation: what the policy sees; it pays attention to the start and to the three goals.
        goal: (2,) where the motion shall really end [m].
        tolerance: how close to it [m].
        disc: the obstacle, if there is one.
    """

    test: PlanarTest
    seed: int
    observation: Observation
    goal: np.ndarray
    tolerance: float
    disc: Disc | None


def make_scene(test: PlanarTest, seed: int) -> PlanarScene:
    """The scene of that seed; goals, routes and displacements are drawn evenly."""
    random = np.random.default_rng((seed, list(PlanarTest).index(test)))
    start, goals = draw_layouts(1, random)
    commanded, route = int(random.integers(len(_GOAL_CENTERS))), int(random.choice(ROUTES))
    angle = random.uniform(0, 2 * np.pi)
    goal, disc, tolerance = goals[0, commanded], None, 0.10
    if test is PlanarTest.COMMANDED_MODE:
        path = _path(start, goal[None], np.array([route * ROUTE_OBSTACLE_BULGE]))[0]
        disc = Disc(path[HORIZON // 2], ROUTE_OBSTACLE_RADIUS)
    elif test is PlanarTest.BLOCKED:
        disc = Disc((start[0] + goal) / 2, BLOCKING_RADIUS)
    else:
        goal = goal + DISPLACEMENT * np.array([np.cos(angle), np.sin(angle)])
        tolerance = 0.08
    observation = observe(start[0], goals[0], commanded, disc)
    return PlanarScene(test, seed, observation, goal, tolerance, disc)


def draw_layouts(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Starts (count, 2) and goals (count, 3, 2) [m]."""
    start = random.uniform(_START_LOW, _START_HIGH, (count, 2))
    spread = random.uniform(-_GOAL_SPREAD, _GOAL_SPREAD, (count, *_GOAL_CENTERS.shape))
    return start, _GOAL_CENTERS + spread


def demonstrate(
    start: np.ndarray, goals: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """One expert motion for each layout, towards any goal on any route.

    Args:
        start: (B, 2) [m].
        goals: (B, 3, 2) [m].

    Returns:
        (B, HORIZON + 1, 2) positions, the start first [m].
    """
    count = len(start)
    chosen = goals[np.arange(count), random.integers(goals.shape[1], size=count)]
    end = chosen + random.normal(0, _AIMING_NOISE, (count, 2))
    path = _path(start, end, random.choice(ROUTES, count) * random.uniform(*_BULGE, count))
    sway = np.sin(2 * np.pi * np.linspace(0, 1, HORIZON + 1))
    return path + random.normal(0, _SWAY, (count, 1, 2)) * sway[:, None]


def _path(start: np.ndarray, end: np.ndarray, bulge: np.ndarray) -> np.ndarray:
    """Minimum-jerk timing along a sine-shaped bow; bulge (B,) is positive on the left."""
    time = np.linspace(0, 1, HORIZON + 1)
    progress = 10 * time**3 - 15 * time**4 + 6 * time**5
    along = end - start
    left = np.stack([-along[:, 1], along[:, 0]], -1) / np.linalg.norm(along, axis=1)[:, None]
    straight = start[:, None] + progress[:, None] * along[:, None]
    bow = bulge[:, None, None] * np.sin(np.pi * progress)[:, None]
    return straight + bow * left[:, None]


def observe(
    start: np.ndarray, goals: np.ndarray, commanded: int, disc: Disc | None
) -> Observation:
    """The layout as the stack would see it; start (2,), goals (3, 2) [m]."""
    marker = np.full(3, 0.05)
    objects = [
        SceneObject(goal_name(index), ObjectKind.SURFACE, lift(goal), marker)
        for index, goal in enumerate(goals)
    ]
    if disc is not None:
        extent = np.array([2 * disc.radius, 2 * disc.radius, 0.1])
        objects.append(SceneObject('disc', ObjectKind.OBSTACLE, lift(disc.center), extent))
    robot = RobotState(
        0.0, np.zeros(7), np.zeros(7), lift(start), np.array([1.0, 0.0, 0.0, 0.0]), 0.0
    )
    name = goal_name(commanded)
    return Observation(robot, Scene(0.0, tuple(objects)), subject=name, target=name)


def layout_of(observation: Observation) -> tuple[np.ndarray, np.ndarray]:
    """Start (2,) and goals (3, 2) of an observation [m]. Raises UnknownObjectError."""
    goals = [observation.scene[goal_name(index)].center[:2] for index in range(3)]
    return observation.robot.end_effector_position[:2], np.stack(goals)


def goal_name(index: int) -> str:
    """The name under which a goal is found in the scene."""
    return f'goal {index + 1}'


def lift(point: np.ndarray) -> np.ndarray:
    """(2,) in the plane to (3,) in the base frame [m]."""
    return np.array([*point, HEIGHT])
