"""What the benchmark's rows amount to: metrics with their intervals, and a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from rich.table import Table

from benchmarks.bridge.plan import CARTESIAN, DEFAULT, OTHER_MODES
from benchmarks.bridge.strategies import DIRECT
from benchmarks.bridge.streams import CASES
from benchmarks.bridge.trial import SLOWEST
from vls_core.eval.rows import Row
from vls_core.eval.statistics import Estimate, bootstrap_difference, bootstrap_mean, wilson

Metric = dict[str, object]
"""value, low, high, n and unit, and what else is worth saying about the number."""

CALM = tuple(case.name for case in CASES if not case.faulty)
COMPLETE = tuple(case.name for case in CASES if case.complete)
_MEANS = ('best_rms_mrad', 'lag_ms', 'end_effector_rms_mm', 'end_effector_lag_ms')
INTERVALS = {
    'reflexes, ended_streams, limit_violations, starvation_events':
        'sum over all trials; bootstrap over seeds, 95 %; share_at_most: upper bound of the share '
        'of streams with any, Wilson, 95 %',
    'tracking_rms_mrad, end_effector_rms_mm': 'mean over the seeds of the worst case; bootstrap '
                                              'over seeds, 95 %',
    'added_lag_ms': 'mean over the seeds of the worst case; bootstrap over paired seeds, 95 %',
    'judge_pace': 'mean over all trials; bootstrap over trials, 95 %',
}


class MissingRowsError(ValueError):
    """A metric lacks the rows it is made of; the message says which."""


def metrics(rows: Sequence[Row]) -> dict[str, Metric]:
    """All metrics. Raises MissingRowsError."""
    ours = [row for row in rows if row['strategy'] in (DEFAULT, *OTHER_MODES)]
    if not ours:
        raise MissingRowsError('there are no trials of the bridge')
    found = {
        'judge_pace': _metric(
            bootstrap_mean([row['robot_pace'] for row in rows]), 'seconds per second',
            lowest=round(min(row['robot_pace'] for row in rows), 3),
            too_slow=sum(row['robot_pace'] < SLOWEST for row in rows),
            replayed=sum(len(row['discarded']) for row in rows),
            reflexes_of_ours_in_replayed=sum(
                len(attempt['reflexes']) for row in ours for attempt in row['discarded']
            ),
        ),
    }
    for strategy in (DEFAULT, *OTHER_MODES):
        suffix = '' if strategy == DEFAULT else '_' + slug(strategy)
        found |= _counts([row for row in ours if row['strategy'] == strategy], suffix)
        found[f'end_effector_rms_mm{suffix}'] = _mean_of(
            rows, strategy, 'end_effector_rms_mm', 'mm'
        )
        if strategy == CARTESIAN:  # it follows the pose of the hand, whatever the joints do
            found[f'added_lag_ms{suffix}'] = _added_lag(rows, strategy, 'end_effector_lag_ms')
        else:
            found[f'tracking_rms_mrad{suffix}'] = _mean_of(rows, strategy, 'best_rms_mrad', 'mrad')
            found[f'added_lag_ms{suffix}'] = _added_lag(rows, strategy, 'lag_ms')
    return found


def _counts(rows: Sequence[Row], suffix: str) -> dict[str, Metric]:
    if not rows:
        return {}
    complete = [row for row in rows if row['case'] in COMPLETE]
    return {
        f'reflexes{suffix}': _sum(rows, lambda row: len(row['reflexes']), 'reflexes'),
        f'ended_streams{suffix}': _sum(rows, lambda row: int(bool(row['error'])), 'streams'),
        f'limit_violations{suffix}': _sum(rows, violations, 'references'),
        f'starvation_events{suffix}': _sum(complete, lambda row: row['starvations'], 'events'),
    }


def violations(row: Row) -> int:
    """References that break a limit, of all kinds together."""
    return sum((row['violations'] or {}).values())


def slug(name: str) -> str:
    """A name as part of a metric's."""
    return name.removeprefix('bridge, ').replace(', ', '_').replace(' ', '_').replace('-', '_')


def _sum(rows: Sequence[Row], number: Callable[[Row], int], unit: str) -> Metric:
    # Streams of one seed share motion and noise: seeds are what is resampled.
    seeds = dict.fromkeys(row['seed'] for row in rows)
    sums = [sum(number(row) for row in rows if row['seed'] == seed) for seed in seeds]
    mean = bootstrap_mean(sums)
    scaled = (len(sums) * value for value in (mean.value, mean.low, mean.high))
    concerned = sum(number(row) > 0 for row in rows)
    return _metric(
        Estimate(*scaled, len(rows)), unit, streams_concerned=concerned,
        share_at_most=round(wilson(concerned, len(rows)).high, 3),
    )


def _mean_of(rows: Sequence[Row], strategy: str, name: str, unit: str) -> Metric:
    found = {
        case: bootstrap_mean(list(values.values()))
        for case in CALM if (values := _by_seed(rows, strategy, case, name))
    }
    return _worst(found, unit, strategy)


def _added_lag(rows: Sequence[Row], strategy: str, name: str) -> Metric:
    found = {}
    for case in CALM:
        own, direct = (_by_seed(rows, each, case, name) for each in (strategy, DIRECT.name))
        paired = [seed for seed in own if seed in direct]
        if paired:
            found[case] = bootstrap_difference(
                [own[seed] for seed in paired], [direct[seed] for seed in paired]
            )
    return _worst(found, 'ms', strategy)


def _by_seed(rows: Sequence[Row], strategy: str, case: str, name: str) -> dict[object, float]:
    return {
        row['seed']: float(row[name]) for row in rows
        if (row['strategy'], row['case']) == (strategy, case) and row[name] is not None
    }


def _worst(found: dict[str, Estimate], unit: str, strategy: str) -> Metric:
    if not found:
        raise MissingRowsError(f'{strategy} has followed no stream without faults to its end')
    case = max(found, key=lambda name: found[name].value)
    return _metric(
        found[case], unit, of=case,
        cases={name: round(estimate.value, 3) for name, estimate in found.items()},
    )


def _metric(estimate: Estimate, unit: str, **more: object) -> Metric:
    return {
        'value': round(estimate.value, 3), 'low': round(estimate.low, 3),
        'high': round(estimate.high, 3), 'n': estimate.samples, 'unit': unit, **more,
    }


def table(rows: Sequence[Row]) -> Table:
    """One row for each case and strategy."""
    shown = Table(
        'case', 'strategy', 'streams', 'reflexes', 'ended', 'RMS [mrad]', 'lag [ms]',
        'hand RMS [mm]', 'hand lag [ms]', 'largest jerk [rad/s^3]', 'violations', 'starved',
        'lowest pace',
        title='Streams played to a simulated FR3 that enforces its limits: means over seeds, RMS '
              'at best lag; jerk and limit violations are those of the references',
    )
    shown.columns[1].no_wrap = True
    for case, strategy in dict.fromkeys((row['case'], row['strategy']) for row in rows):
        members = [row for row in rows if (row['case'], row['strategy']) == (case, strategy)]
        shown.add_row(
            case, strategy, str(len(members)),
            *(str(sum(bool(row[name]) for row in members)) for name in ('reflexes', 'error')),
            *(_mean(members, name, 1) for name in _MEANS),
            _largest(members, 'reference_jerk_max'),
            _total(members, violations, 'violations'),
            _total(members, lambda row: row['starvations'], 'starvations'),
            f'{min(row["robot_pace"] for row in members):.2f}',
        )
    return shown


def _values(rows: Sequence[Row], name: str) -> list[float]:
    return [row[name] for row in rows if row[name] is not None]


def _mean(rows: Sequence[Row], name: str, digits: int) -> str:
    values = _values(rows, name)
    return f'{np.mean(values):.{digits}f}' if values else '-'


def _largest(rows: Sequence[Row], name: str) -> str:
    values = _values(rows, name)
    return f'{max(values):.0f}' if values else '-'


def _total(rows: Sequence[Row], number: Callable[[Row], int], name: str) -> str:
    known = [row for row in rows if row[name] is not None]
    return str(sum(number(row) for row in known)) if known else '-'
