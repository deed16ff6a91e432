"""The base policy of the benchmark: trained once on the standard suites, frozen afterwards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from scipy.spatial.transform import Rotation
from torch import nn

from benchmarks.libero_pro.features import (
    feature_width,
    object_features,
    place_features,
    robot_features,
    sentence_features,
)
from benchmarks.libero_pro.motion import Response
from benchmarks.libero_pro.simulation import ACTION_WIDTH
from vls_core.kinematics import forward_kinematics
from vls_core.policies.delta_pose import rotation_matrix
from vls_core.policies.features import is_held
from vls_core.policies.fitting import NormalisedPolicy
from vls_core.policies.flow import CheckpointError
from vls_core.policies.network import ChunkNetwork
from vls_core.policies.process import DenoisingProcess, DiffusionProcess, FlowProcess
from vls_core.trajectory import Trajectory
from vls_core.types import Observation, RobotState

Family = Literal['flow', 'diffusion']
FAMILIES: tuple[Family, ...] = get_args(Family)
CHECKPOINTS = Path(__file__).parent / 'checkpoints'
HELD_WIDTH = (0.003, 0.072)
"""From the rim of a bowl to a tin of soup [m]."""
STEP_DURATION = 0.05
_CLIP = 3.0
_CLEAN_LIMIT = 4.0


def checkpoint(suite: str, family: Family, folder: Path = CHECKPOINTS) -> Path:
    """Where the policy of a suite lies; as is usual on this benchmark, each suite has its own."""
    return folder / f'{suite}_{family}.safetensors'


@dataclass(frozen=True)
class PolicyConfig:
    """What decides the shape of the network, and what its actions do.

    Attributes:
        vocabulary: names in words of all things it was trained with.
        translation, rotation: how the arm follows its actions, [m] and [rad].
        prediction: of a diffusion policy: what its network predicts, see `DiffusionProcess`.
    """

    family: Family
    vocabulary: tuple[str, ...]
    translation: Response
    rotation: Response
    horizon: int = 16
    hidden_width: int = 256
    blocks: int = 3
    encoder_width: int = 512
    denoising_steps: int = 10
    prediction: Literal['noise', 'velocity', 'clean'] = 'velocity'


@dataclass(frozen=True)
class _Hand:
    """Where a chunk begins.

    Attributes:
        position: (3,) [m].
        rotation: (3, 3).
        moved, turned: (3,) displacement [m] and turn [rad] of one step at its present velocity.
    """

    position: torch.Tensor
    rotation: torch.Tensor
    moved: torch.Tensor
    turned: torch.Tensor

    @classmethod
    def of(cls, robot: RobotState) -> _Hand:
        """The benchmark's Panda moves like the FR3 but for the length of the hand, which matters
        little here.
        """
        joints, velocities = (
            torch.from_numpy(np.array(values))
            for values in (robot.joint_positions, robot.joint_velocities)
        )
        twist = STEP_DURATION * forward_kinematics(joints).jacobian() @ velocities
        rotation = Rotation.from_quat(robot.end_effector_quaternion).as_matrix()
        return cls(
            torch.tensor(robot.end_effector_position).float(), torch.from_numpy(rotation).float(),
            twist[:3].float(), twist[3:].float(),
        )


def _encoder(features: int, width: int, out: int) -> nn.Sequential:
    """Evaluated once for a chunk: that is where depth is cheap."""
    return nn.Sequential(
        nn.Linear(features, width), nn.LayerNorm(width), nn.SiLU(),
        nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
        nn.Linear(width, out),
    )


class LiberoPolicy(ChunkNetwork, NormalisedPolicy):
    """Implements `FrozenPolicy` with the actions of the simulator: translation, turn, gripper.

    Actions are normalised to zero mean and unit deviation; statistics travel with the weights.

    Attributes:
        instruction: the sentence it follows now.
    """

    def __init__(self, config: PolicyConfig) -> None:
        width = feature_width(config.vocabulary)
        super().__init__(
            config.horizon, ACTION_WIDTH, width, config.hidden_width, config.blocks
        )
        self.feature_layers = _encoder(width, config.encoder_width, config.hidden_width)
        self.config, self.instruction = config, ''
        self.horizon, self.action_width = config.horizon, ACTION_WIDTH
        self.step_duration, self.denoising_steps = STEP_DURATION, config.denoising_steps
        self.process: DenoisingProcess = FlowProcess(clean_time=0)
        self.time_scale = 1.0
        if config.family == 'diffusion':
            self.process = DiffusionProcess(config.prediction, clean_limit=_CLEAN_LIMIT)
            self.time_scale = 1 / self.process.training_steps
        self.register_statistics(width, ACTION_WIDTH)
        self._seen: RobotState | None = None
        self._now: _Hand

    def condition(self, raw_features: torch.Tensor) -> torch.Tensor:
        """(..., F) features to conditions (..., width)."""
        normalised = (raw_features - self.feature_mean) / self.feature_deviation
        return self.feature_layers(normalised.clamp(-_CLIP, _CLIP))

    @torch.no_grad()
    def encode(self, observation: Observation) -> torch.Tensor:
        """The condition (width,) of an observation and the present instruction."""
        robot = observation.robot
        values = np.concatenate([
            robot_features(
                robot.end_effector_position, robot.end_effector_quaternion,
                np.asarray(robot.gripper_width), np.asarray(observation.gripper_command),
                is_held(
                    np.asarray(robot.gripper_width), np.asarray(observation.gripper_command),
                    HELD_WIDTH,
                ),
            ),
            sentence_features(self.instruction),
            object_features(place_features(
                self.config.vocabulary,
                {item.name: item.center for item in observation.scene.objects},
            ), robot.end_effector_position),
        ])
        return self.condition(torch.from_numpy(values))

    def predict(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        """Prediction (B, H, D) for noisy actions at one time, for one shared condition."""
        moment = actions.new_full((1,), time * self.time_scale)
        return self(actions, moment, condition.view(1, -1))

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        """Normalised actions (B, H, D) to motion in metres; differentiable.

        Turns are added up as vectors, which is exact about one axis and close for small ones.
        """
        metric = actions * self.action_deviation + self.action_mean
        hand, count = self._hand(observation), len(actions)
        start, now = hand.position.expand(count, 1, 3), hand.rotation
        steps = self.config.translation.steps(metric[..., :3], hand.moved).cumsum(1)
        turns = self.config.rotation.steps(metric[..., 3:6], hand.turned).cumsum(1)
        opening = torch.cat([
            metric.new_full((count, 1), observation.gripper_command), (1 - metric[..., 6]) / 2
        ], 1)
        return Trajectory(
            torch.cat([start, start + steps], 1), opening, self.step_duration,
            torch.cat([now.expand(count, 1, 3, 3), rotation_matrix(turns) @ now], 1),
        )

    def _hand(self, observation: Observation) -> _Hand:
        """Asked for hundreds of times with the same observation."""
        if self._seen is not observation.robot:
            self._seen, self._now = observation.robot, _Hand.of(observation.robot)
        return self._now

    def embed(self, trajectory: Trajectory, observation: Observation) -> torch.Tensor:
        """The inverse of `decode`; a trajectory without rotations does not turn."""
        metric = self._metric_actions(trajectory, self._hand(observation))
        return (metric - self.action_mean) / self.action_deviation

    def simulator_actions(self, trajectory: Trajectory, robot: RobotState) -> np.ndarray:
        """(H, 7) what to ask the simulator for, of one particle, each in [-1, 1].

        Args:
            robot: as it was when the trajectory was planned.
        """
        actions = self._metric_actions(trajectory, _Hand.of(robot))[0]
        return actions.clamp(-1.0, 1.0).double().numpy()

    def _metric_actions(self, trajectory: Trajectory, hand: _Hand) -> torch.Tensor:
        moved = self.config.translation.actions(trajectory.positions.diff(dim=1), hand.moved)
        turned = torch.zeros_like(moved)
        if trajectory.rotations is not None:
            turns = trajectory.rotations @ trajectory.rotations[:, :1].mT
            vectors = Rotation.from_matrix(turns.flatten(0, 1).numpy()).as_rotvec()
            vectors = moved.new_tensor(vectors).unflatten(0, turns.shape[:2])
            turned = self.config.rotation.actions(vectors.diff(dim=1), hand.turned)
        return torch.cat([moved, turned, 1 - 2 * trajectory.gripper[:, 1:, None]], -1)

    def save(self, path: Path, **notes: str) -> None:
        """Writes weights in half precision, and statistics; notes say how they were made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        exact = dict(self.named_buffers())
        weights = {name: value if name in exact else value.half()
                   for name, value in self.state_dict().items()}
        save_file(weights, path, metadata={'config': json.dumps(asdict(self.config)), **notes})

    @classmethod
    def load(cls, path: Path) -> LiberoPolicy:
        """A frozen policy in evaluation mode. Raises CheckpointError."""
        if not path.is_file():
            raise CheckpointError(f'there is no checkpoint {path}; make one with `make demos` and '
                                  '`make train-libero`')
        try:
            with safe_open(path, 'pt') as file:
                config = json.loads((file.metadata() or {})['config'])
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if config['family'] == 'diffusion' and 'prediction' not in config:
                raise KeyError('it does not say what its network predicts; make it again with '
                               '`make train-libero`')
            policy = cls(PolicyConfig(**{
                **config, 'vocabulary': tuple(config['vocabulary']),
                'translation': Response(**config['translation']),
                'rotation': Response(**config['rotation']),
            }))
            policy.load_state_dict(weights)
        except (SafetensorError, KeyError, TypeError, RuntimeError) as error:
            raise CheckpointError(f'{path} is no checkpoint of {cls.__name__}: {error}') from error
        return policy.eval().requires_grad_(False)
