"""Where things are: one arrangement of keypoints, and others that a program has to suit as well.

Programs speak of names, so what they ask for must move with the things. Each object is moved with
all its keypoints as one rigid piece, "mug" and "mug.handle" together.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

Keypoints = dict[str, torch.Tensor]
"""Name to place (3,) [m]."""

AREA_LOWER, AREA_UPPER = (0.38, -0.40), (0.70, 0.40)
"""Where things are put on the table, x y [m]: within reach, with room around."""
BASE_HEIGHTS = (0.02, 0.05, 0.08)
"""Heights of made-up centres over the table [m]."""
RAISED = 0.06
"""How far things are raised at most when they are rearranged, as if standing on something [m]."""
_CANDIDATES = 60
_GOLDEN_ANGLE = 2.4
"""Successive multiples of it never come close to each other on a circle [rad]."""


def groups(names: Iterable[str]) -> dict[str, str]:
    """Which object each name belongs to: the longest one before a dot, or itself."""
    known = sorted(set(names), key=len)
    owners: dict[str, str] = {}
    for name in known:
        prefix = name.rpartition('.')[0]
        while prefix and prefix not in owners:
            prefix = prefix.rpartition('.')[0]
        # "mug.handle" and "mug.top" belong together where nobody speaks of the "mug" itself.
        owners[name] = owners[prefix] if prefix else name.partition('.')[0]
    return owners


def invented(names: Iterable[str], seed: int) -> dict[str, list[float]]:
    """Places on the table (3,) [m] for names of which nothing is known."""
    generator = np.random.default_rng(seed)
    owners = groups(names)
    places = _spread(sorted(set(owners.values())), generator)
    found = {}
    for number, (name, owner) in enumerate(owners.items()):
        where = places[owner].copy()
        if name != owner:
            where += _offset(name.removeprefix(owner + '.'), number, generator)
        found[name] = where.tolist()
    return found


def rearranged(keypoints: Keypoints, seed: int) -> Keypoints:
    """The same things elsewhere on the table, some of them higher up."""
    generator = np.random.default_rng(seed)
    owners = groups(keypoints)
    names = sorted(set(owners.values()))
    places = _spread(names, generator)
    moves = {}
    for name in names:
        anchor = _anchor(name, owners, keypoints)
        move = places[name] - anchor
        move[2] = generator.uniform(0.0, RAISED)
        moves[name] = move
    return {
        name: where + where.new_tensor(moves[owners[name]]) for name, where in keypoints.items()
    }


def moved(keypoints: Keypoints, name: str, by: torch.Tensor) -> Keypoints:
    """The object that a name belongs to somewhere else: by (3,) [m]."""
    owners = groups(keypoints)
    return {
        key: where + by.to(where) if owners[key] == owners[name] else where
        for key, where in keypoints.items()
    }


def shifted(keypoints: Keypoints, by: torch.Tensor) -> Keypoints:
    """Everything somewhere else: by (3,) [m]."""
    return {key: where + by.to(where) for key, where in keypoints.items()}


def only(keypoints: Keypoints, names: Iterable[str]) -> Keypoints:
    """Those of these names."""
    return {name: keypoints[name] for name in names}


def as_tensors(
    keypoints: dict[str, list[float]] | dict[str, np.ndarray], dtype: torch.dtype = torch.float32
) -> Keypoints:
    """The same as tensors."""
    return {name: torch.tensor(np.asarray(where), dtype=dtype)
            for name, where in keypoints.items()}


def _anchor(name: str, owners: dict[str, str], keypoints: Keypoints) -> np.ndarray:
    own = [key for key, owner in owners.items() if owner == name]
    return keypoints[name if name in own else own[0]].double().numpy()


def _spread(names: list[str], generator: np.random.Generator) -> dict[str, np.ndarray]:
    """A place (3,) for each name, as far from the others as a few tries find."""
    places: dict[str, np.ndarray] = {}
    for index, name in enumerate(names):
        tries = generator.uniform(AREA_LOWER, AREA_UPPER, (_CANDIDATES, 2))
        if places:
            others = np.array([place[:2] for place in places.values()])
            apart = np.linalg.norm(tries[:, None] - others, axis=2).min(1)
            best = tries[apart.argmax()]
        else:
            best = tries[0]
        height = BASE_HEIGHTS[index % len(BASE_HEIGHTS)]
        places[name] = np.array([*best, height])
    return places


def _offset(point: str, number: int, generator: np.random.Generator) -> np.ndarray:
    """Where a keypoint may be on its object, from the centre; others are elsewhere on it."""
    if point == 'center':
        return np.zeros(3)
    if point == 'top':
        return np.array([0.0, 0.0, 0.02])
    angle = _GOLDEN_ANGLE * number + generator.uniform(0.0, 0.3)
    return np.array([0.06 * np.cos(angle), 0.06 * np.sin(angle), generator.uniform(0.0, 0.04)])
