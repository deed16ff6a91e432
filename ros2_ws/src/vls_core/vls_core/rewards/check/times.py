"""Is there time enough, and not too much of it?"""

from __future__ import annotations

from collections.abc import Iterator

from vls_core.rewards.check.problems import Problem, Rule
from vls_core.rewards.program import Elapsed, RewardProgram

SHORTEST_STAGE = 1.0
"""A stage with less time than this cannot be carried out by an arm [s]."""
LONGEST_PROGRAM = 600.0
"""All stages together may not take longer than this [s]."""
SETTLING = 0.5
"""Time that must be left for predicates to hold before a stage ends [s]."""


def bad_times(program: RewardProgram) -> Iterator[Problem]:
    """Time-outs no arm can keep, nobody would wait for, or that come before what is waited for."""
    for stage in program.stages:
        if stage.timeout < SHORTEST_STAGE:
            yield Problem(
                Rule.TIME, f'"{stage.name}" has {stage.timeout} s, needs {SHORTEST_STAGE} s'
            )
        for item in stage.completion:
            if isinstance(item, Elapsed) and item.duration > stage.timeout - SETTLING:
                yield Problem(
                    Rule.TIME,
                    f'"{stage.name}" waits for {item.duration:.1f} s and times out after '
                    f'{stage.timeout:.1f} s; give it more time',
                )
    total = sum(stage.timeout for stage in program.stages)
    if total > LONGEST_PROGRAM:
        yield Problem(
            Rule.TIME, f'all stages together take {total:.0f} s, at most {LONGEST_PROGRAM:.0f} s'
        )
