"""How a policy family turns noise into actions: flow matching and DDPM/DDIM behind one interface.

Every family mixes clean actions and noise, x = signal * actions + noise_share * noise, and its
network predicts something from which both can be told apart again. Steering needs no more than
that: it works on the clean estimate and never sees a sign convention.

Sources: flow matching as in pi0 and GR00T (method of arXiv 2410.24164 and 2503.14734); DDIM,
arXiv 2010.02502, equations 12 and 16; cosine schedule, arXiv 2102.09672.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import torch


@dataclass(frozen=True)
class NoiseLevel:
    """One point on the way from noise to actions.

    Attributes:
        time: what the network is told.
        signal: share of clean actions in a sample at this level.
        noise: share of noise; 0 at the end.
    """

    time: float
    signal: float
    noise: float

    @property
    def progress(self) -> float:
        """0 is noise, 1 is clean: the flow-matching time of the same signal-to-noise ratio."""
        return self.signal / (self.signal + self.noise)


class DenoisingProcess(Protocol):
    """What the sampler asks of a policy family; actions are (B, H, D) throughout.

    Attributes:
        stochasticity: share of fresh noise in the base policy's own steps, see `mix`.
    """

    stochasticity: float

    def levels(self, steps: int) -> tuple[NoiseLevel, ...]:
        """steps + 1 levels, from noise to clean. Raises ValueError for less than one step."""

    def estimate(
        self, noisy: torch.Tensor, prediction: torch.Tensor, level: NoiseLevel
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The clean actions and the noise that the network's prediction implies."""

    def step(
        self,
        noisy: torch.Tensor,
        prediction: torch.Tensor,
        level: NoiseLevel,
        next_level: NoiseLevel,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """The base policy's own step to the next level."""


@dataclass(frozen=True)
class FlowProcess:
    """Flow matching along straight lines, integrated by Euler steps.

    Attributes:
        clean_time: time at which samples are clean. 0 is the convention of pi0, pi0.5, SmolVLA
            and LeRobot (the network predicts noise - actions), 1 that of GR00T (actions - noise).
    """

    clean_time: Literal[0, 1] = 0
    stochasticity: ClassVar[float] = 0.0

    def levels(self, steps: int) -> tuple[NoiseLevel, ...]:
        """Evenly spaced times."""
        _require_steps(steps)
        progress = [index / steps for index in range(steps + 1)]
        if self.clean_time == 1:
            return tuple(NoiseLevel(done, done, 1 - done) for done in progress)
        return tuple(NoiseLevel(1 - done, 1 - (1 - done), 1 - done) for done in progress)

    def estimate(
        self, noisy: torch.Tensor, prediction: torch.Tensor, level: NoiseLevel
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Follows the predicted line to both of its ends."""
        towards_noise = prediction if self.clean_time == 0 else -prediction
        return noisy - level.noise * towards_noise, noisy + level.signal * towards_noise

    def step(
        self,
        noisy: torch.Tensor,
        prediction: torch.Tensor,
        level: NoiseLevel,
        next_level: NoiseLevel,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """One Euler step; the same formula for both directions of time."""
        return noisy + (next_level.time - level.time) * prediction


@dataclass(frozen=True)
class DiffusionProcess:
    """DDPM training with a cosine schedule, sampled by DDIM or, with stochasticity 1, by DDPM.

    Attributes:
        prediction: what the network predicts: the noise, the clean actions, or the v of
            arXiv 2202.00512 (signal * noise - noise_share * actions).
        training_steps: number of noise levels the policy was trained with.
        stochasticity: DDIM's eta of the base policy's own sampling, 0..1.
        clean_limit: clean estimates are clamped to +- this, as LeRobot does; None: never.
    """

    prediction: Literal['noise', 'velocity', 'clean'] = 'noise'
    training_steps: int = 100
    stochasticity: float = 0.0
    clean_limit: float | None = None

    def levels(self, steps: int) -> tuple[NoiseLevel, ...]:
        """Evenly spaced training steps from the noisiest one; the last level is clean.

        Raises:
            ValueError: more steps than the policy was trained with.
        """
        _require_steps(steps)
        if steps > self.training_steps:
            raise ValueError(f'{steps} denoising steps of {self.training_steps} trained ones')
        numbers = torch.linspace(self.training_steps - 1, 0, steps + 1).round().int().tolist()
        if steps == self.training_steps:
            numbers = list(range(self.training_steps - 1, -1, -1)) + [0]
        levels = [self.level(number) for number in numbers[:-1]]
        return (*levels, NoiseLevel(0.0, 1.0, 0.0))

    def level(self, number: int) -> NoiseLevel:
        """The level of a training step, 0 (least noise) to training_steps - 1."""
        product = 1.0
        for index in range(number + 1):
            product *= 1 - min(0.999, 1 - self._cosine(index + 1) / self._cosine(index))
        return NoiseLevel(float(number), math.sqrt(product), math.sqrt(1 - product))

    def _cosine(self, index: int) -> float:
        return math.cos((index / self.training_steps + 0.008) / 1.008 * math.pi / 2) ** 2

    def estimate(
        self, noisy: torch.Tensor, prediction: torch.Tensor, level: NoiseLevel
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Solves the mixture for what was not predicted."""
        if self.prediction == 'noise':
            clean = (noisy - level.noise * prediction) / level.signal
        elif self.prediction == 'velocity':
            clean = level.signal * noisy - level.noise * prediction
        else:
            clean = prediction
        if self.clean_limit is not None:
            clean = clean.clamp(-self.clean_limit, self.clean_limit)
        return clean, (noisy - level.signal * clean) / level.noise

    def step(
        self,
        noisy: torch.Tensor,
        prediction: torch.Tensor,
        level: NoiseLevel,
        next_level: NoiseLevel,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """One DDIM step."""
        clean, noise = self.estimate(noisy, prediction, level)
        return mix(clean, noise, level, next_level, self.stochasticity, generator)


def mix(
    clean: torch.Tensor,
    noise: torch.Tensor,
    level: NoiseLevel,
    next_level: NoiseLevel,
    stochasticity: float,
    generator: torch.Generator,
) -> torch.Tensor:
    """A sample at the next level from estimates (B, H, D) made at this one.

    Args:
        stochasticity: 0 keeps the noise (the ODE), 1 replaces as much of it as the reverse
            process does (the SDE); DDIM's eta, for flow matching alike.
    """
    if stochasticity == 0.0 or next_level.noise == 0.0:
        return next_level.signal * clean + next_level.noise * noise
    kept = level.signal * next_level.noise / (next_level.signal * level.noise)
    fresh = stochasticity * next_level.noise * math.sqrt(max(0.0, 1 - kept**2))
    old = math.sqrt(next_level.noise**2 - fresh**2)
    return next_level.signal * clean + old * noise + fresh * draw(noise, generator)


def renoise(
    sample: torch.Tensor, level: NoiseLevel, noisier: NoiseLevel, generator: torch.Generator
) -> torch.Tensor:
    """A sample (B, H, D) taken back to a noisier level by the forward process."""
    ratio = noisier.signal / level.signal
    fresh = math.sqrt(max(0.0, noisier.noise**2 - (ratio * level.noise) ** 2))
    return ratio * sample + fresh * draw(sample, generator)


def draw(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Standard normal noise of the shape and kind of a tensor."""
    return torch.randn(like.shape, generator=generator, dtype=like.dtype, device=like.device)


def _require_steps(steps: int) -> None:
    if steps < 1:
        raise ValueError(f'at least one denoising step is needed, not {steps}')
