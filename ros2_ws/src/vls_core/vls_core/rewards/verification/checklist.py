"""What the checks of one term came to, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection

from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.verification.outcome import Outcome, failed
from vls_core.rewards.verification.report import Check, Verdict


class Checklist:
    """Outcomes in the order of the checks. That a term cannot be evaluated is one, too."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def add(self, *outcomes: Outcome | None) -> None:
        """Notes what was found; None is nothing."""
        self.outcomes += [outcome for outcome in outcomes if outcome is not None]

    def passes(self, check: Check, make: Callable[[], Outcome]) -> bool:
        """Makes a check; whether it did not fail."""
        try:
            outcome = make()
        except RewardCodeError as error:
            outcome = failed(check, f'it cannot be evaluated: {error}')
        self.add(outcome)
        return outcome.verdict is not Verdict.FAILED

    def failed_any(self, checks: Collection[Check] | None = None) -> bool:
        """Whether any check failed; of these, if some are named."""
        return any(
            item.verdict is Verdict.FAILED and (checks is None or item.check in checks)
            for item in self.outcomes
        )
