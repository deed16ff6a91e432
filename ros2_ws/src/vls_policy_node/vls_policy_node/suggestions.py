"""How beliefs that a stage is over are answered, in words. They move nothing."""

from __future__ import annotations

from vls_core.rewards.program import RewardProgram
from vls_core.steering.stages import Suggestion

LONGEST = 400
"""Of an answer; reasons come from a model [characters]."""


def answer_text(program: RewardProgram, suggestion: Suggestion, who: str = '') -> str:
    """One sentence: who believed what of which stage, and what the predicates say."""
    name = program.stages[suggestion.stage].name
    source = f'{who}: ' if who else ''
    if suggestion.missing:
        verdict = f'it goes on, as these do not hold: {", ".join(suggestion.missing)}'
    else:
        verdict = 'all its predicates hold'
    return f'{source}{suggestion.reason}; "{name}": {verdict}'[:LONGEST]
