"""Trains the small flow-matching policy on recorded demonstrations (`vls-train-policy`)."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from vls_core.policies.features import features
from vls_core.policies.fitting import Fit, fit
from vls_core.policies.flow import FlowPolicy, FlowPolicyConfig

_WARM_UP = 0.05


@dataclass(frozen=True)
class TrainingConfig:
    """How to train; one seed decides everything.

    Attributes:
        iterations: optimiser steps.
        batch_size: chunks per step.
        learning_rate: peak of the cosine schedule.
        position_noise: deviation of the noise on object positions, as perception has it [m].
        averaging: decay of the exponential moving average of the weights.
    """

    iterations: int = 6_000
    batch_size: int = 256
    learning_rate: float = 1e-3
    position_noise: float = 0.004
    averaging: float = 0.999
    seed: int = 0


@dataclass(frozen=True)
class Chunks:
    """Training pairs: features (N, F) without noise parts, actions (N, H, 4), and raw columns."""

    columns: dict[str, np.ndarray]
    actions: np.ndarray

    def __len__(self) -> int:
        return len(self.actions)


def cut_chunks(recording: dict[str, np.ndarray], horizon: int) -> Chunks:
    """Every step of every episode becomes a chunk; after its end an episode stands still.

    Actions are displacements between intended positions, the first one from where the end effector
    really is, so that a policy in the loop corrects tracking errors.
    """
    actions = []
    for episode in np.unique(recording['episode']):
        steps = np.flatnonzero(recording['episode'] == episode)
        goals = recording['expert_target_position'][steps]
        gripper = recording['expert_gripper'][steps]
        length = len(steps)
        index = np.minimum(np.arange(length)[:, None] + np.arange(horizon), length - 1)
        path = np.concatenate(
            [recording['end_effector_position'][steps][:, None], goals[index]], 1
        )
        actions.append(np.concatenate([np.diff(path, axis=1), gripper[index][..., None]], -1))
    names = ('end_effector_position', 'gripper_width', 'gripper_command',
             'subject_position', 'target_position')
    columns = {name: recording[name].astype(np.float32) for name in names}
    return Chunks(columns, np.concatenate(actions).astype(np.float32))


def _batch_features(chunks: Chunks, index: np.ndarray, noise: float,
                    random: np.random.Generator) -> torch.Tensor:
    column = {name: values[index] for name, values in chunks.columns.items()}
    for name in ('subject_position', 'target_position'):
        column[name] = column[name] + random.normal(0, noise, column[name].shape)
    return torch.from_numpy(features(
        column['end_effector_position'], column['gripper_width'], column['gripper_command'],
        column['subject_position'], column['target_position'],
    ))


def _set_statistics(policy: FlowPolicy, chunks: Chunks, noise: float,
                    random: np.random.Generator) -> None:
    values = _batch_features(chunks, np.arange(len(chunks)), noise, random)
    actions = torch.from_numpy(chunks.actions).flatten(0, 1)
    policy.feature_mean.copy_(values.mean(0))
    policy.feature_deviation.copy_(values.std(0).clamp_min(1e-3))
    policy.action_mean.copy_(actions.mean(0))
    policy.action_deviation.copy_(actions.std(0).clamp_min(1e-4))
    # The first step also makes up for tracking errors, and a few steps for pushes: neither is a
    # speed to steer at.
    usual = torch.from_numpy(chunks.actions[:, 1:]).flatten(0, 1)
    normalised = (usual - policy.action_mean) / policy.action_deviation
    policy.action_low.copy_(torch.from_numpy(np.quantile(normalised.numpy(), 0.01, axis=0)))
    policy.action_high.copy_(torch.from_numpy(np.quantile(normalised.numpy(), 0.99, axis=0)))


def train(
    chunks: Chunks, network: FlowPolicyConfig, config: TrainingConfig
) -> tuple[FlowPolicy, list[float]]:
    """Flow matching on the chunks. Returns the averaged policy and the smoothed loss curve."""
    torch.manual_seed(config.seed)
    random = np.random.default_rng(config.seed)
    policy = FlowPolicy(network)
    _set_statistics(policy, chunks, config.position_noise, random)
    actions = (torch.from_numpy(chunks.actions) - policy.action_mean) / policy.action_deviation

    def batch_loss() -> torch.Tensor:
        index = random.integers(0, len(chunks), config.batch_size)
        raw = _batch_features(chunks, index, config.position_noise, random)
        return flow_matching_loss(policy, actions[index], policy.condition(raw))

    fitting = Fit(config.iterations, config.learning_rate, _WARM_UP, config.averaging)
    return fit(policy, batch_loss, fitting, 'training')


def flow_matching_loss(
    policy: FlowPolicy, clean: torch.Tensor, condition: torch.Tensor
) -> torch.Tensor:
    """Mean squared error of the velocity at random times, for clean actions (B, H, 4)."""
    noise = torch.randn_like(clean)
    time = torch.rand(len(clean))
    mixed = time.view(-1, 1, 1) * noise + (1 - time.view(-1, 1, 1)) * clean
    return (policy(mixed, time, condition) - (noise - clean)).square().mean()


def main() -> None:
    """Command line: demonstrations in, checkpoint and loss curve out."""
    defaults = TrainingConfig()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('demonstrations', type=Path, help='.npz of vls-record-demonstrations')
    parser.add_argument('--out', type=Path, required=True, help='checkpoint (.safetensors)')
    parser.add_argument('--iterations', type=int, default=defaults.iterations)
    parser.add_argument('--seed', type=int, default=defaults.seed)
    arguments = parser.parse_args()
    if not arguments.demonstrations.is_file():
        parser.error(f'{arguments.demonstrations} does not exist: record demonstrations first')
    torch.set_num_threads(1)
    config = replace(defaults, iterations=arguments.iterations, seed=arguments.seed)
    network = FlowPolicyConfig()
    with np.load(arguments.demonstrations) as recording:
        chunks = cut_chunks(dict(recording), network.horizon)
    policy, curve = train(chunks, network, config)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    policy.save(arguments.out, training=json.dumps(asdict(config)), chunks=str(len(chunks)))
    plot = arguments.out.with_suffix('.loss.png')
    plot_curve(curve, plot)
    print(f'wrote {arguments.out} and {plot}')


def plot_curve(curve: list[float], path: Path) -> None:
    """Draws the smoothed loss over the iterations."""
    figure = Figure(figsize=(6, 3.5), layout='constrained')
    axes = figure.subplots()
    axes.semilogy(curve)
    axes.set(xlabel='iteration', ylabel='flow-matching loss (smoothed)')
    axes.grid(alpha=0.3, which='both')
    figure.savefig(path, dpi=110)


if __name__ == '__main__':
    main()
