"""A small flow-matching policy: a residual network with adaptive layer norm over action chunks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from vls_core.policies.features import ACTION_WIDTH, FEATURE_WIDTH, features
from vls_core.policies.fitting import NormalisedPolicy
from vls_core.policies.network import ChunkNetwork
from vls_core.policies.process import FlowProcess
from vls_core.trajectory import Trajectory
from vls_core.types import Observation

OBSERVATION_CLIP = 3.0
"""Features are limited to this many standard deviations of the demonstrations."""


class CheckpointError(RuntimeError):
    """A checkpoint is missing or is not one of ours; the message says what to do."""


@dataclass(frozen=True)
class FlowPolicyConfig:
    """Shape of the network and of its chunks.

    Attributes:
        horizon: steps in a chunk.
        step_duration: seconds between two steps.
        hidden_width: width of the residual blocks.
        blocks: number of residual blocks.
        denoising_steps: Euler steps from noise to actions.
    """

    horizon: int = 16
    step_duration: float = 1 / 15
    hidden_width: int = 256
    blocks: int = 4
    denoising_steps: int = 10


class FlowPolicy(ChunkNetwork, NormalisedPolicy):
    """Implements `FrozenPolicy` for pick-and-place with a downward gripper.

    Actions are (horizon, 4): displacement per step and gripper opening, normalised to zero mean
    and unit deviation; statistics travel with the weights.
    """

    def __init__(self, config: FlowPolicyConfig) -> None:
        super().__init__(
            config.horizon, ACTION_WIDTH, FEATURE_WIDTH, config.hidden_width, config.blocks
        )
        self.config, self.process = config, FlowProcess(clean_time=0)
        self.horizon, self.action_width = config.horizon, ACTION_WIDTH
        self.step_duration, self.denoising_steps = config.step_duration, config.denoising_steps
        self.register_statistics(FEATURE_WIDTH, ACTION_WIDTH)

    def condition(self, raw_features: torch.Tensor) -> torch.Tensor:
        """(..., FEATURE_WIDTH) features to conditions (..., width)."""
        normalised = (raw_features - self.feature_mean) / self.feature_deviation
        return self.feature_layers(normalised.clamp(-OBSERVATION_CLIP, OBSERVATION_CLIP))

    @torch.no_grad()
    def encode(self, observation: Observation) -> torch.Tensor:
        """The condition (width,) of an observation. Raises UnknownObjectError."""
        robot, scene = observation.robot, observation.scene
        values = features(
            robot.end_effector_position,
            np.asarray(robot.gripper_width),
            np.asarray(observation.gripper_command),
            scene[observation.subject].center,
            scene[observation.target].center,
        )
        return self.condition(torch.from_numpy(values))

    def predict(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        """Velocity (B, H, 4) of noisy actions at one time, for one shared condition."""
        count = len(actions)
        return self(actions, actions.new_full((count,), time), condition.expand(count, -1))

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        """Normalised actions (B, H, 4) to end-effector motion in metres; differentiable."""
        metric = actions * self.action_deviation + self.action_mean
        start = torch.tensor(
            observation.robot.end_effector_position, dtype=actions.dtype, device=actions.device
        ).expand(len(actions), 1, 3)
        steps = start + metric[..., :3].cumsum(1)
        command = metric.new_full((len(actions), 1), observation.gripper_command)
        return Trajectory(
            torch.cat([start, steps], 1),
            torch.cat([command, metric[..., 3]], 1),
            self.step_duration,
        )

    def embed(self, trajectory: Trajectory, observation: Observation) -> torch.Tensor:
        """The inverse of `decode` for motion (B, K + 1, ...): normalised actions (B, K, 4)."""
        start = torch.tensor(
            observation.robot.end_effector_position, dtype=trajectory.positions.dtype
        ).expand(trajectory.particles, 1, 3)
        steps = torch.cat([start, trajectory.positions[:, 1:]], 1).diff(dim=1)
        metric = torch.cat([steps, trajectory.gripper[:, 1:, None]], 2)
        return (metric - self.action_mean) / self.action_deviation

    def save(self, path: Path, **notes: str) -> None:
        """Writes weights, statistics and configuration; notes say how they were made."""
        metadata = {'config': json.dumps(asdict(self.config)), **notes}
        save_file(self.state_dict(), path, metadata=metadata)

    @classmethod
    def load(cls, path: Path) -> FlowPolicy:
        """A frozen policy in evaluation mode. Raises CheckpointError."""
        if not path.is_file():
            raise CheckpointError(
                f'there is no checkpoint {path}; make one with `make train`, or set the parameter '
                '`checkpoint` of the policy node'
            )
        try:
            with safe_open(path, 'pt') as file:
                metadata = file.metadata() or {}
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            policy = cls(FlowPolicyConfig(**json.loads(metadata['config'])))
            policy.load_state_dict(weights)
        except (SafetensorError, KeyError, TypeError, RuntimeError) as error:
            raise CheckpointError(f'{path} is no checkpoint of {cls.__name__}: {error}') from error
        return policy.eval().requires_grad_(False)
