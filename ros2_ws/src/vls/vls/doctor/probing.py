"""Asks a probe: a small program of ours, in a process that can be ended whatever it hangs in."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vls.doctor.machine import Machine

LONGEST_QUOTE = 200
"""Of what a probe that broke down said [characters]."""


@dataclass(frozen=True)
class Answer:
    """What a probe said.

    Attributes:
        values: its JSON; empty if it gave none.
        trouble: why there is none, in words; '' if there is one.
        late: it gave none in time.
    """

    values: dict[str, Any]
    trouble: str = ''
    late: bool = False

    @property
    def missing(self) -> str:
        """The Python package the probe needs and did not find; '' if it found all."""
        return self.values.get('missing', '')


def ask(machine: Machine, probe: str, words: Sequence[str], seconds: float) -> Answer:
    """Runs a module of vls.doctor.probes with these arguments, for at most so long."""
    command = (sys.executable, '-m', f'vls.doctor.probes.{probe}', *words)
    outcome = machine.run(command, seconds)
    if outcome.late:
        return Answer({}, f'no answer within {seconds:g} s', late=True)
    lines = outcome.output.strip().splitlines()
    try:
        return Answer(json.loads(lines[-1]))
    except (IndexError, ValueError):
        last = (outcome.errors.strip().splitlines() or ['nothing was said'])[-1]
        return Answer(
            {}, f'the probe ended with code {outcome.status}: {last[:LONGEST_QUOTE]}'
        )
