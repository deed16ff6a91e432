"""Trains the base policies on the demonstrations: python -m benchmarks.libero_pro.training."""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

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
from vls_core.policies.process import DiffusionProcess


@dataclass(frozen=True)
class TrainingConfig:
    """How to train; one seed decides everything.

    Attributes:
        iterations: optimiser steps.
        position_noise: deviation of the noise on the places of things [m].
        averaging: decay of the exponential moving average of the weights.
    """

    iterations: int = 6_000
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
    averaged, levels, smoothed = copy.deepcopy(policy), _levels(policy, device), 1.0
    optimiser = torch.optim.AdamW(policy.parameters(), config.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, config.iterations, pct_start=0.05
    )
    with Progress(TextColumn(f'training {family}'), BarColumn(), TextColumn('{task.fields[loss]}'),
                  TimeRemainingColumn()) as progress:
        task = progress.add_task('train', total=config.iterations, loss='')
        for iteration in range(config.iterations):
            index = random.integers(0, len(chunks), config.batch_size)
            features = torch.from_numpy(
                chunks.features(index, config.position_noise, random)
            ).to(device)
            actions = torch.from_numpy(chunks.actions[index]).to(device)
            clean = (actions - policy.action_mean) / policy.action_deviation
            loss = denoising_loss(policy, levels, clean, policy.condition(features))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            _average(averaged, policy, min(config.averaging, (1 + iteration) / (10 + iteration)))
            smoothed += 0.01 * (loss.item() - smoothed)
            progress.update(task, advance=1, loss=f'loss {smoothed:.4f}')
    return averaged.cpu().eval().requires_grad_(False), smoothed


def denoising_loss(
    policy: LiberoPolicy, levels: torch.Tensor, clean: torch.Tensor, condition: torch.Tensor
) -> torch.Tensor:
    """Mean squared error of the prediction at random ones of the levels.

    Args:
        levels: (L, 3) time, share of actions and share of noise.
        clean: (B, H, D) normalised actions.
        condition: (B, width).
    """
    noise = torch.randn_like(clean)
    chosen = torch.randint(len(levels), (len(clean),), device=levels.device)
    time, signal, share = levels[chosen].T
    noisy = signal.view(-1, 1, 1) * clean + share.view(-1, 1, 1) * noise
    wanted = noise - clean if policy.config.family == 'flow' else noise
    return (policy(noisy, time * policy.time_scale, condition) - wanted).square().mean()


def _levels(policy: LiberoPolicy, device: str) -> torch.Tensor:
    """(L, 3) all levels with noise: those of the diffusion process, or a fine grid of times."""
    process = policy.process
    count = process.training_steps if isinstance(process, DiffusionProcess) else 1000
    noisy = process.levels(count)[:-1]
    return torch.tensor(
        [[level.time, level.signal, level.noise] for level in noisy], device=device
    )


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


def _average(averaged: LiberoPolicy, policy: LiberoPolicy, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(averaged.parameters(), policy.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)


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
