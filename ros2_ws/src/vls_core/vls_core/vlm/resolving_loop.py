"""An event loop that a hanging name server cannot keep from ending.

The loop of asyncio looks names up on threads that it waits for when it ends, and so does the
interpreter. `getaddrinfo` cannot be interrupted, so a deadline would last until it returns.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import Future
from typing import Any


class ResolvingLoop(asyncio.SelectorEventLoop):
    """Looks names up on daemon threads; nobody waits for one whose answer is not wanted."""

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0,  # noqa: A002
        flags: int = 0,
    ) -> list[Any]:
        """As `socket.getaddrinfo`, and raises what that raises."""
        answer: Future[list[Any]] = Future()
        answer.set_running_or_notify_cancel()

        def resolve() -> None:
            try:
                answer.set_result(socket.getaddrinfo(host, port, family, type, proto, flags))
            except (OSError, UnicodeError, OverflowError) as error:
                answer.set_exception(error)

        threading.Thread(target=resolve, name='vls-resolver', daemon=True).start()
        return await asyncio.wrap_future(answer, loop=self)
