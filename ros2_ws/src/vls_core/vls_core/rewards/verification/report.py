"""What verification found out about a reward program."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from vls_core.rewards.program import RewardProgram
from vls_core.types import Scene


class Check(StrEnum):
    """What is checked; the values are what reports and repair requests call it."""

    STATIC = 'static rules'
    SYNTAX = 'allowed code'
    NAMES = 'known names'
    BUDGET = 'budget'
    SHAPE = 'shape'
    FINITE = 'finite'
    RANGE = 'never positive'
    DETERMINISTIC = 'deterministic'
    INDEPENDENT = 'independent particles'
    GRADIENT = 'live gradient'
    DERIVATIVE = 'finite differences'
    DEGENERATE = 'degenerate inputs'
    GOAL = 'rises towards the goal'
    OBSTACLE = 'falls inside the obstacle'
    TRANSLATION = 'translation consistency'
    REACHABLE = 'reachable goal'
    SCALE = 'scale'


class Verdict(StrEnum):
    """How a check came out."""

    PASSED = 'passed'
    WARNING = 'warning'
    FAILED = 'failed'
    SKIPPED = 'skipped'


@dataclass(frozen=True)
class Finding:
    """The outcome of one check on one term, stage or program.

    Attributes:
        subject: what was checked, e.g. 'grasp the mug / reach mug'.
        text: one sentence; of a failure, what to change, fit to be sent to an author.
    """

    check: Check
    verdict: Verdict
    subject: str
    text: str

    def __str__(self) -> str:
        return f'{self.verdict.value}: {self.check.value}: {self.subject}: {self.text}'


@dataclass(frozen=True)
class VerificationReport:
    """All findings about one program in one scene.

    Attributes:
        program_hash: RewardProgram.content_hash, or the SHA-256 of a bare code term's source.
        scene_hash: of the scene it was verified for.
        findings: in the order they were made.
        scales: by term, the median change of the reward for each metre of motion of the whole
            trajectory.
    """

    program_hash: str
    scene_hash: str
    findings: tuple[Finding, ...]
    scales: dict[str, float] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Nothing failed, and something was checked."""
        return bool(self.findings) and not self.failures

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that forbid the program."""
        return tuple(item for item in self.findings if item.verdict is Verdict.FAILED)

    @property
    def reason(self) -> str:
        """Why it was rejected, in one paragraph for the author; empty if it was not."""
        return '; '.join(f'{item.check.value}: {item.subject}: {item.text}'
                         for item in self.failures)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the report: the same program in the same scene has the same one."""
        document = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(document.encode()).hexdigest()

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each finding."""
        return tuple(map(str, self.findings))


Verifier = Callable[[RewardProgram, Scene], VerificationReport]
"""Verifies a whole program for a scene; never raises for what the program does."""


class ProgramUnverifiedError(ValueError):
    """A program was rejected; `report` has all findings."""

    def __init__(self, report: VerificationReport) -> None:
        self.report = report
        super().__init__(report.reason)
