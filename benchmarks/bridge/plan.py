"""Which strategies are played which streams, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.bridge.strategies import DIRECT, NAIVE, OURS
from benchmarks.bridge.streams import CASES
from vls_core.eval.rows import Row

DEFAULT, VELOCITY, CARTESIAN = (strategy.name for strategy in OURS)
OTHER_MODES = (VELOCITY, CARTESIAN)
"""Of the bridge, besides its default one."""

_ALL = tuple(case.name for case in CASES)
_CALM = tuple(case.name for case in CASES if not case.faulty)

# A pose of the hand says nothing about the redundant joint, and the other motions swing it too.
_OF_THE_HAND = ('demonstration',)


@dataclass(frozen=True)
class Plan:
    """What is played.

    Attributes:
        cases: names of cases by name of strategy.
        seeds: of the streams.
    """

    cases: Mapping[str, Sequence[str]]
    seeds: Sequence[int]

    def trials(self, done: Sequence[Row] = ()) -> dict[str, list[tuple[str, int]]]:
        """Strategies and seeds still to be played, by case; strategies in turns."""
        there = {(row['case'], row['strategy'], row['seed']) for row in done}
        trials = {
            case: [
                (strategy, seed) for seed in self.seeds for strategy, cases in self.cases.items()
                if case in cases and (case, strategy, seed) not in there
            ]
            for case in _ALL
        }
        return {case: members for case, members in trials.items() if members}


FULL = Plan(
    cases={
        DEFAULT: _ALL,
        VELOCITY: ('clean', 'noise', 'delay_100', 'jump'),
        CARTESIAN: _OF_THE_HAND,
        DIRECT.name: _CALM,
        **{strategy.name: ('noise',) for strategy in NAIVE},
    },
    seeds=range(5),
)
"""About twelve minutes."""

QUICK = Plan(
    cases={
        DEFAULT: ('clean', 'noise', 'delay_100', 'demonstration', 'jump', 'loss'),
        VELOCITY: ('noise',),
        CARTESIAN: _OF_THE_HAND,
        DIRECT.name: _CALM,
        **{strategy.name: ('noise',) for strategy in NAIVE},
    },
    seeds=range(2),
)
"""About two and a half minutes."""
