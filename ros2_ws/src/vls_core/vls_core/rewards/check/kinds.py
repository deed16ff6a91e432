"""Is everything used for what it is?"""

from __future__ import annotations

from collections.abc import Iterator

from vls_core.rewards.check.problems import Problem, Rule
from vls_core.rewards.program import Grasp, Place, RewardProgram
from vls_core.types import ObjectKind, Scene


def wrong_kinds(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    """What is taken has to be graspable, and nothing is put on obstacles."""
    terms = [term for stage in program.stages for term in stage.terms]
    grasped = {term.object for term in terms if isinstance(term, Grasp)}
    grasped |= {term.subject for term in terms if isinstance(term, Place)}
    if grasped:
        grasped.add(program.subject)
    for name in sorted(grasped):
        if scene[name].kind is not ObjectKind.GRASPABLE:
            yield Problem(
                Rule.KIND, f'"{name}" is not graspable: push or pull it, or take something else'
            )
    placed_on = {term.object for term in terms if isinstance(term, Place)}
    if placed_on and program.target is not None:
        placed_on.add(program.target)
    for name in sorted(placed_on):
        if scene[name].kind is ObjectKind.OBSTACLE:
            yield Problem(Rule.KIND, f'"{name}" is an obstacle, nothing is put there')
    if program.subject == program.target:
        yield Problem(Rule.KIND, f'"{program.subject}" cannot be brought to itself')
