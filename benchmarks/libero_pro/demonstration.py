"""One demonstration: what the robot saw and what the expert did, as a file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from benchmarks.libero_pro.expert import Expert
from benchmarks.libero_pro.simulation import ACTION_WIDTH, Simulation

NOISE = 0.25
"""Standard deviation of what is added to the expert's actions while it acts, but not to what is
recorded: the policy learns how to come back [of an action of 1].
"""
LONGEST = 280
"""Steps after which an episode has failed."""
_GRIPPER = 6


class DemonstrationError(ValueError):
    """A file is no demonstration; the message says which."""


@dataclass(frozen=True)
class Demonstration:
    """T steps of one episode.

    Attributes:
        instruction: in words.
        seed: of the noise.
        succeeded: the goal held at the end.
        names: (N,) of the things and regions whose places were recorded.
        robot: (T, 8) position [m], quaternion x, y, z, w, and opening of the hand [m].
        places: (T, N, 3) positions in the world [m].
        actions: (T, 7) of the expert, without noise.
    """

    instruction: str
    seed: int
    succeeded: bool
    names: np.ndarray
    robot: np.ndarray
    places: np.ndarray
    actions: np.ndarray

    def save(self, file: Path) -> None:
        """Writes it as a whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix('.unfinished.npz')
        np.savez_compressed(
            unfinished, **{item.name: getattr(self, item.name) for item in fields(self)}
        )
        unfinished.replace(file)

    @classmethod
    def load(cls, file: Path) -> Demonstration:
        """Reads it. Raises FileNotFoundError, DemonstrationError."""
        try:
            with np.load(file, allow_pickle=False) as content:
                values = {item.name: content[item.name] for item in fields(cls)}
        except (KeyError, ValueError, EOFError, BadZipFile) as error:
            raise DemonstrationError(f'{file} is no demonstration: {error}') from error
        return cls(**{
            **values, 'instruction': str(values['instruction']), 'seed': int(values['seed']),
            'succeeded': bool(values['succeeded']),
        })


def demonstrate(simulation: Simulation, state: int, seed: int, noise: float = NOISE
                ) -> Demonstration:
    """Lets the expert act from an initial state, disturbed.

    Raises:
        IndexError: there is no such initial state.
        NotPickAndPlaceError: the expert does not know how.
    """
    simulation.begin(state)
    expert = Expert(simulation)
    random = np.random.default_rng([state, seed])
    names = (*simulation.obstacles, *simulation.regions)
    robot, places, actions = [], [], []
    while len(actions) < LONGEST and not simulation.succeeded():
        action = expert.action()
        if action is None:
            break
        seen = simulation.robot()
        robot.append([*seen.position, *seen.quaternion, seen.opening])
        places.append([simulation.place(name) for name in names])
        actions.append(action)
        disturbed = np.array(action)
        disturbed[:_GRIPPER] += noise * random.standard_normal(_GRIPPER)
        simulation.step(np.clip(disturbed, -1.0, 1.0))
    return Demonstration(
        simulation.instruction, seed, simulation.succeeded(), np.array(names),
        np.array(robot, np.float32).reshape(-1, 8),
        np.array(places, np.float32).reshape(-1, len(names), 3),
        np.array(actions, np.float32).reshape(-1, ACTION_WIDTH),
    )
