"""Every sentence, played with each seed by both arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

from benchmarks.offline_author.episode import REPLAN_STEPS, play
from benchmarks.offline_author.tasks import TASKS
from benchmarks.steering.version import CHECKPOINT
from vls_core.eval.jobs import run_jobs
from vls_core.eval.rows import Row
from vls_core.policies.flow import FlowPolicy
from vls_core.steering.planner import Planner, PlannerConfig
from vls_sim.rig import Rig

UNSTEERED, STEERED = 'unsteered', 'steered'


@dataclass(frozen=True)
class Case:
    """One episode to play."""

    task: str
    arm: str
    seed: int


def cases(seeds: Sequence[int], tasks: Sequence[str]) -> list[Case]:
    """Every task with every seed, by each arm; what is paired is next to each other."""
    return [Case(task, arm, seed)
            for task in tasks for seed in seeds for arm in (UNSTEERED, STEERED)]


def run(wanted: Sequence[Case], processes: int = 1) -> list[Row]:
    """Plays all cases; returns a row for each, in their order."""
    rows: dict[Case, Row] = {}

    def keep(result: tuple[Case, Row]) -> None:
        rows[result[0]] = result[1]

    run_jobs(_work, wanted, processes, 'offline author', keep)
    return [rows[case] for case in wanted]


def _work(case: Case) -> tuple[Case, Row]:
    task = next(task for task in TASKS if task.name == case.task)
    planner = Planner(_policy(), config=PlannerConfig(case.seed, REPLAN_STEPS))
    episode = play(_rig(), planner, task, case.seed, case.arm == STEERED)
    return case, {**asdict(case), **asdict(episode)}


@cache
def _policy() -> FlowPolicy:
    return FlowPolicy.load(CHECKPOINT)


@cache
def _rig() -> Rig:
    return Rig()
