"""From demonstrations to what a policy is trained on: features and the chunks that follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.libero_pro.demonstration import Demonstration
from benchmarks.libero_pro.features import (
    object_features,
    place_features,
    robot_features,
    sentence_features,
)
from benchmarks.libero_pro.motion import Response, fit_response
from benchmarks.libero_pro.policy import HELD_WIDTH
from benchmarks.libero_pro.seen import FILE, Seen
from vls_core.policies.features import is_held

_GRIPPER = 6
_AROUND = 2  # steps to either side


class NoDemonstrationsError(ValueError):
    """There is nothing to learn from; the message says what to run."""


@dataclass(frozen=True)
class Chunks:
    """N moments of all demonstrations.

    Attributes:
        robot: (N, ROBOT_WIDTH) features.
        sentences: (N, SENTENCE_WIDTH) features.
        places: (N, V, PLACE_WIDTH) features of things, without noise.
        actions: (N, H, 7) of the expert, from each moment on; after the last one it stands still.
        vocabulary: (V,) names in words.
        translation, rotation: how the arm follows.
    """

    robot: np.ndarray
    sentences: np.ndarray
    places: np.ndarray
    actions: np.ndarray
    vocabulary: tuple[str, ...]
    translation: Response
    rotation: Response

    def __len__(self) -> int:
        return len(self.actions)

    def features(
        self, index: np.ndarray, noise: float, random: np.random.Generator
    ) -> np.ndarray:
        """(B, F) of some moments; what is seen, with noise on where it is [m].

        Which of two alike has which number is chance, and is left to chance here.
        """
        places = self._renumbered(self.places[index], random)
        there = places[..., :1]
        disturbed = places[..., 1:] + random.normal(0, noise, (*places.shape[:2], 3))
        places = np.concatenate([there, there * disturbed], -1)
        robot = self.robot[index]
        return np.concatenate(
            [robot, self.sentences[index], object_features(places, robot[:, :3])], -1
        ).astype(np.float32)

    def _renumbered(self, places: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Of places (B, V, PLACE_WIDTH), those of things alike in any order."""
        for columns in alike(self.vocabulary):
            order = random.permuted(np.tile(columns, (len(places), 1)), axis=1)
            places[:, columns] = np.take_along_axis(places, order[..., None], axis=1)
        return places


def alike(vocabulary: Sequence[str]) -> list[list[int]]:
    """Indices of names that differ in their number alone, for each that there are several of."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(vocabulary):
        groups[name.rstrip(' 0123456789')].append(index)
    return [group for group in groups.values() if len(group) > 1]


@dataclass
class _Gathered:
    robot: list[np.ndarray] = field(default_factory=list)
    sentences: list[np.ndarray] = field(default_factory=list)
    places: list[dict[str, np.ndarray]] = field(default_factory=list)
    actions: list[np.ndarray] = field(default_factory=list)
    moved: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))


def gather(folder: Path, tasks: Iterable[str], horizon: int) -> Chunks:
    """Everything that was recorded of some tasks and succeeded.

    Args:
        folder: of a suite.
        tasks: their names.

    Raises:
        NoDemonstrationsError: there are none.
    """
    found = _Gathered()
    for name in sorted(tasks):
        if (folder / name / FILE).exists():
            _add_task(found, Seen.load(folder / name / FILE), folder / name, horizon)
    if not found.actions:
        raise NoDemonstrationsError(f'{folder} has no demonstrations: run `make demos` first')
    vocabulary = tuple(sorted({name for places in found.places for name in places}))
    return Chunks(
        np.concatenate(found.robot), np.concatenate(found.sentences),
        np.concatenate([place_features(vocabulary, places) for places in found.places]),
        np.concatenate(found.actions), vocabulary,
        fit_response(found.moved['position'], found.asked['position']),
        fit_response(found.moved['turn'], found.asked['turn']),
    )


def _intended(actions: np.ndarray, length: int, horizon: int) -> np.ndarray:
    """(length, H, 7) what the expert means to do from each step on.

    Its answers to noise that comes only later are no part of that: all but the first action, the
    answer to what is seen now, are averaged over the steps around them. The gripper is not.
    """
    count = len(actions)
    total = np.concatenate([np.zeros((1, actions.shape[1])), np.cumsum(actions, 0)])
    chunks = np.empty((length, horizon, actions.shape[1]), np.float32)
    for now in range(length):
        steps = now + np.arange(horizon)
        low, high = np.maximum(steps - _AROUND, now), np.minimum(steps + _AROUND + 1, count)
        chunks[now] = (total[high] - total[low]) / (high - low)[:, None]
        chunks[now, 0] = actions[now]
        chunks[now, :, _GRIPPER] = actions[steps, _GRIPPER]
    return chunks


def _add_task(found: _Gathered, seen: Seen, folder: Path, horizon: int) -> None:
    for file in sorted(folder.glob('??-??.npz')):
        episode = Demonstration.load(file)
        if episode.succeeded:
            _add_episode(found, seen, int(file.stem[:2]), episode, horizon)


def _add_episode(
    found: _Gathered, seen: Seen, state: int, episode: Demonstration, horizon: int
) -> None:
    length = len(episode.actions)
    position = episode.robot[:, :3] - seen.base
    quaternion, opening = episode.robot[:, 3:7], episode.robot[:, 7]
    before = np.concatenate([[-1.0], episode.actions[:-1, _GRIPPER]])
    command = np.where(before > 0, 0.0, 1.0)
    held = is_held(opening, command, HELD_WIDTH)
    found.robot.append(robot_features(position, quaternion, opening, command, held))
    sentence = sentence_features(episode.instruction)
    found.sentences.append(np.broadcast_to(sentence, (length, len(sentence))))
    row = int(np.flatnonzero(seen.states == state)[0])
    column = {name: index for index, name in enumerate(episode.names)}
    found.places.append({
        str(words): episode.places[:, column[thing]] + seen.offsets[row, index] - seen.base
        for index, (thing, words) in enumerate(zip(seen.things, seen.words[row], strict=True))
        if words
    })
    still = np.zeros((horizon, episode.actions.shape[1]), np.float32)
    still[:, _GRIPPER] = episode.actions[-1, _GRIPPER]
    found.actions.append(_intended(np.concatenate([episode.actions, still]), length, horizon))
    turns = Rotation.from_quat(quaternion)
    found.moved['position'].append(np.diff(position, axis=0))
    found.asked['position'].append(episode.actions[:, :3])
    found.moved['turn'].append((turns[1:] * turns[:-1].inv()).as_rotvec())
    found.asked['turn'].append(episode.actions[:, 3:_GRIPPER])
