"""What a planner answers: a chunk, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.steering.result import SteeredChunk
from vls_core.steering.stages import Suggestion
from vls_core.types import ActionChunk


@dataclass(frozen=True)
class PlannedChunk:
    """A chunk to send and how it came about.

    Attributes:
        stage_index: of the program's stage it was planned for.
        term_names: of that stage's reward, in the order of `steering.term_rewards`.
        suggestion: what the stage machine answered when the reward looked as if the stage were
            over; None most of the time.
    """

    chunk: ActionChunk
    steering: SteeredChunk
    stage_index: int
    term_names: tuple[str, ...]
    suggestion: Suggestion | None = None
