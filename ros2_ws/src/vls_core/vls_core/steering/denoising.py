"""The algorithm: one batch of chunks on its way from noise to a plan.

Particles are split into rungs of rising guidance strength. Rung 0 is the base policy itself. All
rungs share every network call. Everything acts on the clean estimate, the chunk the policy would
end up with if denoising stopped now, so it is the same for flow matching and for diffusion,
whatever their networks predict. The ingredients are one file each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

import torch

from vls_core.policies.base import FrozenPolicy
from vls_core.policies.process import NoiseLevel, mix, renoise
from vls_core.steering.config import SteeringConfig
from vls_core.steering.diversity import repulsion
from vls_core.steering.guidance import calibration, guide, reward_gradient
from vls_core.steering.levelling import Levelling
from vls_core.steering.plausibility import denoising_error
from vls_core.steering.realtime import Inpainting, PreviousChunk
from vls_core.steering.resampling import resample
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward import Reward
from vls_core.steering.selection import select
from vls_core.steering.strength import schedule_weight, stage_factor
from vls_core.trajectory import Trajectory
from vls_core.types import Observation

_DEAD = 'the reward has no gradient here; taking an unsteered plan'


class Denoising:
    """One chunk in the making; `denoise` is the algorithm, the rest are its ingredients."""

    def __init__(
        self,
        policy: FrozenPolicy,
        observation: Observation,
        reward: Reward,
        config: SteeringConfig,
        generator: torch.Generator,
        previous: PreviousChunk | None,
    ) -> None:
        self._policy, self._observation, self._reward = policy, observation, reward
        self._config, self._generator, self._previous = config, generator, previous
        self._process, self._condition = policy.process, policy.encode(observation)
        progress = previous.progress if previous else 0.0
        self._strengths = config.strengths()
        self._push = self._strengths * stage_factor(progress, config.stage_floor)
        self._guided = (self._strengths > 0).view(-1, 1, 1)
        self._steering = bool(self._guided.any())
        self._inpainting = (
            Inpainting.towards(previous, policy.horizon, config.softness)
            if previous is not None and len(previous.actions)
            and (previous.committed or config.softness) else None
        )
        self._level = (
            Levelling.of(policy, observation, config.levelling)
            if config.levelling and self._steering else None
        )
        self._scale: torch.Tensor | None = None
        self._network_scale: torch.Tensor | None = None
        self._dead = self._late = False
        self._steps = self._guided_steps = self._evaluations = self._resamplings = 0
        self._saturated = torch.zeros(len(self._strengths))
        self._sample_size = float(config.particles_per_rung)

    def denoise(self, out_of_time: Callable[[], bool]) -> torch.Tensor:
        """(B, H, D) clean actions of all particles."""
        levels, x = self._start()
        for number, (level, next_level) in enumerate(pairwise(levels)):
            refines = self._steering and next_level.noise > 0
            for again in reversed(range(self._config.refinements if refines else 1)):
                x_next, steered = self._step(x, number, level, next_level)
                if again:
                    back = renoise(x_next, next_level, level, self._generator)
                    x = torch.where(self._guided, back, x)
            x = x_next
            self._steps += 1
            self._late = out_of_time()
            if self._late:
                x = steered
                break
        return torch.where(self._guided, self._limited(x), x)

    def _start(self) -> tuple[tuple[NoiseLevel, ...], torch.Tensor]:
        levels = self._process.levels(self._policy.denoising_steps)
        count, warm = len(self._strengths), self._config.warm_start
        if warm == 0 or self._previous is None or len(self._previous.actions) == 0:
            return levels, initial_noise(self._policy, count, self._generator)
        levels = tuple(level for level in levels if level.progress >= warm - 1e-9)
        plan = Inpainting.towards(self._previous, self._policy.horizon, 0.0)
        return levels, plan.noised(count, levels[0], self._generator)

    def _step(
        self, x: torch.Tensor, number: int, level: NoiseLevel, next_level: NoiseLevel
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The samples at the next level, and the clean estimates they are made of."""
        prediction, direction = self._predict(x, level, next_level)
        clean, noise = self._process.estimate(x, prediction, level)
        plain = self._process.step(x, prediction, level, next_level, self._generator)
        steered = self._steer(clean, level, next_level, direction) if self._steering else clean
        if self._resamples(number, level):
            steered, noise = self._resample(steered, noise)
        if self._inpainting is not None:
            clean = steered = self._inpainting.apply(steered, level.progress)
            plain = mix(
                clean, noise, level, next_level, self._process.stochasticity, self._generator
            )
        if not self._steering:
            return plain, clean
        mixed = mix(
            steered, noise, level, next_level, self._config.stochasticity, self._generator
        )
        # Unguided particles take the very step of `sample_base`.
        return torch.where(self._guided, mixed, plain), torch.where(self._guided, steered, clean)

    def _predict(
        self, x: torch.Tensor, level: NoiseLevel, next_level: NoiseLevel
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The network's prediction; with backpropagation, the reward's gradient through it too."""
        self._evaluations += len(x)
        if not (self._config.backpropagate and self._steering and self._guides(level, next_level)):
            return self._policy.predict(x, level.time, self._condition), None
        predictions = []

        def through_network(noisy: torch.Tensor) -> torch.Tensor:
            predictions.append(self._policy.predict(noisy, level.time, self._condition))
            return self._score(self._process.estimate(noisy, predictions[0], level)[0])

        _, direction = reward_gradient(through_network, x)
        prediction = predictions[0].detach()
        if self._network_scale is None:
            self._network_scale = calibration(direction)
        if self._network_scale is None:
            return prediction, None
        return prediction, direction / self._network_scale

    def _score(self, actions: torch.Tensor) -> torch.Tensor:
        return self._reward(self._policy.decode(actions, self._observation))

    def _limited(self, actions: torch.Tensor) -> torch.Tensor:
        limited = self._policy.clip(actions)
        if self._inpainting is not None:
            limited = torch.where(self._inpainting.free > 0, limited, actions)
        return limited

    def _guides(self, level: NoiseLevel, next_level: NoiseLevel) -> bool:
        last = next_level.noise == 0 and not self._config.guide_last
        return level.progress >= self._config.guide_from and not last and not self._dead

    def _steer(
        self,
        clean: torch.Tensor,
        level: NoiseLevel,
        next_level: NoiseLevel,
        direction: torch.Tensor | None,
    ) -> torch.Tensor:
        """Clean estimates (B, H, D), those of guided particles moved."""
        config = self._config
        if self._scale is None and not self._dead:
            rewards, gradient = reward_gradient(self._score, clean)
            self._scale = calibration(gradient)
            self._dead = self._scale is None and bool((rewards < -config.tolerance).any())
        steered = clean
        if level.progress < config.diversity_until:
            steered = clean + config.diversity * self._guided * repulsion(clean)
        if self._scale is None or not self._guides(level, next_level):
            return steered
        weight = schedule_weight(config.schedule, level.progress, self._policy.denoising_steps)
        guided = guide(
            self._score,
            steered,
            self._push.view(-1, 1, 1) * weight,
            self._scale,
            config.guidance(last=next_level.noise == 0),
            self._policy.clip,
            1.0 if self._inpainting is None else self._inpainting.free,
            None if direction is None else direction * self._scale,
            self._level,
        )
        self._guided_steps += 1
        self._saturated += guided.saturated
        return guided.clean

    def _resamples(self, number: int, level: NoiseLevel) -> bool:
        config = self._config
        due = config.resample_from <= level.progress + 1e-9 < config.resample_until
        several = config.resample_size < 1 and config.particles_per_rung > 1
        return self._steering and number % 2 == 1 and due and several

    def _resample(
        self, steered: torch.Tensor, noise: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        config = self._config
        rewards = self._score(steered).view(len(config.rungs), config.particles_per_rung)
        chosen, fresh_noise, self._sample_size = resample(
            rewards, noise, torch.tensor(config.rungs) > 0, config.resample_size,
            config.fresh_noise, self._generator,
        )
        self._resamplings += 1
        self._saturated = self._saturated[chosen]
        return steered[chosen], fresh_noise

    def result(self, actions: torch.Tensor) -> SteeredChunk:
        """The chosen one of clean actions (B, H, D). Raises NoFinitePlanError."""
        trajectory = self._policy.decode(actions, self._observation)
        candidates = self._candidates(trajectory)
        asks = self._config.plausibility_at > 0 and not self._late
        choice = select(
            trajectory[candidates], self._reward, self._strengths[candidates],
            self._config.selection, self._previous,
            partial(self._implausibility, actions[candidates]) if asks else None,
        )
        if self._dead:
            choice = replace(choice, strength=0.0, reason=_DEAD)
        index = int(candidates[choice.index])
        chosen = trajectory[index : index + 1]
        terms = self._reward.terms(chosen)[0]
        saturated = float(self._saturated[index])
        return SteeredChunk(
            trajectory=chosen,
            reward=float(terms @ self._reward.weights(terms)),
            term_rewards=tuple(terms.tolist()),
            strength=choice.strength,
            reason=choice.reason,
            effective_sample_size=self._sample_size,
            resamplings=self._resamplings,
            saturation=saturated / max(1, self._guided_steps),
            network_evaluations=self._evaluations,
            denoising_steps=self._steps,
            passes=choice.passes,
        )

    def _implausibility(self, actions: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        if len(indices) == 1:
            return torch.zeros(1)
        self._evaluations += len(indices)
        return denoising_error(
            self._policy, actions[indices], self._condition, self._config.plausibility_at,
            self._generator,
        )

    def _candidates(self, trajectory: Trajectory) -> torch.Tensor:
        """Indices of the particles to choose from: all, or where nothing was guided, the mildest.

        A reward without a gradient steers nowhere; what repulsion and resampling did to the other
        particles is only used if no plan of the mildest rung passes the hard check.
        """
        everything = torch.arange(len(self._strengths))
        if not self._dead:
            return everything
        mildest = everything[self._strengths == self._strengths.min()]
        usable = mildest[trajectory[mildest].finite()]
        passes = len(usable) > 0 and bool(self._reward.passes(trajectory[usable]).any())
        return mildest if passes else everything


def initial_noise(
    policy: FrozenPolicy, count: int, generator: torch.Generator
) -> torch.Tensor:
    """(count, H, D) where sampling begins."""
    return torch.randn(count, policy.horizon, policy.action_width, generator=generator)
