"""Whether a term rewards what it is for, wherever things are."""

from __future__ import annotations

from vls_core.rewards.verification.attention import heeds_the_end, with_any_gripper
from vls_core.rewards.verification.bound_term import BoundTerm
from vls_core.rewards.verification.checklist import Checklist
from vls_core.rewards.verification.company import (
    drawn_to_obstacles,
    undeclared,
    wants_nothing_else,
)
from vls_core.rewards.verification.declaration import HOW_TO_DECLARE, Declaration
from vls_core.rewards.verification.distinction import distinguishes
from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.goal_check import leads_to_goal
from vls_core.rewards.verification.gradient import Gradients
from vls_core.rewards.verification.inference import infer
from vls_core.rewards.verification.lengths import leads_there_at_any_length
from vls_core.rewards.verification.obstacle import keeps_clear
from vls_core.rewards.verification.outcome import Outcome, failed, warning
from vls_core.rewards.verification.report import Check
from vls_core.rewards.verification.rest import satisfied_at_rest
from vls_core.rewards.verification.translation import translates


def check_meaning(
    term: BoundTerm, gradients: Gradients | None, checklist: Checklist, may_infer: bool
) -> Declaration:
    """Makes all checks of meaning; returns what the term is for, declared or inferred.

    Args:
        gradients: for ordinary motions, if there are any.
        may_infer: whether a purpose that is not declared is looked for.
    """
    checklist.passes(
        Check.TRANSLATION, lambda: translates(term.judge, term.layouts, term.places, term.seed)
    )
    if term.declaration.empty:
        declaration = _purpose(term, checklist, may_infer)
        if declaration.empty:
            return declaration
        term = term.declared(declaration)
    goal = term.declaration.goal
    if goal is not None:
        _check_goal(term, goal, gradients, checklist)
    _check_obstacle(term, checklist)
    _check_company(term, checklist)
    return term.declaration


def _check_goal(
    term: BoundTerm, goal: Goal, gradients: Gradients | None, checklist: Checklist
) -> None:
    judge, layouts, seed = term.judge, term.layouts, term.seed
    if not checklist.passes(
        Check.GOAL, lambda: leads_to_goal(judge, goal, layouts, term.places, seed)
    ):
        return
    closer: list[Outcome | None] = []

    def examine() -> Outcome:
        if gradients is not None:
            closer.append(heeds_the_end(gradients))
        closer.extend(distinguishes(judge, goal, layouts, term.places, seed, term.obstacles))
        return with_any_gripper(judge, goal, layouts, seed)

    checklist.passes(Check.GOAL, examine)
    checklist.add(*closer)
    checklist.passes(Check.GOAL, lambda: leads_there_at_any_length(
        judge, goal, layouts, term.compiled.operations, seed
    ))


def _check_obstacle(term: BoundTerm, checklist: Checklist) -> None:
    obstacle = term.declaration.obstacle
    if obstacle is not None and checklist.passes(
        Check.OBSTACLE,
        lambda: keeps_clear(term.judge, obstacle, term.layouts, term.places, term.seed),
    ) and term.declaration.goal is None:
        checklist.passes(Check.OBSTACLE, lambda: wants_nothing_else(
            term.judge, obstacle, term.used, term.layouts, term.seed
        ))


def _check_company(term: BoundTerm, checklist: Checklist) -> None:
    checklist.add(drawn_to_obstacles(
        term.judge, term.used, term.obstacles, term.layouts, term.seed
    ))
    others = undeclared(term.used, term.declaration, term.keypoints)
    # Of a term that is rejected there is more to be said than that.
    if not checklist.failed_any():
        checklist.add(others)


def _purpose(term: BoundTerm, checklist: Checklist, may_infer: bool) -> Declaration:
    """What an undeclared term is for, as far as it can be told; says so either way."""
    if not may_infer:
        checklist.add(failed(
            Check.GOAL, 'it declares neither a goal nor an obstacle: give one of the two'
        ))
        return Declaration()
    if not term.used:
        checklist.add(satisfied_at_rest(term.judge, term.keypoints, term.seed))
        return Declaration()
    declaration = infer(term.judge, term.used, term.layouts, term.seed)
    goal, obstacle = declaration.goal, declaration.obstacle
    if declaration.empty:
        checklist.add(failed(
            Check.GOAL,
            f'it declares nothing, and what it is for cannot be inferred: {HOW_TO_DECLARE}',
        ))
        return declaration
    check, what = (
        (Check.GOAL, f'goal: {goal}') if goal is not None
        else (Check.OBSTACLE, f'obstacle: "{obstacle}"')
    )
    checklist.add(warning(
        check, f'nothing is declared; inferred from how it behaves: {what}. Whether that is '
        'what is wanted cannot be told',
    ))
    return declaration
