"""Closed loop: every arm drives the simulated arm through the demo's task, in this process.

Paired: the same seed means the same layout, the same perception noise and the same first sampling
noise for all arms; chunk length, replanning rate and time limit are the same too. Goes on where it
was interrupted. `python -m benchmarks.steering.closed_loop --arms base ours --seeds 10`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.steering.arms import REPORTED, arm_named, arm_names, settings
from benchmarks.steering.episode import run_episode
from benchmarks.steering.version import CHECKPOINT, SOURCES, content_version
from vls_core.eval.jobs import console, run_jobs
from vls_core.eval.rows import Row, VersionedRows
from vls_core.eval.statistics import wilson
from vls_core.policies.flow import FlowPolicy
from vls_core.steering.planner import Planner, PlannerConfig
from vls_sim.rig import Rig
from vls_sim.scene_layout import Shift

FIRST_SEED = 2000
"""Nothing was tuned on the seeds from here on."""
SEEDS = 50
REPLAN_STEPS = 8
"""Steps of a chunk, of 16, after which the next one is planned."""


@dataclass(frozen=True)
class Case:
    """One episode to run."""

    seed: int
    shift: str
    arm: str

    @property
    def key(self) -> tuple[int, str, str]:
        """What no two rows have in common."""
        return self.seed, self.shift, self.arm


@dataclass(frozen=True)
class ClosedLoopPlan:
    """What is run.

    Attributes:
        arms, shifts, seeds: every combination is one episode.
        checkpoint: of the frozen policy.
        overrides: changes to the configuration of ours.
    """

    arms: tuple[str, ...]
    shifts: tuple[str, ...] = tuple(map(str, Shift))
    seeds: tuple[int, ...] = tuple(range(FIRST_SEED, FIRST_SEED + SEEDS))
    checkpoint: Path = CHECKPOINT
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def cases(self) -> list[Case]:
        """All episodes, paired ones next to each other."""
        return [
            Case(seed, shift, arm)
            for seed in self.seeds for shift in self.shifts for arm in self.arms
        ]

    def version(self) -> str:
        """Of the code, the weights and the configuration that decide the outcome."""
        here = Path(__file__).parent
        files = (here / name for name in ('closed_loop.py', 'episode.py', 'arms.py', 'methods.py'))
        packages = (SOURCES / name / name for name in ('vls_core', 'vls_sim'))
        return content_version(
            (*files, *packages, self.checkpoint), settings(self.overrides)
        )


def remaining(plan: ClosedLoopPlan, rows: Iterable[Row]) -> list[Case]:
    """The episodes that no row covers yet."""
    done = {(row['seed'], row['shift'], row['arm']) for row in rows}
    return [case for case in plan.cases() if case.key not in done]


def run(
    plan: ClosedLoopPlan,
    rows_file: Path,
    processes: int = 2,
    on_row: Callable[[Row], None] = lambda _: None,
) -> list[Row]:
    """Runs what the file does not have yet; returns the rows of the plan, in its order.

    Rows that other code made are set aside first. Raises vls_core.eval.rows.RowsError if the file
    is damaged.
    """
    file = VersionedRows(rows_file, plan.version())
    file.set_aside_stale()
    rows = file.read()

    def keep(row: Row) -> None:
        rows.append(file.append(row))
        on_row(rows[-1])

    jobs = [(case, plan.checkpoint, plan.overrides) for case in remaining(plan, rows)]
    run_jobs(_work, jobs, processes, 'closed loop', keep)
    by_key = {(row['seed'], row['shift'], row['arm']): row for row in rows}
    return [by_key[case.key] for case in plan.cases()]


def _work(job: tuple[Case, Path, Mapping[str, Any]]) -> Row:
    case, checkpoint, overrides = job
    arm = arm_named(case.arm, overrides)
    config = PlannerConfig(seed=case.seed, replan_steps=REPLAN_STEPS, gate=arm.gate)
    planner = Planner(_policy(checkpoint), arm.sampler, config)
    outcome = run_episode(_rig(), planner, case.seed, case.shift, REPLAN_STEPS)
    return {**asdict(case), **asdict(outcome)}


@cache
def _policy(checkpoint: Path) -> FlowPolicy:
    return FlowPolicy.load(checkpoint)


@cache
def _rig() -> Rig:
    return Rig()


def table(rows: Sequence[Row]) -> Table:
    """Success and what else happened, per shift and arm."""
    columns = ('shift', 'arm', 'success [%]', 'knocked over', 'touched', 'dropped', 'time (s)',
               'steered', 'unsafe', 'evaluations', 'planning (ms)')
    shown = Table(*columns, title='Closed loop, 95 % Wilson intervals')
    previous = None
    for (shift, arm), members in groups(rows).items():
        if previous not in (None, shift):
            shown.add_section()
        previous = shift
        shown.add_row(shift, arm, *cells(members))
    return shown


def groups(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows by shift and arm, shifts together."""
    found: dict[tuple[str, str], list[Row]] = {}
    for shift in dict.fromkeys(str(row['shift']) for row in rows):
        for row in rows:
            if row['shift'] == shift:
                found.setdefault((shift, str(row['arm'])), []).append(row)
    return found


def cells(rows: Sequence[Row]) -> list[str]:
    """What one row of the table says about the episodes of a cell."""
    def mean(name: str) -> float:
        return sum(float(row[name]) for row in rows) / len(rows)

    rate = wilson(sum(bool(row['success']) for row in rows), len(rows))
    return [
        f'{100 * rate.value:.0f} ({100 * rate.low:.0f} to {100 * rate.high:.0f})',
        *(f'{100 * mean(name):.0f} %' for name in ('collision', 'touched', 'dropped')),
        f'{mean("duration"):.1f}',
        *(f'{100 * mean(name):.0f} %' for name in ('steered_share', 'unsafe_share')),
        f'{mean("network_evaluations"):.0f}',
        f'{1000 * mean("planning_time"):.0f}',
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--arms', nargs='+', default=list(REPORTED), choices=arm_names())
    parser.add_argument('--shifts', nargs='+', default=list(Shift), choices=list(Shift))
    parser.add_argument('--seeds', type=int, default=10, help='how many')
    parser.add_argument('--first-seed', type=int, default=0)
    parser.add_argument('--config', type=json.loads, default={},
                        help='JSON of SteeringConfig fields to change in ours')
    parser.add_argument('--checkpoint', type=Path, default=CHECKPOINT)
    parser.add_argument('--out', type=Path, default=Path('runs/closed_loop.jsonl'),
                        help='rows; those of the same code and settings are not run again')
    parser.add_argument('--processes', type=int, default=1)
    parser.add_argument('--verbose', action='store_true', help='print each episode as JSON')
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    plan = ClosedLoopPlan(
        tuple(arguments.arms), tuple(map(str, arguments.shifts)), tuple(seeds),
        arguments.checkpoint, arguments.config,
    )

    def show(row: Row) -> None:
        if arguments.verbose:
            print(json.dumps(row), flush=True)

    console().print(table(run(plan, arguments.out, arguments.processes, show)))


if __name__ == '__main__':
    main()
