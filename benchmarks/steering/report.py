"""What the benchmark's rows amount to: metrics with their intervals, and tables."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from benchmarks.steering.arms import BASE, OURS
from benchmarks.steering.cost import REAL_SIZE, CostCell
from vls_core.eval.rows import Row
from vls_core.eval.statistics import Estimate, bootstrap_difference, wilson
from vls_sim.scene_layout import Shift

Metric = dict[str, object]
"""value, low, high, n and unit, and what else is worth saying about the number."""

SHIFTED = tuple(str(shift) for shift in Shift if shift is not Shift.NONE)
COST_PARTICLES = 8
RELIABLE = 0.95
"""Share of successes from which a method's deviation is worth comparing with."""
INTERVALS = {
    'success': 'Wilson score, 95 %',
    'change, gain': 'bootstrap over seeds, 95 %; where all pairs agree, Wilson of an unseen event',
    'excess': 'bootstrap over paired scenes, 95 %',
    'ratio': 'bootstrap of the ratio of medians over paired repetitions, 95 %',
}


class MissingRowsError(ValueError):
    """A metric lacks the rows it is made of; the message says which."""


@dataclass(frozen=True)
class Gain:
    """Ours against one arm, in the same episodes.

    Attributes:
        arm: the other one.
        unchanged, shifted: points of success that ours has more, where nothing was changed and
            in all changed scenes together.
    """

    arm: str
    unchanged: Estimate
    shifted: Estimate


def plan_metrics(rows: Sequence[Row]) -> dict[str, Metric]:
    """Success of our plans, the worst of the tests, and deviation. Raises MissingRowsError."""
    metrics = {}
    for family, test in dict.fromkeys((row['family'], row['test']) for row in rows):
        ours = [
            bool(row['success']) for row in rows
            if (row['family'], row['test'], row['method']) == (family, test, OURS)
        ]
        if not ours:
            raise MissingRowsError(f'there are no plans of ours for {family}, {test}')
        metrics[f'plan_success_points_{test}_{family}'] = success_metric(ours)
    if not metrics:
        raise MissingRowsError('there are no plans')
    worst = min(metrics, key=lambda name: float(metrics[name]['value']))
    return {
        'plan_success_points_min': {
            **metrics[worst], 'of': worst.removeprefix('plan_success_points_')
        },
        **metrics,
        **_deviation_metrics(rows),
    }


def _deviation_metrics(rows: Sequence[Row]) -> dict[str, Metric]:
    """How much further ours is from the demonstrations than the nearest method that is reliable.

    Per family and test, over the same scenes; left out where no other method is reliable.
    """
    cells: dict[tuple[object, object], dict[str, list[Row]]] = {}
    for row in rows:
        methods = cells.setdefault((row['family'], row['test']), {})
        methods.setdefault(str(row['method']), []).append(row)
    metrics = {}
    for (family, test), methods in cells.items():
        deviations = {
            name: {row['seed']: float(row['deviation']) for row in members}
            for name, members in methods.items()
            if name == OURS or sum(bool(row['success']) for row in members)
            >= RELIABLE * len(members)
        }
        ours = deviations.pop(OURS)
        if not deviations:
            continue
        nearest = min(deviations, key=lambda name: statistics.mean(deviations[name].values()))
        other = deviations[nearest]
        excess = bootstrap_difference(list(ours.values()), [other[seed] for seed in ours])
        metrics[f'plan_deviation_excess_{test}_{family}'] = {
            **_metric(excess, 'usual deviations'), 'baseline': nearest
        }
    return metrics


def closed_loop_metrics(rows: Sequence[Row]) -> dict[str, Metric]:
    """What ours changes where nothing changed, and gains elsewhere. Raises MissingRowsError."""
    gains = {gain.arm: gain for gain in all_gains(rows)}
    if BASE not in gains or len(gains) < 2:
        raise MissingRowsError('the base policy and a baseline are needed to compare with')
    baselines = [name for name in gains if name != BASE]
    # The same episodes for all: the best baseline is the one that ours gains least over.
    best = min(baselines, key=lambda name: gains[name].shifted.value)
    metrics = {
        'in_distribution_change_points': points(gains[BASE].unchanged),
        'gain_over_best_baseline_points': {**points(gains[best].shifted), 'baseline': best},
        'gain_over_base_points': points(gains[BASE].shifted),
    }
    for arm in (BASE, OURS, best):
        for shift in Shift:
            verdicts = [
                bool(row['success']) for row in rows
                if (row['arm'], row['shift']) == (arm, str(shift))
            ]
            metrics[f'closed_loop_success_{_slug(arm)}_{shift}'] = success_metric(verdicts)
    for name in ('collision', 'dropped'):
        seen = [bool(row[name]) for row in rows if row['arm'] == OURS]
        metrics[f'closed_loop_{name}_ours'] = success_metric(seen)
    return metrics


def all_gains(rows: Sequence[Row]) -> list[Gain]:
    """Ours against every other arm. Raises MissingRowsError for episodes without a partner."""
    success = {
        (row['arm'], row['shift'], row['seed']): float(bool(row['success'])) for row in rows
    }
    gains = []
    for arm in dict.fromkeys(str(row['arm']) for row in rows if row['arm'] != OURS):
        gains.append(Gain(
            arm, _difference(success, arm, (str(Shift.NONE),)), _difference(success, arm, SHIFTED)
        ))
    return gains


def _difference(
    success: Mapping[tuple[object, ...], float], arm: str, shifts: Iterable[str]
) -> Estimate:
    pairs = [key[1:] for key in success if key[0] == OURS and key[1] in shifts]
    lonely = [pair for pair in pairs if (arm, *pair) not in success]
    if lonely or not pairs:
        raise MissingRowsError(f'{len(lonely)} of {len(pairs)} episodes have no partner in {arm}')
    # Episodes of one seed share layout and noise: seeds are what is resampled.
    seeds = list(dict.fromkeys(seed for _, seed in pairs))

    def mean(name: str, seed: object) -> float:
        return statistics.mean(success[name, *pair] for pair in pairs if pair[1] == seed)

    difference = bootstrap_difference(
        [mean(OURS, seed) for seed in seeds], [mean(arm, seed) for seed in seeds]
    )
    low, high = difference.low, difference.high
    if low == high:
        # Where all pairs agree resampling shows no spread; what was never seen may still happen.
        unseen = wilson(0, len(seeds)).high
        low, high = max(-1.0, low - unseen), min(1.0, high + unseen)
    return Estimate(100 * difference.value, 100 * low, 100 * high, len(pairs))


def cost_metrics(cells: Sequence[CostCell]) -> dict[str, Metric]:
    """Ratios at 8 particles; of the real sizes, the worse one. Raises MissingRowsError."""
    found = {cell.policy: cell for cell in cells if cell.particles == COST_PARTICLES}
    missing = [name for name in ('demo', *REAL_SIZE) if name not in found]
    if missing:
        raise MissingRowsError(f'the cost for {", ".join(missing)} was not measured')
    worst = max((found[name] for name in REAL_SIZE), key=lambda cell: cell.ratio.value)
    return {
        'cost_ratio_real_size_n8': {**_ratio(worst), 'policy': worst.policy},
        'cost_ratio_demo_policy_n8': _ratio(found['demo']),
    }


def success_metric(verdicts: Sequence[bool]) -> Metric:
    """A success rate in points, with Wilson's interval. Raises MissingRowsError."""
    if not verdicts:
        raise MissingRowsError('there are no trials')
    rate = wilson(sum(verdicts), len(verdicts))
    return points(Estimate(100 * rate.value, 100 * rate.low, 100 * rate.high, rate.trials))


def points(estimate: Estimate) -> Metric:
    """An estimate in percentage points."""
    return _metric(estimate, 'points')


def _ratio(cell: CostCell) -> Metric:
    return _metric(cell.ratio, 'ratio')


def _metric(estimate: Estimate, unit: str) -> Metric:
    return {
        'value': round(estimate.value, 3), 'low': round(estimate.low, 3),
        'high': round(estimate.high, 3), 'n': estimate.samples, 'unit': unit,
    }


def gains_table(rows: Sequence[Row]) -> Table:
    """Success of every arm, and ours minus it in the same episodes."""
    shown = Table(
        'arm', 'unchanged [%]', 'shifted together [%]', 'ours minus it, unchanged [points]',
        'ours minus it, shifted [points]',
        title='Closed loop, all shifted scenes together, 95 % intervals',
    )
    gains = {gain.arm: gain for gain in all_gains(rows)}
    for arm in dict.fromkeys(str(row['arm']) for row in rows):
        own = [row for row in rows if row['arm'] == arm]
        cells = [
            _percent([bool(row['success']) for row in own if (row['shift'] in SHIFTED) == shifted])
            for shifted in (False, True)
        ]
        gain = gains.get(arm)
        differences = [gain.unchanged, gain.shifted] if gain else []
        shown.add_row(arm, *cells, *(map(_signed, differences) if gain else ('-', '-')))
    return shown


def _percent(verdicts: Sequence[bool]) -> str:
    rate = wilson(sum(verdicts), len(verdicts))
    return f'{100 * rate.value:.1f} ({100 * rate.low:.1f} to {100 * rate.high:.1f})'


def _signed(estimate: Estimate) -> str:
    return f'{estimate.value:+.1f} ({estimate.low:+.1f} to {estimate.high:+.1f})'


def markdown(table: Table) -> str:
    """The same table for a file."""
    columns = [[str(cell) for cell in column.cells] for column in table.columns]
    lines = [f'**{table.title}**', ''] if table.title else []
    lines.append(f'| {" | ".join(str(column.header) for column in table.columns)} |')
    lines.append('|' + '---|' * len(columns))
    lines += [f'| {" | ".join(row)} |' for row in zip(*columns, strict=True)]
    return '\n'.join(lines) + '\n'


def _slug(name: str) -> str:
    return name.lower().replace(' ', '_')


def readme_table(summary: Mapping[str, Metric], arms: Sequence[str]) -> str:
    """The closed loop in Markdown for the README: one line per scene, successes in per cent.

    Args:
        summary: what summary.json holds.
        arms: in the order of the columns; those the summary has successes of.
    """
    lines = ['| scene | ' + ' | '.join(arms) + ' |', '|---' * (len(arms) + 1) + '|']
    for shift in Shift:
        cells = [summary[f'closed_loop_success_{_slug(arm)}_{shift}'] for arm in arms]
        shown = (
            f'{cell["value"]:.0f} ({cell["low"]:.0f} to {cell["high"]:.0f})' for cell in cells
        )
        lines.append(f'| {shift} | ' + ' | '.join(shown) + ' |')
    return '\n'.join(lines)
