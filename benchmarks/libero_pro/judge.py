"""What an episode is judged by, from what only the simulator knows; nobody who acts sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.libero_pro.goal import PLACING
from benchmarks.libero_pro.simulation import Simulation

LIFTED = 0.03
"""A thing that has risen by this much was picked up [m]."""
WRONG_PLACE = 0.025
"""Something seen further off than this is seen at a wrong place [m]."""


@dataclass(frozen=True)
class Verdict:
    """What happened to things.

    Attributes:
        lifted: the thing of the goal was picked up.
        lifted_others: other things that were.
        off: how far the thing of the goal was from where it was to be at the end, horizontally;
            -1 if the goal is not about a place [m].
    """

    lifted: bool
    lifted_others: tuple[str, ...]
    off: float


class Judge:
    """Watches one episode, from its first state on."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        wanted = [item for item in simulation.goal if item[0] in PLACING]
        self.subject, self.place = (wanted[0][1], wanted[0][2]) if len(wanted) == 1 else ('', '')
        self._start = {name: simulation.place(name)[2] for name in simulation.things}
        self._risen = dict.fromkeys(simulation.things, 0.0)

    def watch(self) -> None:
        """Takes a look; call it every few steps."""
        for name in self._risen:
            risen = float(self._simulation.place(name)[2]) - self._start[name]
            self._risen[name] = max(self._risen[name], risen)

    def verdict(self) -> Verdict:
        """What happened so far."""
        lifted = {name for name, risen in self._risen.items() if risen > LIFTED}
        off = -1.0
        if self.subject and self.place:
            apart = self._simulation.place(self.subject) - self._simulation.place(self.place)
            off = round(float(np.linalg.norm(apart[:2])), 3)
        return Verdict(
            self.subject in lifted, tuple(sorted(lifted - {self.subject})), off
        )


FAILURES = ('not understood', 'wrong reward', 'perception', 'other thing', 'grasp', 'placement',
            'time')
"""Kinds of failure, in the order in which they are asked about."""


def kind_of_failure(row: dict) -> str:
    """What an episode that did not succeed failed of; a row is an outcome and its verdict."""
    if row['refusal']:
        return 'not understood'
    if row['subject_meant'] is False:
        return 'wrong reward'
    if row['seen_off'] > WRONG_PLACE:
        return 'perception'
    if not row['lifted']:
        return 'other thing' if row['lifted_others'] else 'grasp'
    return 'placement' if row['ending'] == 'program done' or not row['holding'] else 'time'
