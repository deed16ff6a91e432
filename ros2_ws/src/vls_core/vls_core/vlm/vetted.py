"""What is left of a program without its code."""

from __future__ import annotations

from vls_core.rewards.program import Code, RewardProgram


def vetted_only(program: RewardProgram) -> RewardProgram | None:
    """The program without its code terms; None if it has none, or a stage would lose its all."""
    if not program.code_terms:
        return None
    stages = []
    for stage in program.stages:
        terms = tuple(term for term in stage.terms if not isinstance(term, Code))
        if not terms:
            return None
        stages.append(stage.model_copy(update={'terms': terms}))
    return program.model_copy(update={'stages': tuple(stages)})
