"""The benchmark of the demo: many seeds, all conditions, unsteered and steered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vls.client import StackClient, TaskFeedback
from vls.episodes import CONDITIONS, EpisodeRunner
from vls.plots import plot_success
from vls_core.eval import provenance
from vls_core.eval.rows import Row, append_row, read_rows
from vls_core.eval.statistics import Proportion, wilson

CONFIDENCE = 0.95


@dataclass(frozen=True)
class BenchPlan:
    """What the benchmark runs.

    Attributes:
        seeds: of the layouts.
        conditions: every seed is run in each, unsteered and steered.
        folder: takes episodes.jsonl, summary.json, table.md and success.png.
        timeout: of one task [s].
    """

    seeds: tuple[int, ...]
    conditions: tuple[str, ...]
    folder: Path
    timeout: float

    def cases(self) -> list[tuple[int, str, bool]]:
        """(seed, condition, steer) of every episode; paired ones follow each other."""
        return [
            (seed, condition, steer)
            for seed in self.seeds for condition in self.conditions for steer in (False, True)
        ]

    @property
    def rows_file(self) -> Path:
        """One line of JSON per episode."""
        return self.folder / 'episodes.jsonl'


def remaining(plan: BenchPlan, rows: Iterable[Row]) -> list[tuple[int, str, bool]]:
    """The cases that no row covers yet."""
    done = {(row['seed'], row['condition'], row['steer']) for row in rows}
    return [case for case in plan.cases() if case not in done]


def run_bench(
    client: StackClient,
    plan: BenchPlan,
    on_case: Callable[[str], None],
    on_feedback: Callable[[TaskFeedback], None],
    on_row: Callable[[Row], None],
) -> list[Row]:
    """Runs what remains, one row per episode as it ends; returns all rows."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    rows = read_rows(plan.rows_file)
    runner = EpisodeRunner(client)
    commit = provenance.commit()
    for seed, condition, steer in remaining(plan, rows):
        name = f'seed {seed}, {condition}, {"steered" if steer else "unsteered"}'
        result = runner.run(
            seed, condition, steer=steer, timeout=plan.timeout, on_feedback=on_feedback,
            on_phase=lambda phase, name=name: on_case(f'{name}: {phase}'),
        )
        row = {**result.row(), 'commit': commit}
        append_row(plan.rows_file, row)
        rows.append(row)
        on_row(row)
    return rows


def success_rates(
    rows: Sequence[Row],
) -> dict[str, tuple[Proportion | None, Proportion | None]]:
    """(unsteered, steered) success per condition; None where nothing was run."""
    return {
        condition: (_rate(rows, condition, False), _rate(rows, condition, True))
        for condition in CONDITIONS
        if any(row['condition'] == condition for row in rows)
    }


def _rate(rows: Sequence[Row], condition: str, steer: bool) -> Proportion | None:
    verdicts = [
        row['success'] for row in rows if row['condition'] == condition and row['steer'] == steer
    ]
    return wilson(sum(map(bool, verdicts)), len(verdicts), CONFIDENCE) if verdicts else None


def summary(rows: Sequence[Row]) -> dict[str, object]:
    """What summary.json holds: a flat map of metrics, and what they depend on."""
    metrics = {}
    for condition, pair in success_rates(rows).items():
        for name, rate in zip(('unsteered', 'steered'), pair, strict=True):
            if rate is not None:
                metrics[f'{name}_success_{condition}'] = {
                    'value': round(100 * rate.value, 2), 'low': round(100 * rate.low, 2),
                    'high': round(100 * rate.high, 2), 'n': rate.trials, 'unit': '%',
                }
    return {
        **metrics,
        'provenance': {
            'command': 'make bench-demo',
            'interval': f'Wilson score, {100 * CONFIDENCE:.0f} %',
            'seeds': sorted({row['seed'] for row in rows}),
            'commits': sorted({str(row['commit']) for row in rows}),
            'versions': provenance.versions(),
            'machine': provenance.machine(),
        },
    }


def write_report(plan: BenchPlan, rows: Sequence[Row]) -> None:
    """summary.json, table.md and success.png from all rows."""
    rates = success_rates(rows)
    (plan.folder / 'summary.json').write_text(json.dumps(summary(rows), indent=2) + '\n')
    (plan.folder / 'table.md').write_text(markdown(rates))
    plot_success(rates, plan.folder / 'success.png')


def markdown(rates: dict[str, tuple[Proportion | None, Proportion | None]]) -> str:
    """The table of the benchmark."""
    lines = [
        'Success of the same frozen policy through the whole stack, 95 % Wilson intervals.', '',
        '| condition | unsteered | steered |', '|---|---|---|',
    ]
    for condition, pair in rates.items():
        lines.append(f'| {condition} | {" | ".join(_cell(rate) for rate in pair)} |')
    return '\n'.join(lines) + '\n'


def _cell(rate: Proportion | None) -> str:
    if rate is None:
        return '-'
    count = round(rate.value * rate.trials)
    return f'{count}/{rate.trials} ({100 * rate.low:.0f} to {100 * rate.high:.0f} %)'
