"""How many chunks were followed, and how many were refused for which reason."""

from __future__ import annotations

from collections import Counter


class ChunkCounts:
    """Counts since the bridge was connected. Not for several threads."""

    def __init__(self) -> None:
        self.accepted = 0
        self.refusals: Counter[str] = Counter()
        """By the name of the reason."""
        self.last_refusal = ''
        """In words; empty once a later chunk was accepted."""

    def accept(self) -> None:
        """A chunk came into force."""
        self.accepted += 1
        self.last_refusal = ''

    def refuse(self, reason: Exception) -> None:
        """A chunk must not be followed."""
        self.refusals[type(reason).__name__] += 1
        self.last_refusal = str(reason)
