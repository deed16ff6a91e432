"""What one check comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How much it matters."""

    OK = 'ok'
    WARNING = 'warning'
    PROBLEM = 'problem'
    SKIPPED = 'skipped'


class MissingAdviceError(ValueError):
    """A finding says that something is wrong and not what to do about it."""


@dataclass(frozen=True)
class Finding:
    """What one check comes to.

    Attributes:
        check: its name.
        verdict: how much it matters.
        seen: what was seen, in a sentence.
        advice: what to do, in a sentence; '' if there is nothing to do.

    Raises:
        MissingAdviceError: a warning or a problem without advice.
    """

    check: str
    verdict: Verdict
    seen: str
    advice: str = ''

    def __post_init__(self) -> None:
        if self.verdict in (Verdict.WARNING, Verdict.PROBLEM) and not self.advice:
            raise MissingAdviceError(f'{self.check}: {self.seen}')


def ready(findings: Sequence[Finding]) -> bool:
    """Nothing among them is a problem."""
    return all(finding.verdict is not Verdict.PROBLEM for finding in findings)
