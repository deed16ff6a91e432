"""Trains the base policies on the demonstrations: python -m benchmarks.libero_pro.training."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.libero_pro.chunks import Chunks, gather
from benchmarks.libero_pro.demonstrations import FOLDER
from benchmarks.libero_pro.learned import records, why_not
from benchmarks.libero_pro.policy import (
    CHECKPOINTS,
    FAMILIES,
    Family,
    LiberoPolicy,
    PolicyConfig,
    checkpoint,
)
from benchmarks.libero_pro.suites import SUITES, tasks
from vls_core.policies.fitting import Fit, denoising_loss, fit, training_levels

_WARM_UP = 0.05


@dataclass(frozen=True)
class TrainingConfig:
    """How to train; one seed decides everything.

    Attributes:
        iterations: optimiser steps.
        position_noise: deviation of the noise on the places of things [m].
        averaging: decay of the exponential moving average of the weights.
    """

    iterations: int = 8_000
    batch_size: int = 256
    learning_rate: float = 1e-3
    position_noise: float = 0.005
    averaging: float = 0.999
    seed: int = 0


def train(
    family: Family, chunks: Chunks, config: TrainingConfig, device: str = 'cpu'
) -> tuple[LiberoPolicy, float]:
    """The averaged policy, on the CPU, and the smoothed loss it ended with."""
    torch.manual_seed(config.seed)
    random = np.random.default_rng(config.seed)
    policy = LiberoPolicy(PolicyConfig(
        family, chunks.vocabulary, chunks.translation, chunks.rotation
    ))
    _set_statistics(policy, chunks, config.position_noise, random)
    policy.to(device)
    levels = training_levels(policy.process).to(device)

    def batch_loss() -> torch.Tensor:
        index = random.integers(0, len(chunks), config.batch_size)
        features = chunks.features(index, config.position_noise, random)
        condition = policy.condition(torch.from_numpy(features).to(device))
        actions = torch.from_numpy(chunks.actions[index]).to(device)
        clean = (actions - policy.action_mean) / policy.action_deviation
        return denoising_loss(
            lambda noisy, time: policy(noisy, time * policy.time_scale, condition),
            policy.process, levels, clean,
        )

    fitting = Fit(config.iterations, config.learning_rate, _WARM_UP, config.averaging)
    averaged, curve = fit(policy, batch_loss, fitting, f'training {family}')
    return averaged.cpu(), curve[-1]


def _set_statistics(
    policy: LiberoPolicy, chunks: Chunks, noise: float, random: np.random.Generator
) -> None:
    features = torch.from_numpy(chunks.features(np.arange(len(chunks)), noise, random))
    policy.feature_mean.copy_(features.mean(0))
    # Of things that never move one would otherwise see nothing but noise, much enlarged.
    policy.feature_deviation.copy_(features.std(0).clamp_min(0.02))
    actions = torch.from_numpy(chunks.actions).flatten(0, 1)
    policy.action_mean.copy_(actions.mean(0))
    policy.action_deviation.copy_(actions.std(0).clamp_min(0.02))
    normalised = (actions - policy.action_mean) / policy.action_deviation
    policy.action_low.copy_(torch.from_numpy(np.quantile(normalised.numpy(), 0.01, axis=0)))
    policy.action_high.copy_(torch.from_numpy(np.quantile(normalised.numpy(), 0.99, axis=0)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: demonstrations in, checkpoints out."""
    defaults = TrainingConfig()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--demonstrations', type=Path, default=FOLDER)
    parser.add_argument('--suites', nargs='+', choices=SUITES, default=SUITES)
    parser.add_argument('--families', nargs='+', choices=FAMILIES, default=FAMILIES)
    parser.add_argument('--out', type=Path, default=CHECKPOINTS, help='folder')
    parser.add_argument('--iterations', type=int, default=defaults.iterations)
    parser.add_argument('--seed', type=int, default=defaults.seed)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--device', default='cpu', help='cpu, cuda or another one torch knows')
    wanted = parser.parse_args(arguments)
    torch.set_num_threads(wanted.threads)
    config = replace(defaults, iterations=wanted.iterations, seed=wanted.seed)
    known = records()
    for suite in wanted.suites:
        learned = [task.name for task in tasks(suite) if not why_not(task, known)]
        chunks = gather(wanted.demonstrations / suite, learned, PolicyConfig.horizon)
        print(f'{suite}: {len(chunks)} moments of {len(learned)} tasks')
        for family in wanted.families:
            policy, loss = train(family, chunks, config, wanted.device)
            file = checkpoint(suite, family, wanted.out)
            policy.save(file, training=json.dumps(asdict(config)), moments=str(len(chunks)),
                        loss=f'{loss:.5f}')
            print(f'wrote {file} ({file.stat().st_size / 1e6:.1f} MB), smoothed loss {loss:.4f}')


if __name__ == '__main__':
    main()
