"""The tables and the file that the benchmark leaves behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.libero_pro.arms import ARMS, BASE, OURS
from benchmarks.libero_pro.suites import tasks
from benchmarks.libero_pro.summary import SHIFTED, best_baseline, gain, rate, select, summary
from vls_core.eval.rows import Row
from vls_core.eval.statistics import Estimate, Proportion

HELD_OUT = (
    *(('libero_spatial', perturbation) for perturbation in ('task', 'position', 'semantic')),
    *((suite, 'object') for suite in ('libero_object', 'libero_goal', 'libero_spatial')),
)
"""Never tuned on; see docs/explanation/libero-pro.md."""


def cells(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Suites and perturbations there are rows of, in their order."""
    return list(dict.fromkeys((str(row['suite']), str(row['perturbation'])) for row in rows))


def arms(rows: Sequence[Row]) -> list[str]:
    """Arms there are rows of, in the order in which they are named."""
    there = {str(row['arm']) for row in rows}
    return [arm for arm in ARMS if arm in there]


def terminal_table(rows: Sequence[Row]) -> Table:
    """Success per cell and arm, as it fills."""
    names = arms(rows)
    table = Table('suite', 'perturbation', *names, title='success [%], 95 % Wilson intervals')
    for suite, perturbation in cells(rows):
        found = (rate(rows, suite=suite, perturbation=perturbation, arm=arm) for arm in names)
        table.add_row(suite, perturbation, *map(_percent, found))
    return table


def markdown(rows: Sequence[Row]) -> str:
    """The table as a page: cells by arms, the paired gain of ours, what is held out marked."""
    names = arms(rows)
    lines = [
        '| suite | perturbation | ' + ' | '.join(names) + ' | ours over base, points |',
        '|---|---|' + '---|' * (len(names) + 1),
    ]
    for suite, perturbation in cells(rows):
        found = (rate(rows, suite=suite, perturbation=perturbation, arm=arm) for arm in names)
        mark = ' (held out)' if (suite, perturbation) in HELD_OUT else ''
        points = gain(rows, OURS, BASE, suite=suite, perturbation=perturbation)
        lines.append(
            f'| {suite} | {perturbation}{mark} | ' + ' | '.join(map(_percent, found))
            + f' | {_points(points)} |'
        )
    return '\n'.join(lines) + '\n'


def headline(rows: Sequence[Row]) -> str:
    """The table of the front page: standard and shifted scenes, ours between its neighbours."""
    best = best_baseline(rows, perturbation=SHIFTED)
    names = [BASE, *([best] if best else []), OURS]
    lines = [
        '| suite | scene | tasks | ' + ' | '.join(names) + ' |',
        '|---|---|---|' + '---|' * len(names),
    ]
    wanted: list[tuple[str, str, dict[str, object]]] = [
        (suite, perturbation + (' (held out)' if (suite, perturbation) in HELD_OUT else ''),
         {'suite': suite, 'perturbation': perturbation})
        for suite, perturbation in cells(rows) if perturbation in ('none', *SHIFTED)
    ]
    wanted.append(('together', 'none', {'perturbation': 'none'}))
    wanted.append(('together', ' and '.join(SHIFTED), {'perturbation': SHIFTED}))
    for suite, scene, values in wanted:
        found = [rate(rows, arm=arm, **values) for arm in names]
        if any(found):
            lines.append(f'| {suite} | {scene} | {tasks_used(rows, **values)} | '
                         + ' | '.join(map(_percent, found)) + ' |')
    return '\n'.join(lines) + '\n'


def write(rows: Sequence[Row], folder: Path, settings: dict[str, object]) -> None:
    """summary.json, table.md and headline.md."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {**summary(rows, HELD_OUT), **settings}
    (folder / 'summary.json').write_text(json.dumps(content, indent=2) + '\n')
    (folder / 'table.md').write_text(markdown(rows))
    (folder / 'headline.md').write_text(headline(rows))


def tasks_used(rows: Sequence[Row], **wanted: object) -> str:
    """How many tasks of how many."""
    found = {(row['suite'], row['perturbation'], row['task']) for row in select(rows, **wanted)}
    cells = {item[:2] for item in found}
    there = sum(len(tasks(str(suite), str(perturbation))) for suite, perturbation in cells)
    return f'{len(found)} of {there}'


def _percent(found: Proportion | None) -> str:
    if found is None:
        return ''
    return (f'{100 * found.value:.0f} ({100 * found.low:.0f} to {100 * found.high:.0f}), '
            f'n {found.trials}')


def _points(found: Estimate | None) -> str:
    if found is None:
        return ''
    if found.low == found.high:  # no episode differs: a bootstrap knows nothing of others
        return f'{found.value:+.0f}, all {found.samples} alike'
    return f'{found.value:+.0f} ({found.low:+.0f} to {found.high:+.0f})'
