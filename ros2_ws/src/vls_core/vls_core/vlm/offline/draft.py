"""What a family of verbs makes of a command, before modifiers and avoidance are added."""

from __future__ import annotations

from dataclasses import dataclass, field

from vls_core.rewards.program import STAGE_NAME_LENGTH, RewardProgram, Stage


@dataclass(frozen=True)
class Draft:
    """Stages without what is the same for all verbs.

    Attributes:
        summary: what is done, in the imperative, e.g. "bring the red cube to the plate".
        notes: what the operator should know besides, one sentence each.
    """

    subject: str
    target: str | None
    stages: tuple[Stage, ...]
    summary: str
    notes: tuple[str, ...] = field(default=())

    @property
    def names(self) -> frozenset[str]:
        """What is acted on, and what it is brought to."""
        return frozenset(name for name in (self.subject, self.target) if name is not None)

    def program(self, stages: tuple[Stage, ...]) -> RewardProgram:
        """The program with these stages."""
        return RewardProgram(subject=self.subject, target=self.target, stages=stages)


def stage_name(text: str) -> str:
    """A name for a stage, cut where a stage has no room for more."""
    return text[:STAGE_NAME_LENGTH]
