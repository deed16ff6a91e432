"""What the rows amount to."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from vls_core.eval.rows import Row
from vls_core.eval.statistics import wilson


def cells(rows: Sequence[Row]) -> list[dict[str, object]]:
    """What the rows of each task and arm amount to; refused sentences were not played.

    `success` is None where every sentence was refused.
    """
    found = []
    for task, arm in dict.fromkeys((row['task'], row['arm']) for row in rows):
        members = [row for row in rows if (row['task'], row['arm']) == (task, arm)]
        played = [row for row in members if row['ending'] != 'refused']
        done = sum(bool(row['success']) for row in played)
        found.append({
            'task': task,
            'arm': arm,
            'played': len(played),
            'refused': len(members) - len(played),
            'success': asdict(wilson(done, len(played))) if played else None,
            'claimed, not done': sum(bool(row['claimed'] and not row['success'])
                                     for row in played),
            'done, not claimed': sum(bool(row['success'] and not row['claimed'])
                                     for row in played),
            'duration': round(statistics.median(float(row['duration']) for row in played), 1)
            if played else None,
        })
    return found


def table(summary: Sequence[dict[str, object]]) -> Table:
    """The summary, for people."""
    shown = Table('task', 'arm', 'played', 'refused', 'success [%]', 'claimed, not done',
                  'done, not claimed', 'time (s)', title='Offline author, 95 % Wilson intervals')
    for cell in summary:
        rate = cell['success']
        percent = '-'
        if isinstance(rate, dict):
            percent = (f'{100 * rate["value"]:.0f} '
                       f'({100 * rate["low"]:.0f} to {100 * rate["high"]:.0f})')
        shown.add_row(
            *(str(cell[name]) for name in ('task', 'arm', 'played', 'refused')), percent,
            *(str(cell[name]) for name in ('claimed, not done', 'done, not claimed', 'duration')),
        )
    return shown
