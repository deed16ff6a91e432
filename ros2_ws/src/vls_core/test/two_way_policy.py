"""A policy whose samples are known exactly: half its chunks go left, half go right.

The prior is a mixture of two Gaussians over displacement chunks, so the exact velocity follows
from the exact posterior mean: what steering does can be judged without a trained network.
"""

from __future__ import annotations

import numpy as np
import torch

from vls_core.policies.process import (
    DenoisingProcess,
    DiffusionProcess,
    FlowProcess,
    NoiseLevel,
)
from vls_core.trajectory import Trajectory
from vls_core.types import ObjectKind, Observation, RobotState, Scene, SceneObject

DEVIATION = 0.15
STEP_LENGTH = 0.01
"""Metres that a normalised displacement of 1 stands for."""


class TwoWayPolicy:
    """Implements `FrozenPolicy`; modes end at y = +-0.096 m, x = 0.096 m from the start."""

    horizon, action_width, step_duration = 16, 4, 1 / 15

    def __init__(
        self,
        denoising_steps: int = 10,
        rare: float = 0.5,
        process: DenoisingProcess = FlowProcess(clean_time=0),  # noqa: B008
    ) -> None:
        self.denoising_steps, self.process = denoising_steps, process
        self.calls = 0
        mean = torch.zeros(2, self.horizon, 4)
        mean[:, :, 0] = 0.6
        mean[0, :, 1], mean[1, :, 1] = 0.6, -0.6
        self.means = mean
        self.log_weights = torch.tensor([rare, 1 - rare]).log()

    def encode(self, observation: Observation) -> torch.Tensor:
        return torch.zeros(1)

    def level(self, time: float) -> NoiseLevel:
        if isinstance(self.process, DiffusionProcess):
            return self.process.level(int(time))
        signal = time if self.process.clean_time == 1 else 1 - time
        return NoiseLevel(time, signal, 1 - signal)

    def predict(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        self.calls += 1
        level = self.level(time)
        clean = self.posterior_mean(actions, level)
        noise = (actions - level.signal * clean) / max(level.noise, 1e-6)
        if isinstance(self.process, FlowProcess):
            return noise - clean if self.process.clean_time == 0 else clean - noise
        if self.process.prediction == 'velocity':
            return level.signal * noise - level.noise * clean
        return noise if self.process.prediction == 'noise' else clean

    def posterior_mean(self, actions: torch.Tensor, level: NoiseLevel) -> torch.Tensor:
        variance = (level.signal * DEVIATION) ** 2 + level.noise**2
        residual = actions.unsqueeze(1) - level.signal * self.means
        logits = self.log_weights - residual.square().sum((2, 3)) / (2 * variance)
        gain = level.signal * DEVIATION**2 / variance
        return (torch.softmax(logits, 1)[..., None, None] * (self.means + gain * residual)).sum(1)

    def clip(self, actions: torch.Tensor) -> torch.Tensor:
        return actions.clamp(-1.5, 1.5)

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        start = torch.tensor(
            observation.robot.end_effector_position, dtype=actions.dtype
        ).expand(len(actions), 1, 3)
        steps = start + STEP_LENGTH * actions[..., :3].cumsum(1)
        gripper = torch.cat([actions.new_ones(len(actions), 1), actions[..., 3]], 1)
        return Trajectory(torch.cat([start, steps], 1), gripper, self.step_duration)

    def embed(self, trajectory: Trajectory, observation: Observation) -> torch.Tensor:
        steps = trajectory.positions.diff(dim=1) / STEP_LENGTH
        return torch.cat([steps, trajectory.gripper[:, 1:, None]], 2)


START = np.array([0.4, 0.0, 0.3])
LEFT_END = START + [0.096, 0.096, 0.0]


def observation(*objects: SceneObject, subject: str = 'goal', target: str = 'goal') -> Observation:
    """The end effector at START, at rest, gripper open, among the given objects."""
    robot = RobotState(0.0, np.zeros(7), np.zeros(7), START, np.array([1.0, 0, 0, 0]), 0.08)
    return Observation(robot, Scene(0.0, objects), subject, target)


def box(name: str, center: np.ndarray, extent: float = 0.04,
        kind: ObjectKind = ObjectKind.SURFACE) -> SceneObject:
    """A cube-shaped object."""
    return SceneObject(name, kind, np.asarray(center, float), np.full(3, extent))
