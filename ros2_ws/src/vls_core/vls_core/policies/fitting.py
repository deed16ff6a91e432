"""How our small policies are fitted: one loop, one loss over noise levels, and statistics."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn

from vls_core.policies.process import DenoisingProcess, DiffusionProcess

Policy = TypeVar('Policy', bound=nn.Module)
_FLOW_LEVELS = 1000  # of a grid that stands in for continuous time


@dataclass(frozen=True)
class Fit:
    """How to fit.

    Attributes:
        iterations: optimiser steps.
        learning_rate: peak of the schedule.
        warm_up: share of the steps until that peak.
        averaging: decay of the exponential moving average of the weights.
    """

    iterations: int
    learning_rate: float
    warm_up: float
    averaging: float


class NormalisedPolicy(nn.Module):
    """Keeps the statistics of the demonstrations with the weights.

    Attributes:
        feature_mean, feature_deviation: (F,).
        action_mean, action_deviation: (D,).
        action_low, action_high: (D,) range of normalised actions.
    """

    feature_mean: torch.Tensor
    feature_deviation: torch.Tensor
    action_mean: torch.Tensor
    action_deviation: torch.Tensor
    action_low: torch.Tensor
    action_high: torch.Tensor

    def register_statistics(self, feature_width: int, action_width: int) -> None:
        """Makes room for them; until they are set, nothing is changed and nothing is limited."""
        for name, length in (('feature', feature_width), ('action', action_width)):
            self.register_buffer(f'{name}_mean', torch.zeros(length))
            self.register_buffer(f'{name}_deviation', torch.ones(length))
        self.register_buffer('action_low', torch.full((action_width,), -math.inf))
        self.register_buffer('action_high', torch.full((action_width,), math.inf))

    def clip(self, actions: torch.Tensor) -> torch.Tensor:
        """Normalised actions (..., D) limited to the range of the demonstrations."""
        return actions.clamp(self.action_low, self.action_high)


def fit(
    policy: Policy, batch_loss: Callable[[], torch.Tensor], config: Fit, title: str
) -> tuple[Policy, list[float]]:
    """Optimises the policy in place.

    Args:
        batch_loss: the loss of a new batch, differentiable by the policy's weights.
        title: of the progress bar.

    Returns:
        The averaged policy, frozen, and the smoothed loss of every step.
    """
    averaged = copy.deepcopy(policy)
    optimiser = torch.optim.AdamW(policy.parameters(), config.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, config.iterations, pct_start=config.warm_up
    )
    curve: list[float] = []
    with Progress(TextColumn(title), BarColumn(), TextColumn('{task.fields[loss]}'),
                  TimeRemainingColumn()) as progress:
        task = progress.add_task('fit', total=config.iterations, loss='')
        for iteration in range(config.iterations):
            loss = batch_loss()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            _average(averaged, policy, min(config.averaging, (1 + iteration) / (10 + iteration)))
            value = loss.item()
            curve.append(value if not curve else 0.99 * curve[-1] + 0.01 * value)
            progress.update(task, advance=1, loss=f'loss {curve[-1]:.4f}')
    return averaged.eval().requires_grad_(False), curve


def training_levels(process: DenoisingProcess) -> torch.Tensor:
    """(L, 3) time, share of actions and share of noise of all levels with noise: those of the
    diffusion process, or a fine grid of times.
    """
    diffuses = isinstance(process, DiffusionProcess)
    noisy = process.levels(process.training_steps if diffuses else _FLOW_LEVELS)[:-1]
    return torch.tensor([[level.time, level.signal, level.noise] for level in noisy])


def denoising_loss(
    predict: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    process: DenoisingProcess, levels: torch.Tensor, clean: torch.Tensor,
) -> torch.Tensor:
    """Mean squared error of the prediction at random ones of the levels.

    Args:
        predict: noisy actions (B, H, D) and times (B,) of the levels to the prediction.
        process: flow matching with clean_time 0, or a diffusion.
        levels: (L, 3) of `training_levels`.
        clean: (B, H, D) normalised actions.
    """
    noise = torch.randn_like(clean)
    chosen = torch.randint(len(levels), (len(clean),), device=levels.device)
    time, signal, share = levels[chosen].T
    signal, share = signal.view(-1, 1, 1), share.view(-1, 1, 1)
    wanted = _wanted(process, clean, noise, signal, share)
    return (predict(signal * clean + share * noise, time) - wanted).square().mean()


def _wanted(
    process: DenoisingProcess, clean: torch.Tensor, noise: torch.Tensor,
    signal: torch.Tensor, share: torch.Tensor,
) -> torch.Tensor:
    """What a perfect network would predict."""
    if not isinstance(process, DiffusionProcess):
        return noise - clean
    if process.prediction == 'velocity':
        return signal * noise - share * clean
    return noise if process.prediction == 'noise' else clean


def _average(averaged: nn.Module, policy: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(averaged.parameters(), policy.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)
