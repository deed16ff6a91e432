"""The process of a worker: loads what it needs, gives up everything else, answers requests.

Run as `python -m vls_core.rewards.code.child HANDLERS` with the pipe as standard input.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    """Answers requests until the owner closes the pipe."""
    from vls_core.rewards.code import protections

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    owner = os.getppid()
    in_force = protections.before_imports()
    if os.getppid() != owner:
        return
    from vls_core.rewards.code import messages

    handlers = importlib.import_module(sys.argv[1])
    handlers.warm_up()
    sys.stdin = sys.stdout = sys.stderr = None
    in_force |= protections.after_imports()
    pipe = protections.PIPE
    messages.write(pipe, messages.encode_answer({'protections': in_force}))
    for request in messages.requests(pipe):
        messages.write(pipe, _answer(handlers.HANDLERS, request))
    os._exit(0)


def _answer(handlers: dict[str, Callable[..., Any]], request: bytes) -> bytes:
    """The encoded result, or what went wrong: the owner has to hear of everything."""
    from vls_core.rewards.code import messages
    from vls_core.rewards.code.errors import RewardCodeError

    try:
        name, arguments = messages.decode_request(request)
        return messages.encode_answer({'result': handlers[name](*arguments)})
    except RewardCodeError as error:
        return messages.encode_answer({'refused': error.reason, 'line': error.line})
    except Exception as error:
        return messages.encode_answer({'failed': f'{type(error).__name__}: {error}'[:2000]})


if __name__ == '__main__':
    main()
