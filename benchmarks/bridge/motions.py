"""What the arm shall do if nothing interferes: joint positions over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.types import JOINT_COUNT

STEP = 1.0 / 15.0
"""Between two steps of a chunk [s]."""

DURATION = 64 * STEP
"""How long chunks are sent for: eight times eight steps [s]."""

_RAMP = 0.75  # s until a sinusoid has its full size
_AMPLITUDES = (0.2, 0.3)  # rad
_FREQUENCIES = (0.2, 0.3)  # Hz
_MARGIN = 0.03  # m to the border of the workspace, for noise
_ATTEMPTS = 1000
_DEMONSTRATIONS_TRIED = 20


class NoMotionError(RuntimeError):
    """No motion of this kind could be made from a seed."""


@dataclass(frozen=True)
class Motion:
    """A smooth motion from the home position.

    Attributes:
        sample: from times (N,) [s] to joint positions (N, 7) [rad]; before 0 it stands at home.
    """

    sample: Callable[[np.ndarray], np.ndarray]

    def at(self, time: float) -> np.ndarray:
        """The joint positions (7,) at one time [s]."""
        return self.sample(np.array([time]))[0]


def sinusoids(seed: int) -> Motion:
    """All joints swing at once, each at a frequency of its own. Raises NoMotionError."""
    generator = np.random.default_rng([seed, 0])
    times = np.arange(0.0, DURATION + 2.0, STEP)
    for _ in range(_ATTEMPTS):
        signs = generator.choice([-1.0, 1.0], JOINT_COUNT)
        motion = _swinging(
            signs * generator.uniform(*_AMPLITUDES, JOINT_COUNT),
            generator.uniform(*_FREQUENCIES, JOINT_COUNT),
        )
        if inside_workspace(motion.sample(times), _MARGIN):
            return motion
    raise NoMotionError(f'no sinusoids of seed {seed} stay in the workspace')


def _swinging(amplitudes: np.ndarray, frequencies: np.ndarray) -> Motion:
    def sample(times: np.ndarray) -> np.ndarray:
        times = np.maximum(times, 0.0)[:, None]
        ramp = np.minimum(times / _RAMP, 1.0)
        size = ramp**3 * (10 - 15 * ramp + 6 * ramp**2) * amplitudes
        return fr3.HOME_JOINT_POSITIONS + size * np.sin(2 * np.pi * frequencies * times)

    return Motion(sample)


def demonstration(seed: int) -> Motion:
    """What the scripted expert wants to do with a cube in the simulated scene, from home.

    Recorded anew, without disturbances: it reaches for the cube and lifts it. Raises
    NoMotionError.
    """
    from vls_sim.demonstrations import FIRST_SEED, record_episode  # loads a simulator of its own
    from vls_sim.rig import Rig

    rig = Rig()
    for attempt in range(_DEMONSTRATIONS_TRIED):
        recorded = record_episode(
            rig, FIRST_SEED + _DEMONSTRATIONS_TRIED * seed + attempt, disturbed=False
        )
        if recorded is not None:
            return through(_joint_positions(recorded.expert_target_position))
    raise NoMotionError(f'the expert never succeeded with seed {seed}')


def _joint_positions(positions: np.ndarray) -> np.ndarray:
    kinematics = Fr3Kinematics()
    joints = [fr3.HOME_JOINT_POSITIONS]
    for position in positions:
        joints.append(kinematics.solve(position, fr3.DOWNWARD_QUATERNION, joints[-1]))
    return np.array(joints)


def through(positions: np.ndarray) -> Motion:
    """A cubic through joint positions (N, 7), one per step, the first at time 0, at rest."""
    slopes = np.gradient(positions, axis=0)
    slopes[0] = 0.0
    last = len(positions) - 1

    def sample(times: np.ndarray) -> np.ndarray:
        steps = np.clip(times / STEP, 0.0, last)
        index = np.minimum(steps.astype(int), last - 1)
        u = (steps - index)[:, None]
        start, end = positions[index], positions[index + 1]
        rise = 3 * u**2 - 2 * u**3
        return (
            start + rise * (end - start)
            + u * (1 - u) ** 2 * slopes[index] - u**2 * (1 - u) * slopes[index + 1]
        )

    return Motion(sample)


def inside_workspace(positions: np.ndarray, margin: float = 0.0) -> bool:
    """Whether the end effector stays inside, that far from the border [m], at (N, 7) [rad]."""
    kinematics, box = Fr3Kinematics(), fr3.DEFAULT_WORKSPACE
    points = np.array([kinematics.forward(row)[0] for row in positions])
    return bool((points >= box.lower + margin).all() and (points <= box.upper - margin).all())
