"""What a program can break, and the error that says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What a program can break."""

    NAME = 'unknown name'
    PURPOSE = 'undeclared purpose'
    KIND = 'wrong kind of object'
    WORKSPACE = 'out of the workspace'
    BLOCKED = 'inside an obstacle'
    TIME = 'timeout'
    ORDER = 'order of the stages'
    COMPLETION = 'cannot be completed'
    CONTRADICTION = 'contradiction'


@dataclass(frozen=True)
class Problem:
    """One broken rule, in a sentence an author can act on."""

    rule: Rule
    text: str


class ProgramRejectedError(ValueError):
    """A reward program breaks rules; `problems` lists all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__('; '.join(f'{item.rule.value}: {item.text}' for item in problems))
