"""Verification beside an event loop: answers go on arriving while one of them is verified."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from vls_core.rewards.program import RewardProgram
from vls_core.rewards.verification.report import VerificationReport, Verifier
from vls_core.types import Scene


class Judge:
    """Verifies on a thread of its own, one program at a time; for one `with` block.

    The block ends when no verification is under way any more, so that whoever uses the verifier
    next has it alone. That takes as long as one verification does.
    """

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._thread = ThreadPoolExecutor(1, 'vls-judge')

    async def __call__(self, program: RewardProgram, scene: Scene) -> VerificationReport:
        """The report. Raises what the verifier raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._verifier, program, scene)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.shutdown(cancel_futures=True)
