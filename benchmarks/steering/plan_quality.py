"""Plan quality: one plan for every method, policy family, test and scene; one row of JSON each.

Paired: all methods see the same scene and begin with the same random seed. Goes on where it was
interrupted. `python -m benchmarks.steering.plan_quality --scenes 20`
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import torch
from rich.table import Table

from benchmarks.steering.methods import SETS
from benchmarks.steering.planar import PlanarTest, make_scene
from benchmarks.steering.planar_judge import Judge
from benchmarks.steering.planar_policy import CHECKPOINTS, FAMILIES, Family, PlanarPolicy
from benchmarks.steering.planar_reward import PlanarReward
from benchmarks.steering.version import SOURCES, content_version
from vls_core.eval.jobs import console, run_jobs
from vls_core.eval.rows import Row, VersionedRows
from vls_core.eval.statistics import bootstrap_mean, wilson
from vls_core.steering.sampler import Sampler

REPORTED_SEEDS = range(200)
"""Nothing was tuned on these."""
TUNING_SEEDS = range(1000, 1200)


@dataclass(frozen=True)
class Case:
    """One scene for one policy."""

    family: Family
    test: PlanarTest
    seed: int

    def key(self, method: str) -> tuple[object, ...]:
        """What no two rows have in common."""
        return method, self.family, str(self.test), self.seed


@dataclass(frozen=True)
class Job:
    """The methods that are still to be tried on a case; they have to be picklable."""

    case: Case
    methods: Mapping[str, Sampler]


def evaluate(case: Case, methods: Mapping[str, Sampler]) -> Iterator[Row]:
    """One row for each method, all on the same scene and from the same seed."""
    policy, scene = _policy(case.family), make_scene(case.test, case.seed)
    reward, judge = PlanarReward.of(scene), Judge(scene)
    for name, method in methods.items():
        generator = torch.Generator().manual_seed(case.seed)
        begin = time.perf_counter()
        plan = method(policy, scene.observation, reward, generator)
        seconds = time.perf_counter() - begin
        yield {
            'method': name, 'family': case.family, 'test': str(case.test), 'seed': case.seed,
            **asdict(judge(plan.trajectory)), 'passes': plan.passes, 'reward': plan.reward,
            'strength': plan.strength, 'evaluations': plan.network_evaluations,
            'seconds': seconds,
        }


@cache
def _policy(family: Family) -> PlanarPolicy:
    return PlanarPolicy.load(family)


def all_cases(
    seeds: Iterable[int],
    families: Sequence[Family] = FAMILIES,
    tests: Sequence[PlanarTest] = tuple(PlanarTest),
) -> list[Case]:
    """Every combination; what belongs to one seed comes together."""
    return [
        Case(family, test, seed) for seed in seeds for family in families for test in tests
    ]


def remaining(
    cases: Iterable[Case], methods: Mapping[str, Sampler], rows: Iterable[Row]
) -> list[Job]:
    """What no row covers yet."""
    done = set(map(_key, rows))
    jobs = []
    for case in cases:
        missing = {name: it for name, it in methods.items() if case.key(name) not in done}
        if missing:
            jobs.append(Job(case, missing))
    return jobs


def run(
    cases: Sequence[Case], methods: Mapping[str, Sampler], rows_file: Path, processes: int = 2
) -> list[Row]:
    """Runs what the file does not have yet; returns the rows of these cases and methods.

    Rows that other code made are set aside first. Raises vls_core.eval.rows.RowsError if the file
    is damaged.
    """
    file = VersionedRows(rows_file, version())
    file.set_aside_stale()
    rows = file.read()

    def keep(new: list[Row]) -> None:
        rows.extend(map(file.append, new))

    run_jobs(_work, remaining(cases, methods, rows), processes, 'plan quality', keep)
    by_key = {_key(row): row for row in rows}
    return [by_key[case.key(name)] for case in cases for name in methods]


def version() -> str:
    """Of the code and the weights that decide the outcome."""
    here, core = Path(__file__).parent, SOURCES / 'vls_core' / 'vls_core'
    files = sorted(here.glob('planar*.py'))
    return content_version((
        *files, here / 'methods.py', Path(__file__), core,
        *sorted(CHECKPOINTS.glob('*.safetensors')),
    ))


def _key(row: Row) -> tuple[object, ...]:
    return row['method'], row['family'], row['test'], row['seed']


def _work(job: Job) -> list[Row]:
    return list(evaluate(job.case, job.methods))


def table(rows: Sequence[Row]) -> Table:
    """Success with Wilson intervals, deviation with bootstrap ones, and the means of the rest."""
    shown = Table(
        'family', 'test', 'method', 'success [%]', 'deviation', 'jerk', 'miss [cm]', 'strength',
        'evaluations', 'time (ms)', title='Plan quality, 95 % intervals',
    )
    previous = None
    for key, members in groups(rows).items():
        if previous not in (None, key[:2]):
            shown.add_section()
        previous = key[:2]
        shown.add_row(*key, *cells(members))
    return shown


def groups(rows: Sequence[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Rows by family, test and method; what is to be compared stands together."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (str(row['family']), str(row['test']))):
        key = (str(row['family']), str(row['test']), str(row['method']))
        found.setdefault(key, []).append(row)
    return found


def cells(rows: Sequence[Row]) -> list[str]:
    """What one line of the table says about the plans of a group."""
    def mean(name: str) -> float:
        return sum(float(row[name]) for row in rows) / len(rows)

    rate = wilson(sum(bool(row['success']) for row in rows), len(rows))
    deviation = bootstrap_mean([row['deviation'] for row in rows])
    return [
        f'{100 * rate.value:.1f} ({100 * rate.low:.1f} to {100 * rate.high:.1f})',
        f'{deviation.value:.2f} ({deviation.low:.2f} to {deviation.high:.2f})',
        f'{mean("jerk"):.2f}', f'{100 * mean("miss"):.1f}', f'{mean("strength"):.2f}',
        f'{mean("evaluations"):.0f}', f'{1000 * mean("seconds"):.0f}',
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--sets', nargs='+', choices=SETS, default=list(SETS))
    parser.add_argument('--methods', nargs='+', help='of these sets, by name; all')
    parser.add_argument('--families', nargs='+', choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument('--tests', nargs='+', choices=list(PlanarTest), default=list(PlanarTest))
    parser.add_argument('--scenes', type=int, default=len(REPORTED_SEEDS))
    parser.add_argument('--tuning', action='store_true', help='take the seeds kept for tuning')
    parser.add_argument('--out', type=Path, default=Path('runs/plan_quality.jsonl'),
                        help='rows; those of the same code are not run again')
    parser.add_argument('--processes', type=int, default=2)
    arguments = parser.parse_args()
    methods = {name: it for chosen in arguments.sets for name, it in SETS[chosen]().items()}
    unknown = set(arguments.methods or ()) - set(methods)
    if unknown:
        parser.error(f'no such method: {", ".join(unknown)}; there are: {", ".join(methods)}')
    if arguments.methods:
        methods = {name: methods[name] for name in arguments.methods}
    seeds = (TUNING_SEEDS if arguments.tuning else REPORTED_SEEDS)[: arguments.scenes]
    cases = all_cases(seeds, arguments.families, tuple(map(PlanarTest, arguments.tests)))
    console().print(table(run(cases, methods, arguments.out, arguments.processes)))


if __name__ == '__main__':
    main()
