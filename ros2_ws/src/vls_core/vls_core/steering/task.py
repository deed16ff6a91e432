"""What a planner is to do."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.rewards.program import RewardProgram


@dataclass(frozen=True)
class Task:
    """A program at work.

    Attributes:
        program: what is wanted, stage by stage.
        program_id: identifies the publication of the program.
        steer: False leaves the base policy alone; stages are followed all the same.
    """

    program: RewardProgram
    program_id: str
    steer: bool
