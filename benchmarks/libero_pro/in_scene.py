"""Finds tasks that often begin with a thing of the goal out of the scene.

python -m benchmarks.libero_pro.in_scene. In the graded displacements the package puts what is in
the way of the target 10 m away, and now and then that is the place to put it; in some of its
initial states the simulator has thrown things far away. Such tasks are written to expert.json with
the reason, and do not count.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import numpy as np
from rich.table import Table

from benchmarks.libero_pro.bench import EVALUATION_STATES
from benchmarks.libero_pro.goal import pick_and_place
from benchmarks.libero_pro.learned import ENOUGH, Record, add, key_of
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.suites import DISPLACEMENTS, Task, tasks
from vls_core.eval.jobs import console, run_jobs

SCENE = 1.2
"""What begins further than this from the arm is out of the scene; the arm reaches 0.9 [m]."""


def why_out_of_scene(distances: np.ndarray, subject: str, place: str) -> str:
    """In words; empty for a task that at least four of five initial states leave in the scene.

    Args:
        distances: (N, 2) of the subject and the place of the goal from the arm, in each initial
            state, horizontally [m].
        subject: name of what is carried.
        place: name of where it goes.
    """
    out, total = distances > SCENE, len(distances)
    if total - int(out.any(1).sum()) >= ENOUGH * total:
        return ''
    return ', and '.join(
        f'{name} begins up to {distances[:, column].max():.1f} m from the arm, in '
        f'{int(out[:, column].sum())} of {total} initial states'
        for column, name in enumerate((subject, place)) if out[:, column].any()
    )


def look(task: Task) -> tuple[Task, str]:
    """Why a task is out of the scene; empty for one that is in it."""
    with Simulation(task) as simulation:
        goal = pick_and_place(simulation)
        distances = []
        for state in EVALUATION_STATES:
            if state < simulation.initial_states:
                simulation.begin(state)
                distances.append([
                    float(np.linalg.norm((simulation.place(name) - simulation.base)[:2]))
                    for name in (goal.subject, goal.place)
                ])
    return task, why_out_of_scene(np.array(distances), goal.subject, goal.place)


def main(arguments: Sequence[str] | None = None) -> int:
    """Looks at all displaced tasks, and shows and keeps which are out of the scene."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--perturbations', nargs='+', default=DISPLACEMENTS, choices=DISPLACEMENTS)
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args(arguments)
    if wanted.processes < 1:
        parser.error('--processes begins at 1')
    jobs = [item for name in wanted.perturbations for item in tasks('libero_object', name)
            if not item.why_unrunnable()]
    out: dict[str, Record] = {}
    inside: list[str] = []
    table = Table('perturbation', 'task', 'out of the scene')

    def keep(looked: tuple[Task, str]) -> None:
        task, reason = looked
        if reason:
            out[key_of(task)] = Record(0, 0, reason)
            table.add_row(task.perturbation, task.name, reason)
        else:
            inside.append(key_of(task))

    run_jobs(look, jobs, wanted.processes, 'where things begin', keep)
    add(out, forgotten=inside)
    console().print(table)
    return 0


if __name__ == '__main__':
    sys.exit(main())
