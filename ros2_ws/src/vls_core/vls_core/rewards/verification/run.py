"""One verification of one program, while it is under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from vls_core.rewards.keypoints import positions
from vls_core.rewards.program import RewardProgram, Term, scene_hash
from vls_core.rewards.verification.code_report import CodeTermReport
from vls_core.rewards.verification.deadline import Deadline
from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.outcome import Outcome
from vls_core.rewards.verification.report import Check, Finding, Verdict, VerificationReport
from vls_core.types import Scene


class OverBudgetError(Exception):
    """A term takes too much, and the findings say so: no more is tried of its program."""


@dataclass
class Run:
    """Verification of one program, and what is known so far.

    Attributes:
        terms: by source and declaration.
        stages: outcomes and scales by the terms of the stage.
    """

    scene: Scene
    deadline: Deadline
    findings: list[Finding] = field(default_factory=list)
    scales: dict[str, float] = field(default_factory=dict)
    terms: dict[tuple[str, Declaration], CodeTermReport] = field(default_factory=dict)
    stages: dict[tuple[Term, ...], tuple[list[Outcome], dict[str, float]]] = field(
        default_factory=dict
    )

    @cached_property
    def places(self) -> dict[str, list[float]]:
        """Every name of the scene, and where that is [m]."""
        return places_of(self.scene)

    def add(self, check: Check, verdict: Verdict, subject: str, text: str) -> None:
        """One more finding."""
        self.findings.append(Finding(check, verdict, subject, text))

    def report(self, program: RewardProgram) -> VerificationReport:
        """All of it."""
        return VerificationReport(
            program.content_hash, scene_hash(self.scene), tuple(self.findings), self.scales
        )


def places_of(scene: Scene) -> dict[str, list[float]]:
    """Every name of a scene, and where that is [m], as plain data."""
    return {name: where.tolist() for name, where in positions(scene).items()}
