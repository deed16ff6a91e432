"""Writing a program off the executor, so that cancelling and feedback never wait for a model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from vls_core.rewards.verification.report import ProgramUnverifiedError, Verifier
from vls_core.vlm.author import Author, AuthoredProgram, AuthorRequest
from vls_core.vlm.steps import OnStep, Steps, ignore_step


class DroppedError(RuntimeError):
    """Nobody waits for the program any more; raised within the author, between two steps."""


@dataclass(frozen=True)
class WrittenBefore:
    """Hands out a program that was written for another scene, to be verified for this one."""

    authored: AuthoredProgram

    @property
    def identity(self) -> str:
        """Of whoever wrote it."""
        return self.authored.source

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """The program, without the report about the other scene."""
        on_step('other objects came into view, or went; verifying the program for those now')
        return replace(self.authored, report=None)


class Authoring:
    """One request, worked on in a thread of its own from the moment of construction.

    The thread is a daemon: a node that is told to stop does not wait for an endpoint. Whoever
    loses interest calls `drop`: a question under way is left to its deadline, but no further one
    is asked.

    Arguments:
        author: who writes.
        request: what is asked for.
        verifier: judges what the author has not had verified itself.
        on_step: told one sentence at a time, on another thread.
        before: what was done before, which belongs to the story of the program.
    """

    def __init__(
        self, author: Author, request: AuthorRequest, verifier: Verifier,
        on_step: Callable[[str], None], before: tuple[str, ...] = (),
    ) -> None:
        self._before = before
        self._author = author
        self._request = request
        self._verifier = verifier
        self._on_step = on_step
        self._steps = Steps(self._tell)
        self._dropped = False
        self._result: AuthoredProgram | Exception | None = None
        self._thread = threading.Thread(target=self._work, name='authoring', daemon=True)
        self._thread.start()

    @property
    def result(self) -> AuthoredProgram | Exception | None:
        """A verified program, the error that prevented it, or None while it is being written."""
        return self._result

    @property
    def steps(self) -> tuple[str, ...]:
        """What was done until now, one sentence each."""
        return self._before + self._steps.all

    def drop(self) -> None:
        """The result is not wanted any more."""
        self._dropped = True

    def _tell(self, step: str) -> None:
        if self._dropped:
            raise DroppedError
        self._on_step(step)

    def _work(self) -> None:
        try:
            authored = self._author.write(self._request, self._steps.record)
            self._result = self._verified(authored)
        except Exception as error:  # noqa: BLE001 (handed over whole: the task reports it)
            self._result = error

    def _verified(self, authored: AuthoredProgram) -> AuthoredProgram:
        """With a report about this very program. Raises ProgramUnverifiedError."""
        program, report = authored.program, authored.report
        if report is None or report.program_hash != program.content_hash:
            report = self._verifier(program, self._request.scene)
        if not report.accepted:
            self._steps.record(f'refused by verification: {report.reason}')
            raise ProgramUnverifiedError(report)
        self._steps.record(f'verified: {len(report.findings)} findings, none against it')
        return replace(authored, report=report, steps=self.steps)
