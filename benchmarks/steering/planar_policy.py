"""The planar policies, one of each family: what they see, how they are trained, where they lie.

`python -m benchmarks.steering.planar_policy --family flow` trains one; the seed decides all of it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from benchmarks.steering.planar import (
    HEIGHT,
    HORIZON,
    STEP_DURATION,
    demonstrate,
    draw_layouts,
    layout_of,
)
from vls_core.policies.fitting import (
    Fit,
    NormalisedPolicy,
    denoising_loss,
    fit,
    training_levels,
)
from vls_core.policies.flow import CheckpointError
from vls_core.policies.network import ChunkNetwork
from vls_core.policies.process import DenoisingProcess, DiffusionProcess, FlowProcess
from vls_core.trajectory import Trajectory
from vls_core.types import Observation

Family = Literal['flow', 'diffusion']
FAMILIES: tuple[Family, ...] = get_args(Family)
CHECKPOINTS = Path(__file__).parent / 'checkpoints'
CLEAN_LIMIT = 3.0
"""Of the diffusion policy's clean estimates, in standard deviations of the demonstrations."""
_ACTION_WIDTH = 2
_FEATURE_WIDTH = 8
_NETWORK_WIDTH, _NETWORK_BLOCKS = 240, 3
_WARM_UP = 0.1


class PlanarPolicy(NormalisedPolicy):
    """Implements `FrozenPolicy` for planar scenes; actions are displacements per step.

    Actions are normalised to zero mean and unit deviation; statistics travel with the weights.
    """

    def __init__(self, family: Family) -> None:
        super().__init__()
        self.family = family
        self.horizon, self.action_width = HORIZON, _ACTION_WIDTH
        self.step_duration, self.denoising_steps = STEP_DURATION, 10
        self.process: DenoisingProcess = FlowProcess(clean_time=0)
        self.time_scale = 1.0
        if family == 'diffusion':
            self.process = DiffusionProcess(prediction='noise', clean_limit=CLEAN_LIMIT)
            self.time_scale = 1 / self.process.training_steps
        self.network = ChunkNetwork(
            HORIZON, _ACTION_WIDTH, _FEATURE_WIDTH, _NETWORK_WIDTH, _NETWORK_BLOCKS
        )
        self.register_statistics(_FEATURE_WIDTH, _ACTION_WIDTH)

    def condition(self, layouts: torch.Tensor) -> torch.Tensor:
        """(B, 8) starts and goals [m] to conditions (B, width)."""
        normalised = (layouts - self.feature_mean) / self.feature_deviation
        return self.network.feature_layers(normalised)

    @torch.no_grad()
    def encode(self, observation: Observation) -> torch.Tensor:
        """The condition (1, width) of an observation. Raises UnknownObjectError."""
        start, goals = layout_of(observation)
        return self.condition(_layouts(start[None], goals[None]))

    def predict(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        """The network: noisy actions (B, H, 2) at one time to its prediction; differentiable."""
        return self.network(actions, actions.new_full((1,), time * self.time_scale), condition)

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        """Normalised actions (B, H, 2) to motion in the plane in metres; differentiable."""
        steps = actions * self.action_deviation + self.action_mean
        start = actions.new_tensor(observation.robot.end_effector_position[:2])
        plane = torch.cat([start.expand(len(actions), 1, 2), start + steps.cumsum(1)], 1)
        height = plane.new_full((*plane.shape[:2], 1), HEIGHT)
        gripper = plane.new_full(plane.shape[:2], observation.gripper_command)
        return Trajectory(torch.cat([plane, height], -1), gripper, self.step_duration)

    def embed(self, trajectory: Trajectory, observation: Observation) -> torch.Tensor:
        """Motion (B, H + 1, 3) to normalised actions (B, H, 2); what `decode` undoes."""
        steps = trajectory.positions[..., :2].diff(dim=1)
        return (steps - self.action_mean) / self.action_deviation

    def save(self, path: Path, **notes: str) -> None:
        """Writes weights and statistics in half precision; notes say how they were made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: value.half() for name, value in self.state_dict().items()}, path, notes)

    @classmethod
    def load(cls, family: Family, path: Path | None = None) -> PlanarPolicy:
        """A frozen policy in evaluation mode, in single precision. Raises CheckpointError."""
        path = path or CHECKPOINTS / f'planar_{family}.safetensors'
        if not path.is_file():
            raise CheckpointError(
                f'there is no checkpoint {path}; make one with '
                f'`python -m benchmarks.steering.planar_policy --family {family}`'
            )
        policy = cls(family)
        try:
            policy.load_state_dict(load_file(path))
        except (SafetensorError, RuntimeError) as error:
            raise CheckpointError(f'{path} is no checkpoint of {cls.__name__}: {error}') from error
        return policy.eval().requires_grad_(False)


@dataclass(frozen=True)
class TrainingConfig:
    """How to train; one seed decides everything.

    Attributes:
        iterations: optimiser steps, each on a batch of demonstrations never seen before.
        averaging: decay of the exponential moving average of the weights.
    """

    iterations: int = 6_000
    batch_size: int = 384
    learning_rate: float = 1.5e-3
    averaging: float = 0.997
    seed: int = 0


def train(family: Family, config: TrainingConfig) -> tuple[PlanarPolicy, float]:
    """Regression on fresh demonstrations. Returns the averaged policy and the smoothed loss."""
    torch.manual_seed(config.seed)
    random = np.random.default_rng(config.seed)
    policy = PlanarPolicy(family)
    _set_statistics(policy, random)
    levels = training_levels(policy.process)

    def batch_loss() -> torch.Tensor:
        clean, condition = _batch(policy, config.batch_size, random)
        return denoising_loss(
            lambda noisy, time: policy.network(noisy, time * policy.time_scale, condition),
            policy.process, levels, clean,
        )

    fitting = Fit(config.iterations, config.learning_rate, _WARM_UP, config.averaging)
    averaged, curve = fit(policy, batch_loss, fitting, f'training {family}')
    return averaged, curve[-1]


def _batch(
    policy: PlanarPolicy, size: int, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Normalised actions (size, H, 2) of new demonstrations, and the conditions they belong to."""
    start, goals = draw_layouts(size, random)
    steps = torch.from_numpy(np.diff(demonstrate(start, goals, random), axis=1)).float()
    actions = (steps - policy.action_mean) / policy.action_deviation
    return actions, policy.condition(_layouts(start, goals))


def _set_statistics(policy: PlanarPolicy, random: np.random.Generator) -> None:
    start, goals = draw_layouts(20_000, random)
    layouts = _layouts(start, goals)
    steps = torch.from_numpy(np.diff(demonstrate(start, goals, random), axis=1)).float()
    policy.feature_mean.copy_(layouts.mean(0))
    policy.feature_deviation.copy_(layouts.std(0))
    policy.action_mean.copy_(steps.mean((0, 1)))
    policy.action_deviation.copy_(steps.std((0, 1)))
    for buffer in policy.buffers():
        # What is stored in half precision is to be the same as what was trained with.
        buffer.copy_(buffer.half())
    normalised = (steps - policy.action_mean) / policy.action_deviation
    policy.action_low.copy_(normalised.amin((0, 1)).half())
    policy.action_high.copy_(normalised.amax((0, 1)).half())


def _layouts(start: np.ndarray, goals: np.ndarray) -> torch.Tensor:
    """(B, 2) and (B, 3, 2) to features (B, 8)."""
    return torch.from_numpy(np.concatenate([start, goals.reshape(-1, 6)], 1)).float()


def main() -> None:
    """Command line."""
    defaults = TrainingConfig()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--family', choices=FAMILIES, required=True)
    parser.add_argument('--out', type=Path, help='checkpoint (.safetensors)')
    parser.add_argument('--iterations', type=int, default=defaults.iterations)
    parser.add_argument('--seed', type=int, default=defaults.seed)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = replace(defaults, iterations=arguments.iterations, seed=arguments.seed)
    policy, loss = train(arguments.family, config)
    out = arguments.out or CHECKPOINTS / f'planar_{arguments.family}.safetensors'
    policy.save(out, training=json.dumps(asdict(config)), loss=f'{loss:.5f}')
    print(f'wrote {out} ({out.stat().st_size / 1e6:.1f} MB), smoothed loss {loss:.4f}')


if __name__ == '__main__':
    main()
