"""Finds the constants of the methods that ours is compared with, so that each has a fair chance.

Published strengths belong to the normalisation of the policies they were published for. Here every
method's main strength is chosen anew: by the mean success over all tests and both families, on
scenes that are reported nowhere; of those that succeed equally often the one that deviates least
from the demonstrations. `python -m benchmarks.steering.tuning`
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.table import Table

from benchmarks.steering.plan_quality import TUNING_SEEDS, Row, all_cases, run
from benchmarks.steering.planar import PlanarTest
from benchmarks.steering.planar_policy import FAMILIES
from vls_core.eval.jobs import console
from vls_core.eval.statistics import bootstrap_mean, wilson
from vls_core.steering.baselines.published import PublishedSteering
from vls_core.steering.baselines.resampling_only import ResamplingOnly
from vls_core.steering.baselines.stochastic_sampling import StochasticSampling
from vls_core.steering.baselines.universal_guidance import UniversalGuidance
from vls_core.steering.sampler import Sampler

SCENES = 40
"""For each test and family."""
STRENGTHS: dict[Literal['as_coded', 'as_published'], tuple[float, ...]] = {
    'as_coded': (5.0, 10.0, 20.0, 30.0, 40.0, 80.0),
    'as_published': (3.0, 10.0, 20.0, 30.0, 40.0, 80.0),
}


def grid() -> dict[str, Sampler]:
    """Everything that is tried, by method and strength."""
    tried: dict[str, Sampler] = {}
    for sharpness in (10.0, 30.0, 100.0, 300.0, 1000.0):
        tried[f'resampling only / {sharpness:g}'] = ResamplingOnly(sharpness=sharpness)
    for variant, strengths in STRENGTHS.items():
        for strength in strengths:
            for best in (False, True):
                name = f'{variant.replace("_", " ")} / {strength:g}{", best" if best else ""}'
                tried[name] = PublishedSteering(variant, strength=strength, best_executed=best)
    for ratio in (4.0, 8.0, 15.0, 30.0, 60.0):
        tried[f'ITPS / {ratio:g}'] = StochasticSampling(guide_ratio=ratio)
    for weight in (10.0, 30.0, 100.0, 400.0, 600.0, 800.0):
        tried[f'universal guidance / {weight:g}'] = UniversalGuidance(weight=weight)
    for rate in (0.01, 0.02, 0.03, 0.05):
        tried[f'universal guidance / 30, backward {rate:g}'] = UniversalGuidance(
            weight=30.0, backward_steps=5, backward_rate=rate
        )
    return tried


def table(rows: Sequence[Row]) -> Table:
    """Success per family and test, and over all with its 95 % interval, then the deviation."""
    cells = [(family, str(test)) for family in FAMILIES for test in PlanarTest]
    shown = Table('method / strength', *map(' '.join, cells), 'success [%]', 'deviation')
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row['method']), []).append(row)
    for name, members in groups.items():
        shown.add_row(name, *(_success(members, *cell) for cell in cells), *_overall(members))
    return shown


def _success(rows: Sequence[Row], family: str, test: str) -> str:
    chosen = [row for row in rows if (row['family'], row['test']) == (family, test)]
    found = [bool(row['success']) for row in chosen]
    return f'{100 * sum(found) / len(found):.0f}' if found else '-'


def _overall(rows: Sequence[Row]) -> tuple[str, str]:
    rate = wilson(sum(bool(row['success']) for row in rows), len(rows))
    deviation = bootstrap_mean([row['deviation'] for row in rows])
    return (
        f'{100 * rate.value:.1f} ({100 * rate.low:.1f} to {100 * rate.high:.1f})',
        f'{deviation.value:.2f} ({deviation.low:.2f} to {deviation.high:.2f})',
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--methods', default='', help='those whose name begins with this; all')
    parser.add_argument('--scenes', type=int, default=SCENES)
    parser.add_argument('--out', type=Path, default=Path('runs/tuning.jsonl'),
                        help='rows; those of the same code are not run again')
    parser.add_argument('--processes', type=int, default=2)
    arguments = parser.parse_args()
    methods = {name: it for name, it in grid().items() if name.startswith(arguments.methods)}
    cases = all_cases(TUNING_SEEDS[: arguments.scenes])
    rows = run(cases, methods, arguments.out, arguments.processes)
    console().print(table(rows))


if __name__ == '__main__':
    main()
