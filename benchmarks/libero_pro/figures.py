"""Pictures of the benchmark: bars beside the paper's, reach of steering, and what failures are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.libero_pro.arms import BASE, OURS
from benchmarks.libero_pro.report import tasks_used
from benchmarks.libero_pro.summary import (
    KINDS_OF_FAILURE,
    SHIFTED,
    best_baseline,
    failures,
    rate,
    select,
)
from vls_core.eval.rows import Row

PAPER = {
    ('libero_goal', 'task'): (12.0, 33.5), ('libero_spatial', 'task'): (48.5, 54.0),
    ('libero_object', 'task'): (10.5, 41.0), ('libero_goal', 'position'): (29.0, 38.0),
    ('libero_spatial', 'position'): (41.0, 42.0), ('libero_object', 'position'): (16.0, 45.0),
}
"""pi0.5 alone and with VLS, success in percent: arXiv 2602.03973, table I."""
_GREY, _LIGHT, _BLUE, _ORANGE = '#9a9a9a', '#d4d4d4', '#2a6fbb', '#e08a2e'
_GREEN = '#4f9a57'
_CENTIMETRES = 70.0
"""By how much a grade of 1 moves the target's region in the problem files."""
_COLOURS = {BASE: _LIGHT, OURS: _BLUE, 'best of N': _GREEN}


def draw(rows: Sequence[Row], folder: Path) -> None:
    """Writes every picture there are rows for."""
    if any(row['perturbation'] in SHIFTED for row in rows):
        _save(beside_the_paper(rows), folder / 'success.png')
    if select(rows, arm=OURS, success=False):
        _save(failure_bars(rows), folder / 'failures.png')
    if any(str(row['perturbation']).startswith('displaced') for row in rows):
        _save(reach(rows), folder / 'displacement.png')


def beside_the_paper(rows: Sequence[Row]) -> Figure:
    """Success per cell: the paper's base and VLS in grey, ours in colour."""
    shown = [cell for cell in PAPER if select(rows, suite=cell[0], perturbation=cell[1])]
    best = best_baseline(rows, perturbation=SHIFTED)
    ours = [arm for arm in (BASE, best, OURS) if arm and select(rows, arm=arm)]
    figure = Figure(figsize=(10, 4.2), layout='constrained')
    axes = figure.subplots()
    width = 0.8 / (2 + len(ours))
    places = np.arange(len(shown))
    for number, label in enumerate(('pi0.5 (paper)', 'pi0.5 + VLS (paper)')):
        axes.bar(places + number * width, [PAPER[cell][number] for cell in shown], width,
                 color=(_LIGHT, _GREY)[number], hatch='//', edgecolor='white', label=label)
    for number, arm in enumerate(ours, 2):
        found = [rate(rows, suite=suite, perturbation=shift, arm=arm) for suite, shift in shown]
        values = [100 * item.value if item else np.nan for item in found]
        errors = np.array([
            [100 * (item.value - item.low), 100 * (item.high - item.value)] if item else [0, 0]
            for item in found
        ]).T
        axes.bar(places + number * width, values, width, yerr=errors, capsize=2,
                 color=_COLOURS.get(arm, _ORANGE), edgecolor='black', linewidth=0.4,
                 label=f'{arm} (our base policy)')
    axes.set_xticks(places + 0.4 - width / 2, [
        f'{suite.removeprefix("libero_")}\n{shift}\n'
        f'({tasks_used(rows, suite=suite, perturbation=shift)} tasks)' for suite, shift in shown
    ])
    axes.set(ylabel='success [%], 95 % intervals', ylim=(0, 100),
             title='LIBERO-PRO. Hatched: the paper, on pi0.5. Plain: ours, on another, much '
                   'smaller base policy')
    figure.legend(fontsize=8, ncols=5, loc='outside lower center')
    axes.grid(axis='y', alpha=0.3)
    return figure


def reach(rows: Sequence[Row]) -> Figure:
    """Success against how far the target was moved, with bands."""
    moved = [row for row in rows if str(row['perturbation']).startswith('displaced')]
    distances = sorted({float(str(row['perturbation'])[len('displaced-x'):]) for row in moved})
    figure = Figure(figsize=(6.5, 4), layout='constrained')
    axes = figure.subplots()
    for arm in dict.fromkeys(str(row['arm']) for row in moved):
        found = [
            (distance, item) for distance in distances
            if (item := rate(moved, arm=arm, perturbation=tuple(
                f'displaced-{axis}{distance}' for axis in 'xy')))
        ]
        places = [_CENTIMETRES * distance for distance, _ in found]
        colour = _GREY if arm == BASE else _COLOURS.get(arm, _ORANGE)
        axes.plot(places, [100 * item.value for _, item in found], 'o-', color=colour, label=arm)
        axes.fill_between(places, [100 * item.low for _, item in found],
                          [100 * item.high for _, item in found], color=colour, alpha=0.2)
    along = sorted({str(row['perturbation'])[len('displaced-')] for row in moved})
    axes.set(xlabel=f'from where it was when the policy learned [cm], along {" and ".join(along)}',
             ylabel='success [%], 95 % intervals', ylim=(0, 100),
             title='libero_object: how far the target was moved')
    axes.legend()
    axes.grid(alpha=0.3)
    return figure


def failure_bars(rows: Sequence[Row]) -> Figure:
    """What failed episodes of ours failed of."""
    counts = failures(rows)
    figure = Figure(figsize=(6.5, 3), layout='constrained')
    axes: Axes = figure.subplots()
    kinds = list(reversed(KINDS_OF_FAILURE))
    axes.barh(kinds, [counts[kind] for kind in kinds], color=_BLUE)
    axes.set(xlabel='episodes', title=f'{OURS}: {sum(counts.values())} failed episodes of all '
                                      'scenes, standard ones too')
    axes.grid(axis='x', alpha=0.3)
    return figure


def _save(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
