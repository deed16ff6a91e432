"""The figures of the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use('Agg')

import numpy as np  # noqa: E402 (after the backend)
from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

from benchmarks.bridge.motions import DURATION  # noqa: E402
from benchmarks.bridge.plan import DEFAULT, FULL  # noqa: E402
from benchmarks.bridge.strategies import DIRECT  # noqa: E402
from benchmarks.bridge.streams import CASES, JUMP_TIME, LOSS  # noqa: E402
from benchmarks.bridge.trial import trace_name  # noqa: E402
from vls_core.eval.rows import Row  # noqa: E402
from vls_core.eval.statistics import bootstrap_mean  # noqa: E402

SHOWN = (('noise', DIRECT.name), ('noise', DEFAULT), ('jump', DEFAULT), ('loss', DEFAULT))
"""Case and strategy of the panels."""

_PALETTE = ('#1565c0', '#4fc3f7', '#00838f', '#9e9e9e', '#ef6c00', '#c62828', '#ad1457', '#5d4037')
_WIDTH = 0.11  # of a bar
_EVENTS = {'jump': (JUMP_TIME, JUMP_TIME + 0.53), 'loss': LOSS}


def tracking(traces: Path, seed: int, path: Path) -> None:
    """What was meant, asked for and measured of the joint that moves most, in a few cases.

    Draws nothing if no motion was kept, as when only the report is made anew.
    """
    panels = [
        (case, strategy) for case, strategy in SHOWN
        if (traces / trace_name(case, strategy, seed)).exists()
    ]
    if not panels:
        return
    figure, axes = pyplot.subplots(
        len(panels), 1, figsize=(8.0, 2.1 * len(panels)), sharex=True, squeeze=False,
        layout='constrained',
    )
    for axis, (case, strategy) in zip(axes[:, 0], panels, strict=True):
        with np.load(traces / trace_name(case, strategy, seed)) as trace:
            _draw_trace(axis, trace)
        if case in _EVENTS:
            axis.axvspan(*_EVENTS[case], color='#ffe0b2', lw=0)
        axis.set_title(f'{case.replace("_", " ")}: {strategy}', fontsize=10)
        axis.set_ylabel('joint angle [rad]')
        axis.grid(alpha=0.3)
    axes[-1, 0].set_xlabel('time [s]')
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='outside lower center', ncols=3, frameon=False)
    _save(figure, path)


def _draw_trace(axis: Axes, trace: np.lib.npyio.NpzFile) -> None:
    playing = (trace['times'] >= 0.0) & (trace['times'] <= DURATION)
    meant = trace['meant'][playing]
    joint = int(np.ptp(meant, axis=0).argmax())
    axis.plot(trace['times'][playing], meant[:, joint], color='#424242', lw=1, ls='--',
              label='meant')
    asked = (trace['reference_times'] >= 0.0) & (trace['reference_times'] <= DURATION)
    axis.plot(trace['reference_times'][asked], trace['references'][asked][:, joint],
              color='#ef6c00', lw=1, label='reference')
    axis.plot(trace['times'][playing], trace['positions'][playing][:, joint], color='#1565c0',
              lw=1.2, label='measured')


def rms(rows: Sequence[Row], path: Path) -> None:
    """Bars of the RMS at best lag for each case and strategy, where what was meant was sent."""
    comparable = {case.name for case in CASES if not (case.jump or case.gap)}
    shown = [row for row in rows if row['case'] in comparable]
    cases = list(dict.fromkeys(str(row['case']) for row in shown))
    colours = dict(zip(FULL.cases, _PALETTE, strict=True))
    figure, axis = pyplot.subplots(figsize=(11.0, 4.2), layout='constrained')
    for number, case in enumerate(cases):
        members = [row for row in shown if row['case'] == case]
        strategies = list(dict.fromkeys(str(row['strategy']) for row in members))
        for place, strategy in enumerate(strategies):
            own = [row for row in members if row['strategy'] == strategy]
            where = number + (place - (len(strategies) - 1) / 2) * _WIDTH
            _bar(axis, own, where, colours[strategy])
    for strategy, colour in colours.items():
        axis.bar([0], [0], color=colour, label=strategy)
    axis.set_xticks(range(len(cases)), [case.replace('_', ' ') for case in cases])
    axis.set_yscale('log')
    axis.set_ylim(1.0, None)
    axis.set_ylabel('RMS at best lag [mrad], 95 % interval')
    axis.grid(axis='y', alpha=0.3)
    axis.set_title('a cross: of how many streams a reflex ended', fontsize=9)
    figure.legend(loc='outside lower center', ncols=4, frameon=False, fontsize=9)
    _save(figure, path)


def _bar(axis: Axes, rows: Sequence[Row], where: float, colour: str) -> None:
    values = [row['best_rms_mrad'] for row in rows if row['best_rms_mrad'] is not None]
    ended, height = sum(bool(row['reflexes']) for row in rows), 1.2
    if values:
        mean = bootstrap_mean(values, resamples=2000)
        axis.bar(
            where, mean.value, 0.92 * _WIDTH, color=colour, capsize=1.5,
            yerr=[[mean.value - mean.low], [mean.high - mean.value]], ecolor='#424242',
            error_kw={'elinewidth': 0.8},
        )
        height = 1.25 * mean.high
    if ended:
        axis.plot(where, height, 'x', color=colour, markersize=6, markeredgewidth=2)
        axis.annotate(
            f'{ended}/{len(rows)}', (where, height), (0, 5), textcoords='offset points',
            ha='center', fontsize=7,
        )


def _save(figure: pyplot.Figure, path: Path) -> None:
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
