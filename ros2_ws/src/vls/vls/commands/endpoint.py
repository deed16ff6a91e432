"""`vls test-endpoint`."""

from __future__ import annotations

import threading
from typing import Annotated

from rich.markup import escape
from typer import Option

from vls.display import OUTPUT
from vls.test_endpoint.behaviour import Behaviour
from vls.test_endpoint.faults import MODEL, NOT_A_MODEL, Fault
from vls.test_endpoint.server import EndpointServer

PORT = 8399


def test_endpoint(
    port: Annotated[
        int, Option('--port', min=0, max=65535, help='On 127.0.0.1; 0 takes a free one.')
    ] = PORT,
    fault: Annotated[
        Fault, Option('--fault', help='How to misbehave; a model "test-slow" names one as well.')
    ] = Fault.NONE,
    delay: Annotated[
        float, Option('--delay', min=0.0, max=3600.0, help='Seconds, of the fault slow.')
    ] = 5.0,
    times: Annotated[
        int, Option('--times', min=0, help='Misbehave so often, then answer well; 0: always.')
    ] = 0,
) -> None:
    """Serve an OpenAI-compatible endpoint for tests: rules, no model, and faults on command."""
    with EndpointServer(port, Behaviour(fault, delay, times or None), _log) as server:
        OUTPUT.print(f'{NOT_A_MODEL}: {server.base_url}, model name "{MODEL}"', soft_wrap=True)
        OUTPUT.print(f'fault {fault}: {fault.meaning}; POST /fault changes it; Ctrl-C ends',
                     soft_wrap=True)
        threading.Event().wait()


def _log(line: str) -> None:
    OUTPUT.print(escape(line), soft_wrap=True, highlight=False)
