"""Asks a probe: a small program of ours, in a process that can be ended whatever it hangs in."""

from __future__ import annotations

import json
import shlex
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
        by_hand: how to run it by itself, where all of its words are seen.
    """

    values: dict[str, Any]
    trouble: str = ''
    late: bool = False
    by_hand: str = ''

    @property
    def missing(self) -> str:
        """The Python package the probe needs and did not find; '' if it found all."""
        return self.values.get('missing', '')


def ask(machine: Machine, probe: str, words: Sequence[str], seconds: float) -> Answer:
    """Runs a module of vls.doctor.probes with these arguments, for at most so long."""
    command = (sys.executable, '-m', f'vls.doctor.probes.{probe}', *words)
    by_hand = f'`{shlex.join(("python", *command[1:]))}` says more'
    outcome = machine.run(command, seconds)
    if outcome.late:
        return Answer({}, f'no answer within {seconds:g} s', late=True, by_hand=by_hand)
    lines = outcome.output.strip().splitlines()
    try:
        return Answer(json.loads(lines[-1]))
    except (IndexError, ValueError):
        last = (outcome.errors.strip().splitlines() or ['nothing was said'])[-1]
        what = 'did not start' if outcome.missing else f'ended with code {outcome.status}'
        return Answer({}, f'the probe {what}: {last[:LONGEST_QUOTE]}', by_hand=by_hand)
