"""The tables of the README, made from the committed rows; a test holds the two together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.bridge.foreign_metrics import metric_name
from benchmarks.bridge.plan import DEFAULT
from benchmarks.bridge.report import violations
from benchmarks.bridge.settling import settle
from benchmarks.bridge.stops import STOPS
from benchmarks.bridge.streams import CASES
from vls_core.eval.rows import Row

_COMPARED = 'noise'


def readme_table(rows: Sequence[Row]) -> str:
    """Every way to follow noisy chunks, then every case of the default one."""
    rows = settle(rows)
    lines = [
        '| chunks | way to follow them | streams | reflexes | limit violations | RMS [mrad] '
        '| lag [ms] |',
        '|---|---|---|---|---|---|---|',
    ]
    strategies = dict.fromkeys(row['strategy'] for row in rows)
    pairs = [(_COMPARED, strategy) for strategy in strategies]
    pairs += [(case.name, DEFAULT) for case in CASES if case.name != _COMPARED]
    for case, strategy in pairs:
        of_both = [
            row for row in rows if (row['case'], row['strategy']) == (case, strategy)
        ]
        if of_both:
            lines.append(_line(case, strategy, of_both))
    return '\n'.join(lines)


def _line(case: str, strategy: str, rows: Sequence[Row]) -> str:
    reflexes = sum(len(row['reflexes']) for row in rows)
    known = [row for row in rows if row['violations'] is not None]
    broken = str(sum(violations(row) for row in known)) if known else '-'
    return (
        f'| {case} | {strategy} | {len(rows)} | {reflexes} | {broken} '
        f'| {_mean(rows, "best_rms_mrad")} | {_mean(rows, "lag_ms")} |'
    )


def _mean(rows: Sequence[Row], name: str) -> str:
    values = [row[name] for row in rows if row[name] is not None]
    return f'{np.mean(values):.1f}' if values else '-'


def stops_table(summary: Mapping[str, Mapping[str, float]]) -> str:
    """Every way to stop: its time over the robot's own, and the angle until rest."""
    lines = [
        "| stopped by | time to rest over the robot's own stop | angle to rest [rad] | trials |",
        '|---|---|---|---|',
    ]
    for who in STOPS:
        ratio = summary[metric_name('stop_time_ratio', who)]
        angle = summary[metric_name('stop_angle_rad', who)]
        cells = (who, _with_interval(ratio), _with_interval(angle), str(ratio['n']))
        lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def _with_interval(metric: Mapping[str, float]) -> str:
    return f'{metric["value"]:.2f} ({metric["low"]:.2f} to {metric["high"]:.2f})'
