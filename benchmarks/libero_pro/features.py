"""What the base policy is told: the robot, the sentence, and where perception sees which thing.

Which things the sentence is about, the policy has to learn, and it sees all of them at once: what
it learns is tied to the scenes it was trained in.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from scipy.spatial.transform import Rotation

SENTENCE_WIDTH = 96
ROBOT_WIDTH = 12
PLACE_WIDTH = 4
"""Whether a thing is seen, and x, y, z in the base frame [m]."""
OBJECT_WIDTH = 7
"""The same, and x, y, z from the fingertips [m]."""


def feature_width(vocabulary: Sequence[str]) -> int:
    """How many numbers there are for a vocabulary of names."""
    return ROBOT_WIDTH + SENTENCE_WIDTH + OBJECT_WIDTH * len(vocabulary)


def robot_features(
    position: np.ndarray, quaternion: np.ndarray, opening: np.ndarray, command: np.ndarray,
    holds: np.ndarray,
) -> np.ndarray:
    """(..., ROBOT_WIDTH).

    Args:
        position: (..., 3) between the fingertips, in the base frame [m].
        quaternion: (..., 4) of the hand, x, y, z, w.
        opening: (...) between the fingers [m].
        command: (...) last commanded opening, 0 closed to 1 open.
        holds: (...) whether something is between the closed fingers.
    """
    matrix = Rotation.from_quat(quaternion).as_matrix()[..., :2]
    columns = matrix.reshape(*matrix.shape[:-2], 6)
    scalars = np.stack([opening, command, np.asarray(holds, dtype=np.float64)], -1)
    return np.concatenate([position, columns, scalars], -1).astype(np.float32)


@cache
def sentence_features(sentence: str) -> np.ndarray:
    """(SENTENCE_WIDTH,) a bag of words: every word has its own fixed random direction."""
    words = re.findall(r'[a-z]+', sentence.lower())
    total = np.zeros(SENTENCE_WIDTH)
    for word in words:
        total += np.random.default_rng(zlib.crc32(word.encode())).standard_normal(SENTENCE_WIDTH)
    return (total / max(1.0, len(words)) ** 0.5).astype(np.float32)


def place_features(vocabulary: Sequence[str], places: Mapping[str, np.ndarray]) -> np.ndarray:
    """(..., V, PLACE_WIDTH); what is not seen is 0.

    Args:
        places: (..., 3) by name in words, in the base frame [m]; names of no vocabulary are left
            out.
    """
    shape = next(iter(places.values())).shape[:-1] if places else ()
    found = np.zeros((*shape, len(vocabulary), PLACE_WIDTH), np.float32)
    for index, name in enumerate(vocabulary):
        if name in places:
            found[..., index, 0] = 1.0
            found[..., index, 1:] = places[name]
    return found


def object_features(places: np.ndarray, hand: np.ndarray) -> np.ndarray:
    """(..., V * OBJECT_WIDTH) of place features (..., V, PLACE_WIDTH).

    Args:
        hand: (..., 3) between the fingertips, in the base frame [m].
    """
    away = places[..., :1] * (places[..., 1:] - hand[..., None, :])
    both = np.concatenate([places, away], -1).astype(np.float32)
    return both.reshape(*both.shape[:-2], -1)
