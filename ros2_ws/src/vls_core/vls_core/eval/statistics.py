"""Intervals for success rates, for means, and for differences between paired trials."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Proportion:
    """A success rate with the interval it is known to; all three lie in [0, 1]."""

    value: float
    low: float
    high: float
    trials: int


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Proportion:
    """Wilson's score interval of a binomial proportion.

    Unlike the normal approximation it stays in [0, 1] and has width when all trials agree.

    Raises ValueError unless 0 <= successes <= trials, trials > 0 and 0 < confidence < 1.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f'{successes} successes of {trials} trials')
    if not 0.0 < confidence < 1.0:
        raise ValueError(f'confidence {confidence} is not between 0 and 1')
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / trials
    spread = z * math.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2))
    scale = 1 + z**2 / trials
    middle = (rate + z**2 / (2 * trials)) / scale
    # Rounding may leave the rate itself a hair outside, at 0 and at 1.
    low = min(max(middle - spread / scale, 0.0), rate)
    high = max(min(middle + spread / scale, 1.0), rate)
    return Proportion(rate, low, high, trials)


@dataclass(frozen=True)
class Estimate:
    """A mean with the interval it is known to, in the unit of the samples."""

    value: float
    low: float
    high: float
    samples: int


def bootstrap_mean(
    samples: ArrayLike, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Estimate:
    """Percentile bootstrap interval of a mean.

    Args:
        samples: (N,) values of independent trials; booleans count as 0 and 1.

    Raises ValueError for no samples, for values that are not finite, and for a confidence outside
    of 0..1.
    """
    values = np.asarray(samples, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError('a mean needs a row of at least one finite value')
    if not 0.0 < confidence < 1.0:
        raise ValueError(f'confidence {confidence} is not between 0 and 1')
    random = np.random.default_rng(seed)
    # Drawn in blocks: all at once, a thousand samples would take 80 MB.
    means = np.concatenate([
        values[random.integers(len(values), size=(block, len(values)))].mean(1)
        for block in _blocks(resamples)
    ])
    low, high = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2])
    value = float(values.mean())
    # Rounding of equal values may leave the mean itself a hair outside.
    return Estimate(value, min(float(low), value), max(float(high), value), len(values))


def bootstrap_grouped_mean(
    samples: ArrayLike,
    groups: Sequence[Hashable],
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Percentile bootstrap interval of a mean of samples that come in groups, drawn whole.

    Episodes of one task are alike: this is how well the mean is known for other tasks like these,
    where `bootstrap_mean` tells it for more episodes of the same ones.

    Args:
        samples: (N,) values; booleans count as 0 and 1.
        groups: (N,) what each belongs to.

    Raises ValueError as `bootstrap_mean` does, and unless every sample has a group.
    """
    values = np.asarray(samples, dtype=np.float64)
    if values.shape != (len(groups),):
        raise ValueError(f'every sample needs a group, got {values.shape} and {len(groups)}')
    mean = bootstrap_mean(values, confidence, resamples=1)
    members: dict[Hashable, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        members.setdefault(group, []).append(value)
    sums = np.array([sum(group) for group in members.values()])
    counts = np.array([len(group) for group in members.values()])
    random = np.random.default_rng(seed)
    means = np.concatenate([
        sums[drawn].sum(1) / counts[drawn].sum(1)
        for block in _blocks(resamples)
        for drawn in [random.integers(len(sums), size=(block, len(sums)))]
    ])
    low, high = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Estimate(
        mean.value, min(float(low), mean.value), max(float(high), mean.value), len(values)
    )


def bootstrap_difference(
    treated: ArrayLike,
    control: ArrayLike,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Bootstrap interval of mean(treated) - mean(control) over paired trials.

    Pairs are drawn whole, so what makes a trial hard for both does not widen the interval.

    Args:
        treated, control: (N,) values of the same trials in the same order.

    Raises ValueError as `bootstrap_mean` does, and for unequal lengths.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (treated, control))
    if first.shape != second.shape:
        raise ValueError(f'pairs are needed, got {first.shape} and {second.shape} values')
    return bootstrap_mean(first - second, confidence, resamples, seed)


def bootstrap_ratio(
    treated: ArrayLike,
    control: ArrayLike,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Bootstrap interval of median(treated) / median(control) over paired trials, such as times.

    Medians, because a time now and then is off by much, and always in the same direction.

    Args:
        treated, control: (N,) values of trials made in turns, in the same order.

    Raises ValueError for no trials, unequal lengths, values that are not finite, controls that
    are not positive, and a confidence outside of 0..1.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (treated, control))
    if first.ndim != 1 or first.shape != second.shape or not len(first):
        raise ValueError(f'pairs are needed, got {first.shape} and {second.shape} values')
    if not (np.isfinite(first).all() and np.isfinite(second).all() and (second > 0).all()):
        raise ValueError('a ratio needs finite values over positive ones')
    if not 0.0 < confidence < 1.0:
        raise ValueError(f'confidence {confidence} is not between 0 and 1')
    random = np.random.default_rng(seed)
    ratios = []
    for block in _blocks(resamples):
        drawn = random.integers(len(first), size=(block, len(first)))
        ratios.append(np.median(first[drawn], 1) / np.median(second[drawn], 1))
    low, high = np.quantile(np.concatenate(ratios), [0.5 - confidence / 2, 0.5 + confidence / 2])
    value = float(np.median(first) / np.median(second))
    return Estimate(value, min(float(low), value), max(float(high), value), len(first))


def _blocks(total: int, size: int = 500) -> list[int]:
    return [min(size, total - start) for start in range(0, total, size)]
