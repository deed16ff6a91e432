"""Do terms in code say what they are for?"""

from __future__ import annotations

from collections.abc import Iterator

from vls_core.rewards.check.problems import Problem, Rule
from vls_core.rewards.program import RewardProgram


def undeclared_purposes(program: RewardProgram) -> Iterator[Problem]:
    """Terms in code that cannot be verified, as nobody knows what they are to do."""
    for stage in program.stages:
        for term in stage.terms:
            if term.kind == 'code' and term.goal is None and term.obstacle is None:
                yield Problem(
                    Rule.PURPOSE,
                    f'"{stage.name}": "{term.name}" declares neither the goal it leads to nor the '
                    'obstacle it keeps clear of; declare at least one',
                )
