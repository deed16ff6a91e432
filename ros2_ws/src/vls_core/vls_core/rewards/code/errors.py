"""What is wrong with rewards written as code."""

from __future__ import annotations


class RewardCodeError(ValueError):
    """A reward is not allowed, or failed while it was evaluated.

    Attributes:
        reason: one sentence, fit to be sent to the author.
        line: line of the source it is about, counted from 1; None if it is about all of it.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason, line)

    def __str__(self) -> str:
        return self.reason if self.line is None else f'line {self.line}: {self.reason}'


class BudgetExceededError(RewardCodeError):
    """A reward is allowed in kind, but does too much; across processes it is a RewardCodeError."""
