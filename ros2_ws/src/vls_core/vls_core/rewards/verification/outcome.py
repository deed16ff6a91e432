"""How one check comes out, before it is known what it was made on."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.rewards.verification.report import Check, Finding, Verdict


@dataclass(frozen=True)
class Outcome:
    """A finding without its subject.

    Attributes:
        text: one sentence; of a failure, what to change.
    """

    check: Check
    verdict: Verdict
    text: str

    def about(self, subject: str) -> Finding:
        """The finding about that term, stage or program."""
        return Finding(self.check, self.verdict, subject, self.text)


def passed(check: Check, text: str) -> Outcome:
    """All is well."""
    return Outcome(check, Verdict.PASSED, text)


def warning(check: Check, text: str) -> Outcome:
    """Allowed, but worth a look."""
    return Outcome(check, Verdict.WARNING, text)


def failed(check: Check, text: str) -> Outcome:
    """Forbids the program."""
    return Outcome(check, Verdict.FAILED, text)


def skipped(check: Check, text: str) -> Outcome:
    """Could not be made, or has no meaning here."""
    return Outcome(check, Verdict.SKIPPED, text)


def any_failed(outcomes: list[Outcome]) -> bool:
    """Whether one of them forbids the program."""
    return any(outcome.verdict is Verdict.FAILED for outcome in outcomes)
