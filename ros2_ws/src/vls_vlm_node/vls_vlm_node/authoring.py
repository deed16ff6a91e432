"""Writing a program off the executor, so that cancelling and feedback never wait for a model."""

from __future__ import annotations

import threading

from vls_core.control.fr3 import WorkspaceBox
from vls_core.rewards.check import check_program
from vls_core.vlm.author import Author, AuthoredProgram, AuthorRequest


class Authoring:
    """One request, worked on in a thread of its own from the moment of construction.

    The thread is a daemon: a node that is told to stop does not wait for an endpoint. Whoever
    loses interest simply drops the object; the author's deadline ends the thread.
    """

    def __init__(self, author: Author, request: AuthorRequest, workspace: WorkspaceBox) -> None:
        self._result: AuthoredProgram | Exception | None = None
        self._thread = threading.Thread(
            target=self._work, args=(author, request, workspace), name='authoring', daemon=True
        )
        self._thread.start()

    @property
    def result(self) -> AuthoredProgram | Exception | None:
        """A checked program, the error that prevented it, or None while it is being written."""
        return self._result

    def _work(self, author: Author, request: AuthorRequest, workspace: WorkspaceBox) -> None:
        try:
            authored = author.write(request)
            check_program(authored.program, request.scene, workspace)
            self._result = authored
        except Exception as error:  # noqa: BLE001 (handed over whole: the task reports it)
            self._result = error
