"""Does a stage ask for things that cannot be had together?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TypeVar

import numpy as np

from vls_core.rewards.check.order import held_objects
from vls_core.rewards.check.problems import Problem, Rule
from vls_core.rewards.geometry import HAND_SPHERE_RADII
from vls_core.rewards.goals import declared_obstacles, goals
from vls_core.rewards.keypoints import object_of, position
from vls_core.rewards.program import (
    AlignAxis,
    Apart,
    Avoid,
    AvoidObstacles,
    Carried,
    Code,
    Displace,
    Dwell,
    Grasped,
    GripperIntent,
    HoldGripper,
    KeepUpright,
    Near,
    NoBacktrack,
    Place,
    Released,
    Retract,
    RewardProgram,
    Stage,
    StayAbove,
    Tilted,
)
from vls_core.rewards.terms import obstacles
from vls_core.types import Scene

HEIGHT_TOLERANCE = 0.005
"""Goals may lie this far below a height to stay above [m]."""
FINGER_RADIUS = HAND_SPHERE_RADII[0]
"""Free space round the end effector that the fingers need [m]."""
OPPOSITE = -0.5
"""Cosine of two directions from which on they count as opposite."""

Kind = TypeVar('Kind')


def contradictions(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    """Every stage that contradicts itself, and how."""
    for stage, held in held_objects(program):
        for text in (
            *_avoided_and_used(stage, held, scene),
            *_gripper(stage),
            *_goals(stage, scene),
            *_directions(stage),
            *_tilts(stage),
            *_distances(stage),
        ):
            yield Problem(Rule.CONTRADICTION, f'"{stage.name}" {text}')


def _avoided_and_used(stage: Stage, held: str | None, scene: Scene) -> Iterator[str]:
    in_hand = {term.subject for term in _terms(stage, Place)} | ({held} if held else set())
    margins = {term.object: term.margin for term in _terms(stage, Avoid)}
    for code in _terms(stage, Code):
        for obstacle in declared_obstacles(code, scene):
            margins.setdefault(obstacle, 0.0)
    led_to = _led_to(stage, scene, margins)
    for name in sorted(margins.keys() & led_to):
        yield f'goes to "{name}" and stays clear of it; do not avoid it there'
    for name in sorted(margins.keys() & in_hand - led_to):
        yield f'holds "{name}" and stays clear of it; do not avoid it there'
    for term in _terms(stage, AvoidObstacles):
        all_margins = dict.fromkeys(obstacles(scene), term.margin)
        used = _led_to(stage, scene, all_margins) | in_hand
        for name in sorted(used & all_margins.keys() - margins.keys()):
            yield (f'goes to "{name}" and stays clear of all obstacles, of which it is one; avoid '
                   'the others by name')


def _led_to(stage: Stage, scene: Scene, margins: dict[str, float]) -> set[str]:
    """What the stage goes to so closely that it cannot stay clear of it by that margin [m].

    A waypoint well above an obstacle is on the way over it.
    """
    found = set()
    for term in stage.terms:
        for goal in goals(term, scene):
            item = object_of(goal.name, scene)
            beside = np.maximum(np.abs(goal.position - item.center) - item.extent / 2, 0.0)
            if np.linalg.norm(beside) < margins.get(item.name, 0.0) + FINGER_RADIUS:
                found.add(item.name)
    return found


def _gripper(stage: Stage) -> Iterator[str]:
    states = {term.state for term in _terms(stage, HoldGripper)}
    if len(states) > 1:
        yield 'holds the gripper both open and closed'
    waits_closed = any(isinstance(item, Grasped | Carried) for item in stage.completion)
    waits_open = any(isinstance(item, Released) for item in stage.completion)
    if waits_closed and waits_open:
        yield 'waits until something is grasped and the gripper is open at the same time'
    if waits_closed and ('open' in states or stage.gripper is GripperIntent.OPEN):
        yield 'is to keep the gripper open and waits until something is grasped'
    if waits_open and ('closed' in states or stage.gripper is GripperIntent.CLOSED):
        yield 'is to keep the gripper closed and waits until it is open'


def _goals(stage: Stage, scene: Scene) -> Iterator[str]:
    """Goals below what to stay above, or too close to what to retract from."""
    led_to = [goal for term in stage.terms for goal in goals(term, scene)]
    for term, goal in product(_terms(stage, StayAbove), led_to):
        if goal.position[2] < term.height - HEIGHT_TOLERANCE:
            yield (f'stays above {term.height:.2f} m and goes to "{goal.name}" at '
                   f'{goal.position[2]:.2f} m; stay above less, or only in another stage')
    for leave, goal in product(_terms(stage, Retract), led_to):
        distance = float(np.linalg.norm(goal.position - position(leave.keypoint, scene)))
        if distance < leave.distance:
            yield (f'retracts {leave.distance:.2f} m from "{leave.keypoint}" and goes to '
                   f'"{goal.name}", {distance:.2f} m from there')


def _directions(stage: Stage) -> Iterator[str]:
    for move, keep in product(_terms(stage, Displace), _terms(stage, NoBacktrack)):
        if _cosine(move.direction, keep.direction) <= OPPOSITE:
            yield 'moves in one direction and must not move back along the opposite one'
    if _terms(stage, Displace) and any(term.last_share == 1.0 for term in _terms(stage, Dwell)):
        yield 'moves along a direction and stands still all the time; dwell in another stage'


def _tilts(stage: Stage) -> Iterator[str]:
    for keep in _terms(stage, KeepUpright):
        for item in stage.completion:
            if isinstance(item, Tilted) and item.angle > keep.tilt:
                yield (f'keeps the hand within {keep.tilt:.2f} rad of upright and waits until it '
                       f'is tilted by {item.angle:.2f} rad')
        for align in _terms(stage, AlignAxis):
            angle = float(np.arccos(np.clip(-_cosine(align.direction, (0, 0, 1)), -1, 1)))
            if align.axis == 'z' and angle > keep.tilt + 1e-6:
                yield (f'keeps the hand within {keep.tilt:.2f} rad of upright and aligns its '
                       f'approach {angle:.2f} rad from there')


def _distances(stage: Stage) -> Iterator[str]:
    nears = [item for item in stage.completion if isinstance(item, Near)]
    aparts = [item for item in stage.completion if isinstance(item, Apart)]
    for near, apart in product(nears, aparts):
        same = {near.object, near.target} == {apart.object, apart.target}
        if same and near.distance < apart.distance:
            yield f'waits until "{near.object}" and "{near.target}" are both near and apart'


def _terms(stage: Stage, kind: type[Kind]) -> list[Kind]:
    return [term for term in stage.terms if isinstance(term, kind)]


def _cosine(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    return float(np.dot(first, second) / np.linalg.norm(first) / np.linalg.norm(second))
