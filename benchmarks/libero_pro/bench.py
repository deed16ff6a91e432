"""Runs episodes of the benchmark: paired, in parallel, and on from where a run was broken off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.libero_pro.arms import ARMS, arm_named
from benchmarks.libero_pro.camera import SceneCamera
from benchmarks.libero_pro.episode import Episode, Outcome
from benchmarks.libero_pro.learned import Record, why_not
from benchmarks.libero_pro.policy import CHECKPOINTS, Family, LiberoPolicy, checkpoint
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.suites import (
    DISPLACEMENTS,
    PERTURBATIONS,
    SUITES,
    Task,
    task,
    tasks,
)
from benchmarks.libero_pro.summary import BROKEN_OFF
from benchmarks.steering.version import ROOT, SOURCES, content_version, imported_by
from vls_core.eval.jobs import run_jobs
from vls_core.eval.rows import Row, VersionedRows
from vls_core.steering.errors import SteeringError
from vls_core.types import InvalidValueError, UnknownObjectError

EVALUATION_STATES = range(0, 50, 2)
"""Initial states that nothing was learned from."""
_SHIFTS = (*PERTURBATIONS, *DISPLACEMENTS)


@dataclass(frozen=True)
class Case:
    """One episode to run; the same case but for the arm is the same scene and the same noise."""

    suite: str
    perturbation: str
    task: str
    state: int
    seed: int
    arm: str
    family: str = 'flow'

    @property
    def key(self) -> tuple[object, ...]:
        """What no two rows have in common."""
        return tuple(vars(self).values())


@dataclass(frozen=True)
class Plan:
    """Which episodes.

    Attributes:
        cells: pairs of suite and perturbation.
        arms: names.
        episodes: of each task and arm, over the initial states.
        seed: of the sampling noise.
        family: of the base policy.
        known: how the expert does, which decides which tasks count.
        tasks_per_cell: at most; None: all.
    """

    cells: tuple[tuple[str, str], ...]
    arms: tuple[str, ...]
    episodes: int = 10
    seed: int = 0
    family: Family = 'flow'
    known: Mapping[str, Record] = field(default_factory=dict)
    tasks_per_cell: int | None = None
    checkpoints: Path = CHECKPOINTS

    def tasks(self) -> list[Task]:
        """Those that can be run and count. Raises UnknownTaskError."""
        counting = (
            [item for item in tasks(*cell) if not why_not(item, self.known)]
            for cell in self.cells
        )
        return [item for cell in counting for item in cell[:self.tasks_per_cell]]

    def cases(self) -> list[Case]:
        """All episodes, paired ones next to each other."""
        return [
            Case(item.suite, item.perturbation, item.name,
                 EVALUATION_STATES[number % len(EVALUATION_STATES)],
                 self.seed + number // len(EVALUATION_STATES), arm, self.family)
            for item in self.tasks() for number in range(self.episodes) for arm in self.arms
        ]

    def version(self) -> str:
        """Of the code and the weights that decide the outcome, of all suites."""
        return content_version((
            *imported_by(Path(__file__).with_name('arms.py'), (ROOT, SOURCES / 'vls_core')),
            *(file for suite in SUITES
              if (file := checkpoint(suite, self.family, self.checkpoints)).exists()),
        ))

    @property
    def checkpoint_files(self) -> tuple[Path, ...]:
        """Of the base policies."""
        return tuple(
            checkpoint(suite, self.family, self.checkpoints)
            for suite in dict.fromkeys(suite for suite, _ in self.cells)
        )


def counted(rows: Sequence[Row], known: Mapping[str, Record]) -> list[Row]:
    """The rows of tasks that count; those of others stay in the file."""
    named = {(row['suite'], row['perturbation'], row['task']) for row in rows}
    counts = {names for names in named if not why_not(Task(*map(str, names)), known)}
    return [row for row in rows if (row['suite'], row['perturbation'], row['task']) in counts]


def remaining(plan: Plan, rows: Iterable[Row]) -> list[Case]:
    """The episodes that no row covers yet."""
    done = {tuple(row[name] for name in Case.__dataclass_fields__) for row in rows}
    return [case for case in plan.cases() if case.key not in done]


def run(
    plan: Plan, rows_file: Path, processes: int,
    on_rows: Callable[[Sequence[Row]], None] = lambda _: None, ray_address: str = '',
    block: int = 10,
) -> list[Row]:
    """Runs what the file does not have yet; returns all rows of the file.

    Rows that other code made are set aside first.

    Args:
        on_rows: gets all rows so far whenever there are new ones.
        block: episodes that share a simulation, which takes seconds to load.

    Raises:
        vls_core.eval.rows.RowsError: the file is damaged, or another run writes to it.
        CheckpointError: there is no base policy.
    """
    for policy in plan.checkpoint_files:
        LiberoPolicy.load(policy)  # what is missing is said before anything is touched
    file = VersionedRows(rows_file, plan.version())
    with file.alone():
        stale = file.set_aside_stale()
        if stale:
            print(f'{stale} rows were made by other code and are kept in {file.stale_path}')
        rows = file.read()

        def keep(made: list[Row]) -> None:
            rows.extend(file.append(row) for row in made)
            on_rows(rows)

        jobs = jobs_of(plan, remaining(plan, rows), block)
        run_jobs(play, jobs, processes, 'LIBERO-PRO', keep, ray_address)
    return sorted(rows, key=_order)


def jobs_of(
    plan: Plan, missing: Sequence[Case], block: int
) -> list[tuple[Sequence[Case], Path]]:
    """Episodes of one task at a time, and the base policy for them."""
    groups: dict[tuple[str, str, str], list[Case]] = defaultdict(list)
    for case in missing:
        groups[case.suite, case.perturbation, case.task].append(case)
    return [
        (cases[start:start + block], checkpoint(suite, plan.family, plan.checkpoints))
        for (suite, _, _), cases in groups.items() for start in range(0, len(cases), block)
    ]


def _order(row: Row) -> tuple[object, ...]:
    """Suites, perturbations and arms in the order in which they are named."""
    return (
        SUITES.index(str(row['suite'])), _SHIFTS.index(str(row['perturbation'])),
        str(row['task']), row['seed'], row['state'], tuple(ARMS).index(str(row['arm'])),
    )


def play(job: tuple[Sequence[Case], Path]) -> list[Row]:
    """The episodes of one task, which share a simulation."""
    cases, policy_file = job
    first = cases[0]
    policy = _policy(policy_file)
    with Simulation(task(first.suite, first.perturbation, first.task)) as simulation:
        camera = SceneCamera(simulation)
        rows: list[Row] = []
        for case in cases:
            seed = noise_seed(case.seed, case.state)
            episode = Episode(simulation, camera, policy, arm_named(case.arm), seed)
            try:
                outcome = episode.play(case.state)
            except (SteeringError, InvalidValueError, UnknownObjectError) as error:
                outcome = broken_off(error)  # the same again next time: the others go on
            rows.append({**asdict(case), **asdict(outcome)})
        camera.close()
    return rows


def broken_off(error: Exception) -> Outcome:
    """Of an episode that could not be played to its end; a failure, whoever acted."""
    return Outcome(
        success=False, steps=0, ending=f'{BROKEN_OFF}: {error}', stage='', refusal='', attempts=0,
        steered_share=0.0, evaluations=0, simulator_seconds=0.0, perception_seconds=0.0,
        planning_seconds=0.0, author_seconds=0.0, held=False, holding=False, subject_meant=None,
        seen_off=0.0, lifted=False, lifted_others=(), off=-1.0,
    )


def noise_seed(seed: int, state: int) -> int:
    """Of an episode's sampling noise."""
    return 100 * seed + state


@cache
def _policy(file: Path) -> LiberoPolicy:
    return LiberoPolicy.load(file)
