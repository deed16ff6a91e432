"""Two ways to weigh particles that were published; each remembers what it needs for one chunk."""

from __future__ import annotations

from typing import Protocol

import torch

from vls_core.steering.resampling import effective_sample_size


class Potential(Protocol):
    """Attributes:
        resamplings: how often particles were resampled.
        sample_size: effective sample size when last asked, None before.
    """

    resamplings: int
    sample_size: float | None

    def resample(
        self, rewards: torch.Tensor, generator: torch.Generator, last: bool = False
    ) -> torch.Tensor:
        """Indices (B,) of the particles that go on, given their rewards (B,) now."""


class ExponentialPotential:
    """Equation 9 of arXiv 2602.03973: weights exp(reward), resampled whenever asked."""

    def __init__(self) -> None:
        self.resamplings: int = 0
        self.sample_size: float | None = None

    def resample(
        self, rewards: torch.Tensor, generator: torch.Generator, last: bool = False
    ) -> torch.Tensor:
        """Indices (B,) of the particles that go on, given their rewards (B,) now."""
        weights = torch.softmax(rewards, 0)
        self.sample_size = float(effective_sample_size(weights))
        self.resamplings += 1
        return torch.multinomial(weights, len(rewards), True, generator=generator)


class MaxPotential:
    """Feynman-Kac steering (arXiv 2501.06848): what counts is the best reward had so far."""

    def __init__(self, sharpness: float) -> None:
        """Args: sharpness: the paper's lambda, per metre of reward."""
        self.resamplings: int = 0
        self.sample_size: float | None = None
        self._sharpness = sharpness
        self._best: torch.Tensor | None = None
        self._log_product: torch.Tensor | None = None

    def resample(
        self, rewards: torch.Tensor, generator: torch.Generator, last: bool = False
    ) -> torch.Tensor:
        """Indices (B,) of the particles that go on, given their rewards (B,) now.

        Nothing happens while the weights are still worth half of the particles, except the last
        time: then what earlier weights favoured is divided out, and the best comes first.
        """
        best = rewards if self._best is None else torch.maximum(rewards, self._best)
        product = torch.zeros_like(rewards) if self._log_product is None else self._log_product
        logits = self._sharpness * best
        weights = torch.softmax(logits - product if last else logits, 0)
        self.sample_size = float(effective_sample_size(weights))
        indices = torch.arange(len(rewards), device=rewards.device)
        if last or self.sample_size < len(rewards) / 2:
            indices = torch.multinomial(weights, len(rewards), True, generator=generator)
            product = product + logits
            self.resamplings += 1
        if last:
            indices = indices[best[indices].argsort(descending=True)]
        self._best, self._log_product = best[indices], product[indices]
        return indices
