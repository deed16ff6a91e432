"""The values that cross borders between the parts of the stack.

Units are SI, frames follow REP 103 (x forward, y left, z up). Everything is expressed in the base
frame of the arm, `fr3_link0`. Times are seconds as floats on the clock of whoever made the value.
This module needs numpy only, so that the robot computer can use it without torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np

BASE_FRAME = 'fr3_link0'
END_EFFECTOR_FRAME = 'fr3_hand_tcp'
JOINT_COUNT = 7
MAXIMUM_GRIPPER_WIDTH = 0.08
"""Distance between the fully opened fingers [m]."""
HELD_WIDTH = (0.01, 0.06)
"""Finger distances at which a closed gripper holds something [m], for things of a few cm."""


def joint_names(robot_type: str) -> list[str]:
    """Of an arm, from the base to the hand, as its joint states and chunks name them."""
    return [f'{robot_type}_joint{number}' for number in range(1, JOINT_COUNT + 1)]


class InvalidValueError(ValueError):
    """A value has the wrong shape, is not finite, or contradicts itself."""


class NotFiniteValueError(InvalidValueError):
    """A value is not a finite number."""


class WrongShapeError(InvalidValueError):
    """A value has another shape than it should, or is empty."""


class UnknownObjectError(KeyError):
    """A name does not belong to any object in the scene."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known
        super().__init__(name)

    def __str__(self) -> str:
        seen = ', '.join(self.known) if self.known else 'nothing'
        return f'there is no "{self.name}" in the scene; seen: {seen}'


def _checked(values: np.ndarray, shape: tuple[int | None, ...], what: str) -> np.ndarray:
    """Returns a read-only float64 copy of finite values of the given shape (None: any length)."""
    array = np.array(values, dtype=np.float64)
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, length) for wanted, length in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise WrongShapeError(f'{what}: expected shape {shape}, got {array.shape}')
    if not np.isfinite(array).all():
        raise NotFiniteValueError(f'{what}: not finite')
    array.setflags(write=False)
    return array


class TargetKind(IntEnum):
    """What the targets of a chunk mean; the values are those of ActionChunk.msg."""

    JOINT_POSITION = 0
    CARTESIAN_POSE = 1
    CARTESIAN_DELTA = 2


@dataclass(frozen=True)
class ActionChunk:
    """A short plan for the arm and the gripper, computed from one observation.

    Attributes:
        observation_time: when the observation was taken [s].
        step_duration: time between two steps [s]; step i (0-based) is due at
            observation_time + (i + 1) * step_duration.
        sequence: strictly increasing number of the chunk.
        targets: (H, 7) joint angles [rad]; or end-effector x y z [m] and quaternion x y z w; or
            displacements against the step before: x y z [m] along the axes of the base and a turn
            x y z w in the frame of the end effector, the first one against where the end effector
            was asked to be at the observation time.
        gripper: (H,) desired opening, 0 closed to 1 fully open.
        target_kind: meaning of the targets.
        program_id: reward program that steered the chunk, empty for the base policy alone.
        robot_type: the arm that the chunk is meant for.

    Raises:
        InvalidValueError: on wrong shapes, values that are not finite, or a step_duration <= 0.
    """

    observation_time: float
    step_duration: float
    sequence: int
    targets: np.ndarray
    gripper: np.ndarray
    target_kind: TargetKind = TargetKind.CARTESIAN_POSE
    program_id: str = ''
    robot_type: str = 'fr3'

    def __post_init__(self) -> None:
        object.__setattr__(self, 'targets', _checked(self.targets, (None, 7), 'targets'))
        object.__setattr__(self, 'gripper', _checked(self.gripper, (self.horizon,), 'gripper'))
        if self.horizon == 0:
            raise WrongShapeError('targets: a chunk needs at least one step')
        if not (np.isfinite(self.observation_time) and np.isfinite(self.step_duration)):
            raise NotFiniteValueError('observation_time and step_duration must be finite')
        if self.step_duration <= 0:
            raise InvalidValueError(f'step_duration must be positive, got {self.step_duration}')
        if self.target_kind is not TargetKind.JOINT_POSITION:
            norms = np.linalg.norm(self.targets[:, 3:], axis=1)
            if (np.abs(norms - 1.0) > 1e-3).any():
                raise InvalidValueError('targets: quaternions must have length 1')

    @property
    def horizon(self) -> int:
        """Number of steps."""
        return len(self.targets)

    @property
    def end_time(self) -> float:
        """When the last step is due [s]."""
        return self.observation_time + self.horizon * self.step_duration


class ObjectKind(IntEnum):
    """What an object is for; the values are those of SceneObject.msg."""

    GRASPABLE = 0
    SURFACE = 1
    OBSTACLE = 2


@dataclass(frozen=True)
class Keypoint:
    """A named point on an object: position (3,) [m], covariance (3, 3) [m^2]."""

    name: str
    position: np.ndarray
    covariance: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, 'position', _checked(self.position, (3,), self.name))
        object.__setattr__(
            self, 'covariance', _checked(self.covariance, (3, 3), f'covariance of {self.name}')
        )


@dataclass(frozen=True)
class SceneObject:
    """A named object, seen as an axis-aligned box.

    Attributes:
        center: (3,) centre of the box [m].
        extent: (3,) full side lengths of the box [m].
        last_seen: time of the last picture it was measured in [s].
    """

    name: str
    kind: ObjectKind
    center: np.ndarray
    extent: np.ndarray
    keypoints: tuple[Keypoint, ...] = ()
    last_seen: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, 'center', _checked(self.center, (3,), f'center of {self.name}'))
        object.__setattr__(self, 'extent', _checked(self.extent, (3,), f'extent of {self.name}'))

    @property
    def top(self) -> np.ndarray:
        """(3,) centre of the upper side of the box [m]."""
        return self.center + np.array([0.0, 0.0, self.extent[2] / 2])


@dataclass(frozen=True)
class Scene:
    """The named objects in view at one time, in the base frame."""

    stamp: float
    objects: tuple[SceneObject, ...]
    detector: str = ''

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all objects, in the order of the scene."""
        return tuple(item.name for item in self.objects)

    def __getitem__(self, name: str) -> SceneObject:
        """The object of that name. Raises UnknownObjectError."""
        for item in self.objects:
            if item.name == name:
                return item
        raise UnknownObjectError(name, self.names)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def of_kind(self, kind: ObjectKind) -> tuple[SceneObject, ...]:
        """All objects of one kind."""
        return tuple(item for item in self.objects if item.kind is kind)


@dataclass(frozen=True)
class RobotState:
    """The measured state of arm and gripper.

    Attributes:
        stamp: time of the measurement [s].
        joint_positions: (7,) [rad].
        joint_velocities: (7,) [rad/s].
        end_effector_position: (3,) [m].
        end_effector_quaternion: (4,) x y z w.
        gripper_width: distance between the fingers [m].
    """

    stamp: float
    joint_positions: np.ndarray
    joint_velocities: np.ndarray
    end_effector_position: np.ndarray
    end_effector_quaternion: np.ndarray
    gripper_width: float

    def __post_init__(self) -> None:
        for name, length in (
            ('joint_positions', 7),
            ('joint_velocities', 7),
            ('end_effector_position', 3),
            ('end_effector_quaternion', 4),
        ):
            object.__setattr__(self, name, _checked(getattr(self, name), (length,), name))


class Grip(Enum):
    """What a hand is about: told to open; told to close, and on its way, stopped by something, or
    at rest with nothing between its fingers.
    """

    OPEN = 'open'
    CLOSING = 'closing'
    HOLDING = 'holding'
    EMPTY = 'empty'

    @classmethod
    def told(
        cls, command: float, width: float, still: bool, held_width: tuple[float, float]
    ) -> Grip:
        """By the last command, 0 closed to 1 open, and where the fingers are now.

        Args:
            width: between the fingers [m].
            still: whether they rest.
            held_width: at which widths resting fingers hold something [m].
        """
        if command >= 0.5:
            return cls.OPEN
        low, high = held_width
        if not still or width >= high:  # a gripper takes its time before its fingers set off
            return cls.CLOSING
        return cls.HOLDING if width > low else cls.EMPTY


@dataclass(frozen=True)
class Observation:
    """What a policy may look at: the robot, the scene, and which objects the task is about.

    Attributes:
        subject: name of the object to move.
        target: name of the object to bring it to.
        gripper_command: last commanded opening, 0 closed to 1 open.
        held_width: finger distances at which the closed gripper holds something [m].
        fingers_still: False while the fingers are on their way, wherever they are.
    """

    robot: RobotState
    scene: Scene
    subject: str
    target: str
    gripper_command: float = 1.0
    held_width: tuple[float, float] = HELD_WIDTH
    fingers_still: bool = True

    @property
    def holds(self) -> bool:
        """Whether something stops fingers that were told to close."""
        return self.grip is Grip.HOLDING

    @property
    def grip(self) -> Grip:
        """What the hand is about."""
        return Grip.told(
            self.gripper_command, self.robot.gripper_width, self.fingers_still, self.held_width
        )
