"""The figures of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use('Agg')

import numpy as np  # noqa: E402 (after the backend)
import torch  # noqa: E402
from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.axis import Axis  # noqa: E402
from matplotlib.ticker import NullLocator  # noqa: E402

from benchmarks.steering import plan_quality  # noqa: E402
from benchmarks.steering.arms import BASE, OURS  # noqa: E402
from benchmarks.steering.closed_loop import groups  # noqa: E402
from benchmarks.steering.cost import CostCell  # noqa: E402
from benchmarks.steering.planar import PlanarScene, PlanarTest, make_scene  # noqa: E402
from benchmarks.steering.planar_judge import Judge  # noqa: E402
from benchmarks.steering.planar_policy import PlanarPolicy  # noqa: E402
from benchmarks.steering.planar_reward import PlanarReward  # noqa: E402
from benchmarks.steering.stopwatch import PARTS  # noqa: E402
from vls_core.eval.rows import Row  # noqa: E402
from vls_core.eval.statistics import bootstrap_mean, wilson  # noqa: E402
from vls_core.steering.sampler import Sampler  # noqa: E402

_PALETTE = ('#9e9e9e', '#ef6c00', '#6a1b9a', '#00838f', '#c62828', '#558b2f', '#5d4037', '#3949ab')
_OURS_COLOUR = '#1565c0'
_MARKERS = ('o', '^', 's')
_RANDOM_SEEDS = range(8)


def _colours(names: Sequence[str]) -> dict[str, str]:
    """Variants of a method, which are named after a comma, share its colour."""
    families = dict.fromkeys(name.split(',')[0] for name in names if name != OURS)
    colours = {
        family: _PALETTE[place % len(_PALETTE)] for place, family in enumerate(families)
    }
    return {name: colours.get(name.split(',')[0], _OURS_COLOUR) for name in names}


def _marker(name: str) -> str:
    """One for each variant of a method."""
    return _MARKERS[min(name.count(','), len(_MARKERS) - 1)]


def _save(figure: pyplot.Figure, path: Path) -> None:
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def plan_success(rows: Sequence[Row], path: Path) -> None:
    """Success against deviation, one panel per family and test, one mark per method."""
    grouped = plan_quality.groups(rows)
    panels = sorted(dict.fromkeys(key[:2] for key in grouped), key=lambda key: key[0] != 'flow')
    colours = _colours(list(dict.fromkeys(key[2] for key in grouped)))
    columns = len({test for _, test in panels})
    lines = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(
        lines, columns, figsize=(4.0 * columns, 3.2 * lines + 0.5), squeeze=False, sharey=True,
        layout='constrained',
    )
    for axis, (family, test) in zip(axes.flat, panels, strict=False):
        for (*panel, method), members in grouped.items():
            if tuple(panel) == (family, test):
                _success_mark(axis, members, method, colours[method])
        axis.set_title(f'{family}: {test.replace("_", " ")}', fontsize=10)
        axis.set_xscale('log')
        _set_ticks(axis.xaxis, (0.5, 1, 2, 4, 8, 16))
        axis.grid(alpha=0.3)
    for axis in axes[-1]:
        axis.set_xlabel('distance from demonstrations [usual = 1]')
    for axis in axes[:, 0]:
        axis.set_ylabel('success [%]')
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='outside lower center', ncols=4, frameon=False, fontsize=9)
    _save(figure, path)


def _set_ticks(axis: Axis, ticks: Sequence[float]) -> None:
    axis.set_ticks(ticks, [f'{tick:g}' for tick in ticks])
    axis.set_minor_locator(NullLocator())


def _success_mark(axis: Axes, rows: Sequence[Row], name: str, colour: str) -> None:
    rate = wilson(sum(bool(row['success']) for row in rows), len(rows))
    deviation = bootstrap_mean([row['deviation'] for row in rows], resamples=2000)
    axis.errorbar(
        deviation.value, 100 * rate.value,
        xerr=[[deviation.value - deviation.low], [deviation.high - deviation.value]],
        yerr=[[100 * (rate.value - rate.low)], [100 * (rate.high - rate.value)]],
        fmt=_marker(name), color=colour, label=name, capsize=2,
        markersize=7 if name == OURS else 5,
    )


def example_plans(methods: Mapping[str, Sampler], path: Path) -> None:
    """Plans of a few methods in one scene of each test, over the demonstrations."""
    shown = [name for name in (BASE, 'best of N', 'as published', OURS) if name in methods]
    policy, tests = PlanarPolicy.load('flow'), list(PlanarTest)
    figure, axes = pyplot.subplots(
        len(tests), len(shown), figsize=(2.6 * len(shown), 2.7 * len(tests)), squeeze=False,
        sharex=True, sharey=True, layout='constrained',
    )
    for line, test in zip(axes, tests, strict=True):
        scene = make_scene(test, 0)
        demonstrations = Judge(scene).demonstrations[:40]
        for axis, name in zip(line, shown, strict=True):
            axis.plot(*np.moveaxis(demonstrations, -1, 0).swapaxes(1, 2), color='#cfd8dc', lw=0.6)
            _draw_scene(axis, scene)
            _draw_plans(axis, scene, policy, methods[name])
        line[0].set_ylabel(test.replace('_', ' '))
    for axis, name in zip(axes[0], shown, strict=True):
        axis.set_title(name, fontsize=10)
    _save(figure, path)


def _draw_scene(axis: Axes, scene: PlanarScene) -> None:
    if scene.disc is not None:
        axis.add_patch(pyplot.Circle(scene.disc.center, scene.disc.radius, color='#ffab91'))
    axis.add_patch(pyplot.Circle(scene.goal, scene.tolerance, color='#a5d6a7'))
    axis.set_aspect('equal')
    axis.tick_params(labelsize=7)


def _draw_plans(
    axis: Axes, scene: PlanarScene, policy: PlanarPolicy, method: Sampler
) -> None:
    for seed in _RANDOM_SEEDS:
        generator = torch.Generator().manual_seed(seed)
        plan = method(policy, scene.observation, PlanarReward.of(scene), generator)
        good = Judge(scene)(plan.trajectory).success
        positions = plan.trajectory.positions[0, :, :2].detach().numpy()
        axis.plot(*positions.T, color=_OURS_COLOUR if good else '#c62828', lw=1.1, alpha=0.8)


def closed_loop(rows: Sequence[Row], path: Path) -> None:
    """Bars of success per shift and arm, with their intervals."""
    grouped = groups(rows)
    shifts, arms = (list(dict.fromkeys(key[place] for key in grouped)) for place in (0, 1))
    colours, width = _colours(arms), 0.84 / len(arms)
    figure, axis = pyplot.subplots(figsize=(11.0, 4.0), layout='constrained')
    for place, arm in enumerate(arms):
        rates = [
            wilson(sum(bool(row['success']) for row in grouped[shift, arm]),
                   len(grouped[shift, arm]))
            for shift in shifts
        ]
        axis.bar(
            np.arange(len(shifts)) + (place - (len(arms) - 1) / 2) * width,
            [100 * rate.value for rate in rates], 0.92 * width, color=colours[arm], label=arm,
            yerr=[[100 * (rate.value - rate.low) for rate in rates],
                  [100 * (rate.high - rate.value) for rate in rates]],
            capsize=1.5, ecolor='#424242', error_kw={'elinewidth': 0.8},
        )
    axis.set_xticks(range(len(shifts)), [shift.replace('_', ' ') for shift in shifts])
    axis.set_ylim(0, 105)
    axis.set_ylabel('success [%], 95 % interval')
    axis.grid(axis='y', alpha=0.3)
    figure.legend(loc='outside lower center', ncols=len(arms), frameon=False, fontsize=9)
    _save(figure, path)


def cost(cells: Sequence[CostCell], path: Path) -> None:
    """Ratios over the number of particles, and where the time of a steered chunk goes."""
    policies = list(dict.fromkeys(cell.policy for cell in cells))
    figure, (ratios, shares) = pyplot.subplots(1, 2, figsize=(10.0, 3.6), layout='constrained')
    for policy, colour in zip(policies, ('#9e9e9e', '#1565c0', '#6a1b9a'), strict=False):
        own = [cell for cell in cells if cell.policy == policy]
        values = [cell.ratio.value for cell in own]
        ratios.errorbar(
            [cell.particles for cell in own], values,
            yerr=[[cell.ratio.value - cell.ratio.low for cell in own],
                  [cell.ratio.high - cell.ratio.value for cell in own]],
            color=colour, label=policy, marker='o', capsize=3,
        )
    ratios.axhline(1.0, color='#424242', linewidth=0.8)
    ratios.set_xscale('log')
    ratios.set_yscale('log')
    _set_ticks(ratios.xaxis, sorted({cell.particles for cell in cells}))
    _set_ticks(ratios.yaxis, (1, 1.3, 2, 4, 8))
    ratios.set_xlabel('particles')
    ratios.set_ylabel('steered over plain')
    ratios.grid(alpha=0.3, which='both')
    ratios.legend(frameon=False)
    _share_bars(shares, cells)
    _save(figure, path)


def _share_bars(axis: Axes, cells: Sequence[CostCell]) -> None:
    names = [f'{cell.policy}, N = {cell.particles}' for cell in cells]
    left = np.zeros(len(cells))
    colours = ('#90a4ae', '#1565c0', '#ef6c00', '#cfd8dc')
    for part, colour in zip(PARTS, colours, strict=True):
        widths = np.array([100 * cell.split[part] / sum(cell.split.values()) for cell in cells])
        axis.barh(names, widths, left=left, color=colour, label=part)
        left += widths
    axis.invert_yaxis()
    axis.set_xlim(0, 100)
    axis.set_xlabel('share of a steered chunk [%]')
    axis.tick_params(axis='y', labelsize=8)
    axis.legend(loc='lower center', bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False, fontsize=9)
