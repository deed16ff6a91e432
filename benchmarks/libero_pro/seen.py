"""Where the camera sees things at the start of demonstrations.

A policy is trained on what it will get: places as perception measures them, with its errors, not
as the simulator knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.libero_pro.camera import SceneCamera
from benchmarks.libero_pro.perception import Perception
from benchmarks.libero_pro.simulation import Simulation
from vls_core.types import Grip

FILE = 'seen.npz'


@dataclass(frozen=True)
class Seen:
    """S initial states of one task, with N things.

    Attributes:
        base: (3,) where the arm stands, in the world [m].
        states: (S,) numbers of the initial states.
        things: (N,) names in the simulator.
        words: (S, N) names in words; empty where the thing is not seen.
        offsets: (S, N, 3) from a thing's place to the middle of what is seen of it [m].
    """

    base: np.ndarray
    states: np.ndarray
    things: np.ndarray
    words: np.ndarray
    offsets: np.ndarray

    def save(self, file: Path) -> None:
        """Writes it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **vars(self))

    @classmethod
    def load(cls, file: Path) -> Seen:
        """Reads it. Raises FileNotFoundError."""
        with np.load(file) as content:
            return cls(**{name: content[name] for name in content.files})


def look(simulation: Simulation, states: list[int]) -> Seen:
    """Begins every state and looks once. Raises NoGraphicsError."""
    camera, things = SceneCamera(simulation), simulation.obstacles
    words = [[''] * len(things) for _ in states]
    offsets = np.zeros((len(states), len(things), 3))
    for row, state in enumerate(states):
        simulation.begin(state)
        perception = Perception()
        hand = simulation.robot().position - simulation.base
        scene = perception.scene(0.0, camera.look(0.0), hand, Grip.OPEN)
        for column, thing in enumerate(things):
            name = perception.words.get(thing, '')
            words[row][column] = name
            if name in scene:
                center = scene[name].center + simulation.base
                offsets[row, column] = center - simulation.place(thing)
    base = simulation.base
    camera.close()
    return Seen(base, np.array(states), np.array(things), np.array(words), offsets)
