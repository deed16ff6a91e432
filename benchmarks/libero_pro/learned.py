"""Which tasks count: those that the scripted expert, undisturbed, solves often enough."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.libero_pro.suites import Task

FILE = Path(__file__).with_name('expert.json')
"""Written by `benchmarks.libero_pro.demonstrations --undisturbed`, and by
`benchmarks.libero_pro.in_scene`."""
ANOTHER_GOAL = 'task'
"""The perturbation that asks for something else."""
ENOUGH = 0.8
"""A task that the expert solves less often than this is neither learned nor evaluated."""


class LearnedError(ValueError):
    """What the expert can do is not on record; the message says how to find out."""


@dataclass(frozen=True)
class Record:
    """How the expert did at a task; `reason` says why it was not even tried."""

    succeeded: int
    recorded: int
    reason: str = ''

    @property
    def counts(self) -> bool:
        """The expert is good enough at it."""
        return self.recorded > 0 and self.succeeded >= ENOUGH * self.recorded

    @property
    def why_not(self) -> str:
        """In words; empty for a task that counts."""
        if self.counts:
            return ''
        return self.reason or f'the expert solves it {self.succeeded} times of {self.recorded}'


def key_of(task: Task) -> str:
    """Of a task in the file."""
    return f'{task.suite}/{task.perturbation}/{task.name}'


def records(file: Path = FILE) -> dict[str, Record]:
    """All that is on record. Raises LearnedError."""
    try:
        return {key: Record(**values) for key, values in json.loads(file.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise LearnedError(f'{file} says nothing about the expert: {error}; make it with '
                           '`make demos`') from error


def add(
    found: Mapping[str, Record], file: Path = FILE, forgotten: Iterable[str] = ()
) -> None:
    """Writes records, over those that are there of the same tasks.

    Args:
        forgotten: keys of tasks of which nothing is on record any more.
    """
    before = records(file) if file.exists() else {}
    kept = {key: value for key, value in before.items() if key not in set(forgotten)}
    content = {key: asdict(value) for key, value in sorted({**kept, **found}.items())}
    file.write_text(json.dumps(content, indent=1) + '\n')


def why_not(task: Task, known: Mapping[str, Record]) -> str:
    """Why a task does not count, in words; empty for one that does.

    Where the perturbation leaves the goal alone, the task before it decides.
    """
    missing = task.why_unrunnable()
    if missing:
        return missing
    record = known.get(key_of(task)) or known.get(f'{task.suite}/none/{task.name}')
    if record is None or task.perturbation == ANOTHER_GOAL and key_of(task) not in known:
        return 'it was not tried with the expert'
    return record.why_not
