"""The plots of the demo and the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use('Agg')

from matplotlib import pyplot  # noqa: E402 (after the backend)
from matplotlib.axes import Axes  # noqa: E402

from vls.episodes import EpisodeResult  # noqa: E402
from vls_core.eval.statistics import Proportion  # noqa: E402

UNSTEERED = '#9e9e9e'
STEERED = '#1565c0'


def plot_rewards(pairs: Sequence[tuple[EpisodeResult, EpisodeResult]], path: Path) -> None:
    """Reward over time: one panel per condition, one line per episode, a dot at each new stage."""
    figure, axes = pyplot.subplots(
        len(pairs), 1, figsize=(8.0, 2.3 * len(pairs) + 0.6), squeeze=False, layout='constrained'
    )
    for axis, (unsteered, steered) in zip(axes[:, 0], pairs, strict=True):
        _reward_line(axis, unsteered, UNSTEERED, 'unsteered')
        _reward_line(axis, steered, STEERED, 'steered')
        axis.set_title(f'{steered.condition}: {steered.instruction}', loc='left', fontsize=9)
        axis.set_ylabel('reward')
        axis.grid(alpha=0.3)
        axis.legend(loc='lower right', fontsize=8)
    axes[-1, 0].set_xlabel('time [s]; a dot marks the beginning of a stage')
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _reward_line(axis: Axes, result: EpisodeResult, colour: str, name: str) -> None:
    times = [sample.time for sample in result.samples]
    rewards = [sample.reward for sample in result.samples]
    verdict = 'success' if result.success else 'failed'
    axis.plot(times, rewards, color=colour, linewidth=1.4, label=f'{name} ({verdict})')
    stages = [sample.stage for sample in result.samples]
    begins = [i for i, stage in enumerate(stages) if i == 0 or stage != stages[i - 1]]
    axis.plot(
        [times[i] for i in begins], [rewards[i] for i in begins], 'o', color=colour, markersize=4
    )


def plot_success(
    rates: Mapping[str, tuple[Proportion | None, Proportion | None]], path: Path
) -> None:
    """Bars of success per condition, (unsteered, steered), with their intervals."""
    figure, axis = pyplot.subplots(figsize=(8.0, 3.6), layout='constrained')
    for shift, colour, name, index in (
        (-0.2, UNSTEERED, 'unsteered', 0), (0.2, STEERED, 'steered', 1)
    ):
        bars = [(i + shift, pair[index]) for i, pair in enumerate(rates.values()) if pair[index]]
        values = [100 * rate.value for _, rate in bars]
        below = [100 * (rate.value - rate.low) for _, rate in bars]
        above = [100 * (rate.high - rate.value) for _, rate in bars]
        axis.bar(
            [x for x, _ in bars], values, 0.36, yerr=[below, above], color=colour, label=name,
            capsize=3, ecolor='#424242',
        )
    axis.set_xticks(range(len(rates)), list(rates))
    axis.set_ylim(0, 105)
    axis.set_ylabel('success [%], 95 % interval')
    axis.grid(axis='y', alpha=0.3)
    axis.legend(loc='upper center', bbox_to_anchor=(0.5, 1.14), ncols=2, frameon=False)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
