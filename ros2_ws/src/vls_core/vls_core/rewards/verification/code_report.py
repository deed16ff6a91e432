"""What was found out about one term written in code."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.report import Finding, Verdict


@dataclass(frozen=True)
class CodeTermReport:
    """What was found out about a term.

    Attributes:
        scale: median change of the reward per metre of motion; None if it was not measured.
        declaration: what was declared, or else inferred.
        keypoints: (3,) by name, those it was tried with [m].
    """

    findings: tuple[Finding, ...]
    scale: float | None
    declaration: Declaration
    keypoints: dict[str, tuple[float, float, float]]

    @property
    def accepted(self) -> bool:
        """Nothing failed, and something was checked."""
        return bool(self.findings) and all(
            finding.verdict is not Verdict.FAILED for finding in self.findings
        )
