"""Where everything stands in an episode: deterministic layouts from a seed and a named shift."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from vls_core.types import ObjectKind
from vls_sim.scene_catalogue import BOTTLE, CATALOGUE, CUBES, PLATE, TRAY, CatalogueItem

JITTER = 0.015
"""Cubes, plate and tray stand this close to their usual place, along x and along y [m]."""

MOVED_OBJECT_DISTANCE = (0.12, 0.18)
MOVED_TARGET_DISTANCE = (0.18, 0.24)
OBSTACLE_WAY_FRACTION = (0.55, 0.60)
OBSTACLE_LATERAL_OFFSET = 0.015

_REACHABLE_X = (0.31, 0.66)
_REACHABLE_Y = (-0.38, 0.40)
_REACHABLE_RADIUS = (0.34, 0.70)
_ATTEMPTS_PER_SHIFT = 200


class Shift(StrEnum):
    """How an episode differs from the scene the policy was trained in."""

    NONE = 'none'
    MOVED_OBJECT = 'moved_object'
    MOVED_TARGET = 'moved_target'
    OBSTACLE = 'obstacle'
    OTHER_TARGET = 'other_target'


class UnknownShiftError(ValueError):
    """The name of a shift is not one of `Shift`."""

    def __init__(self, name: str) -> None:
        known = ', '.join(Shift)
        super().__init__(f'there is no shift "{name}"; choose one of: {known}')


@dataclass(frozen=True)
class SceneLayout:
    """One episode.

    Attributes:
        positions: centre of the axis-aligned box of every object by name, (3,) [m], base frame.
            Everything stands upright with yaw 0.
        subject: name of the object to move.
        target: name of the surface it belongs on.
        instruction: the sentence that goes with the episode.
    """

    seed: int
    shift: Shift
    positions: Mapping[str, np.ndarray]
    subject: str
    target: str
    instruction: str


def lay_out(seed: int, shift: str) -> SceneLayout:
    """The layout of an episode; the same seed and shift always give the same one.

    The same seed under another shift differs by that shift alone, except for the instructed cube
    in `obstacle` (red or blue only, so that the bottle does not stand beside the grasp) and for
    the few seeds whose jitter leaves no room for the shift.

    Raises:
        UnknownShiftError: shift is not the name of a shift.
        ValueError: seed is negative.
    """
    try:
        kind = Shift(shift)
    except ValueError:
        raise UnknownShiftError(shift) from None
    if seed < 0:
        raise ValueError(f'the seed must not be negative, got {seed}')
    for attempt in itertools.count():
        places = _jittered_places(np.random.default_rng([seed, attempt]))
        subject = _draw_subject(seed, kind)
        generator = np.random.default_rng([seed, attempt, 1])
        if _apply_shift(kind, places, subject, generator):
            return _layout(seed, kind, places, subject)
    raise AssertionError('unreachable')


def _jittered_places(generator: np.random.Generator) -> dict[str, np.ndarray]:
    places = {
        item.name: np.array(item.nominal) + generator.uniform(-JITTER, JITTER, 2)
        for item in (*CUBES, PLATE, TRAY)
    }
    places[BOTTLE.name] = np.array(BOTTLE.nominal)
    return places


def _draw_subject(seed: int, shift: Shift) -> str:
    index = int(np.random.default_rng([seed, 0, 2]).integers(len(CUBES)))
    if shift is Shift.OBSTACLE:
        return ('red cube', 'blue cube')[index % 2]
    return CUBES[index].name


def _apply_shift(
    shift: Shift, places: dict[str, np.ndarray], subject: str, generator: np.random.Generator
) -> bool:
    """Moves what the shift moves. False when no free spot was found."""
    if shift in (Shift.NONE, Shift.OTHER_TARGET):
        return True
    moved = {
        Shift.MOVED_OBJECT: subject,
        Shift.MOVED_TARGET: PLATE.name,
        Shift.OBSTACLE: BOTTLE.name,
    }[shift]
    start = places[moved]
    for _ in range(_ATTEMPTS_PER_SHIFT):
        if shift is Shift.MOVED_OBJECT:
            spot = start + _polar(generator, *MOVED_OBJECT_DISTANCE)
        elif shift is Shift.MOVED_TARGET:
            spot = start + _polar(generator, *MOVED_TARGET_DISTANCE)
        else:
            spot = _on_the_way(places[subject], places[PLATE.name], generator)
        if _is_free(spot, moved, places):
            places[moved] = spot
            return True
    return False


def _polar(generator: np.random.Generator, nearest: float, farthest: float) -> np.ndarray:
    distance, angle = generator.uniform(nearest, farthest), generator.uniform(0, 2 * np.pi)
    return distance * np.array([np.cos(angle), np.sin(angle)])


def _on_the_way(
    start: np.ndarray, end: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    way = end - start
    sideways = np.array([-way[1], way[0]]) / np.hypot(*way)
    lateral = generator.uniform(-OBSTACLE_LATERAL_OFFSET, OBSTACLE_LATERAL_OFFSET)
    return start + generator.uniform(*OBSTACLE_WAY_FRACTION) * way + lateral * sideways


def _is_free(spot: np.ndarray, moved: str, places: Mapping[str, np.ndarray]) -> bool:
    radius = np.hypot(*spot)
    reachable = (
        _REACHABLE_X[0] <= spot[0] <= _REACHABLE_X[1]
        and _REACHABLE_Y[0] <= spot[1] <= _REACHABLE_Y[1]
        and _REACHABLE_RADIUS[0] <= radius <= _REACHABLE_RADIUS[1]
    )
    by_name = {item.name: item for item in CATALOGUE}
    return reachable and all(
        np.hypot(*(spot - place)) >= _clearance(by_name[moved], by_name[name])
        for name, place in places.items()
        if name != moved
    )


def _clearance(one: CatalogueItem, other: CatalogueItem) -> float:
    """Smallest distance between the centres of two objects [m].

    A grasp needs room for the opened fingers beside a cube, and for the whole hand, which is 20 cm
    wide, beside the tall bottle. A bottle on the way may stand closer to cubes that stay.
    """
    kinds = {one.kind, other.kind}
    if one.kind is ObjectKind.OBSTACLE:
        margin = 0.005
    elif ObjectKind.OBSTACLE in kinds:
        margin = 0.11
    else:
        margin = 0.04
    return one.radius + other.radius + margin


def _layout(
    seed: int, shift: Shift, places: Mapping[str, np.ndarray], subject: str
) -> SceneLayout:
    positions = {}
    for item in CATALOGUE:
        position = np.array([*places[item.name], item.resting_height])
        position.setflags(write=False)
        positions[item.name] = position
    target = TRAY.name if shift is Shift.OTHER_TARGET else PLATE.name
    return SceneLayout(
        seed, shift, MappingProxyType(positions), subject, target,
        _instruction(subject, target, shift),
    )


def _instruction(subject: str, target: str, shift: Shift) -> str:
    preposition = 'in' if target == TRAY.name else 'on'
    sentence = f'put the {subject} {preposition} the {target}'
    return sentence + ', stay clear of the bottle' if shift is Shift.OBSTACLE else sentence
