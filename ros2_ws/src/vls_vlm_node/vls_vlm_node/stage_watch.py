"""Asks a model, in the background and now and then, how the stage at work goes.

What it believes is proposed to the policy node, which checks it against what is measured. A
proposal moves nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from vls_core.rewards.program import RewardProgram
from vls_core.vlm.author import AuthorError
from vls_core.vlm.stage_check import CoolDown, StageProposal, StageQuestion

OnProposal = Callable[[str, StageProposal], None]
"""Is told the program's id and what the model believes."""


class Checker(Protocol):
    """What is used of `StageChecker`."""

    def check(self, question: StageQuestion) -> StageProposal:
        """Asks once. Raises AuthorError."""


class StageWatch:
    """One question at a time, over all tasks; each on a thread of its own.

    Arguments:
        checker: asks the model.
        period: between two questions, and from the begin of a stage to the first [s].
        propose: is told what the model believes, if that is anything to act upon.
        warn: is told why there was no answer.
        clock: seconds, monotonic; injected by tests.
    """

    def __init__(
        self, checker: Checker, period: float, propose: OnProposal,
        warn: Callable[[str], None], clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checker = checker
        self._cool_down = CoolDown(period)
        self._propose = propose
        self._warn = warn
        self._clock = clock
        self._lock = threading.Lock()
        self._last = ''

    @property
    def last(self) -> str:
        """The last answer, or why there was none; empty before the first."""
        return self._last

    def look(
        self, program_id: str, program: RewardProgram, instruction: str, stage: int,
        picture: Callable[[], bytes | None],
    ) -> None:
        """Called often while a stage is at work; asks if it is time to. Returns at once."""
        with self._lock:
            if not self._cool_down.due(self._clock(), program_id, stage):
                return
            png = picture()
            if png is None:
                self._cool_down.ended(self._clock())
                return
            self._cool_down.started()
        question = StageQuestion(
            instruction, program.stages[stage], png, stage, len(program.stages)
        )
        threading.Thread(
            target=self._ask, args=(program_id, question), name='stage check', daemon=True
        ).start()

    def _ask(self, program_id: str, question: StageQuestion) -> None:
        try:
            proposal = self._checker.check(question)
        except AuthorError as error:
            self._last = str(error)
            self._warn(f'nobody looked at the stage "{question.stage.name}": {error}')
        except Exception as error:  # noqa: BLE001 (a thread would end without a word)
            self._last = f'the check broke down: {type(error).__name__}'
            self._warn(self._last)
        else:
            self._last = f'"{question.stage.name}" is {proposal.state}: {proposal.reason}'
            if proposal.proposes:
                self._propose(program_id, proposal)
        finally:
            with self._lock:
                self._cool_down.ended(self._clock())
