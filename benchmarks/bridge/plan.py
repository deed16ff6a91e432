"""Which strategies are played which streams, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.bridge.strategies import DIRECT, NAIVE, OURS
from benchmarks.bridge.streams import CASES
from vls_core.eval.rows import Row

DEFAULT, *OTHER_MODES = (strategy.name for strategy in OURS)
"""The bridge in its default mode, and in the others."""

_ALL = tuple(case.name for case in CASES)
_CALM = tuple(case.name for case in CASES if not case.faulty)


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
        **dict.fromkeys(OTHER_MODES, ('clean', 'noise', 'delay_100', 'jump')),
        DIRECT.name: _CALM,
        **{strategy.name: ('noise',) for strategy in NAIVE},
    },
    seeds=range(5),
)
"""About twelve minutes."""

QUICK = Plan(
    cases={
        DEFAULT: ('clean', 'noise', 'delay_100', 'jump', 'loss'),
        **dict.fromkeys(OTHER_MODES, ('noise',)),
        DIRECT.name: ('clean', 'noise', 'delay_100'),
        **{strategy.name: ('noise',) for strategy in NAIVE},
    },
    seeds=range(2),
)
"""About two and a half minutes."""
