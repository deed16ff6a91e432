"""Static checks of a reward program against a scene: what must hold before it may be published.

Nothing is evaluated here. That the rewards are finite, have a live gradient and rise towards the
goal is for a numeric verification to show, which comes later; until then `verified` means: passed
these static checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.program import (
    Avoid,
    Grasp,
    Grasped,
    HoldGripper,
    Lift,
    Lifted,
    Place,
    Reach,
    Released,
    Retreated,
    RewardProgram,
    Stage,
    Term,
)
from vls_core.types import ObjectKind, Scene

SHORTEST_STAGE = 1.0
"""A stage with less time than this cannot be carried out by an arm [s]."""
LONGEST_PROGRAM = 600.0
"""All stages together may not take longer than this [s]."""
WORKSPACE_TOLERANCE = 0.02
"""A goal this far outside the workspace box still counts as inside: perception has noise [m]."""


class Rule(StrEnum):
    """What a program can break."""

    NAME = 'unknown name'
    KIND = 'wrong kind of object'
    WORKSPACE = 'out of the workspace'
    TIME = 'timeout'
    ORDER = 'order of the stages'
    CONTRADICTION = 'contradiction'


@dataclass(frozen=True)
class Problem:
    """One broken rule, in a sentence an author can act on."""

    rule: Rule
    text: str


class ProgramRejectedError(ValueError):
    """A reward program breaks rules; `problems` lists all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__('; '.join(f'{item.rule.value}: {item.text}' for item in problems))


def check_program(
    program: RewardProgram, scene: Scene, workspace: WorkspaceBox = DEFAULT_WORKSPACE
) -> None:
    """Returns if the program may be published for this scene.

    Raises:
        ProgramRejectedError: with every problem found; unknown names hide all other problems.
    """
    problems = tuple(_unknown_names(program, scene))
    if not problems:
        problems = (
            *_wrong_kinds(program, scene),
            *_out_of_workspace(program, scene, workspace),
            *_bad_times(program),
            *_bad_order(program),
            *_contradictions(program),
        )
    if problems:
        raise ProgramRejectedError(problems)


def _unknown_names(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    seen = ', '.join(scene.names) or 'nothing'
    for name in sorted(program.names):
        if name not in scene:
            yield Problem(Rule.NAME, f'there is no "{name}" in the scene; seen: {seen}')


def _wrong_kinds(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    grasped = {program.subject} | {term.object for _, term in _terms(program, Grasp)}
    for name in sorted(grasped):
        if scene[name].kind is not ObjectKind.GRASPABLE:
            yield Problem(Rule.KIND, f'"{name}" is not graspable')
    placed_on = {program.target} | {term.object for _, term in _terms(program, Place)}
    for name in sorted(placed_on):
        if scene[name].kind is ObjectKind.OBSTACLE:
            yield Problem(Rule.KIND, f'"{name}" is an obstacle, nothing is put there')
    if program.subject == program.target:
        yield Problem(Rule.KIND, f'"{program.subject}" cannot be brought to itself')


def _out_of_workspace(
    program: RewardProgram, scene: Scene, workspace: WorkspaceBox
) -> Iterator[Problem]:
    for what, point in _goals(program, scene):
        if not workspace.contains(point, WORKSPACE_TOLERANCE):
            where = ', '.join(f'{value:.2f}' for value in point)
            yield Problem(Rule.WORKSPACE, f'{what} asks the end effector to go to ({where}) m')
    low, high = workspace.lower[2], workspace.upper[2]
    for what, height in _heights(program):
        if not low <= height <= high:
            yield Problem(
                Rule.WORKSPACE, f'{what} asks for {height:.2f} m, not within {low:.2f}..{high:.2f}'
            )


def _goals(program: RewardProgram, scene: Scene) -> Iterator[tuple[str, np.ndarray]]:
    """Every point (3,) [m] the end effector is asked to go to."""
    for stage, term in _terms(program, Grasp):
        yield f'"{stage.name}": grasp "{term.object}"', scene[term.object].center
    for stage, term in _terms(program, Place):
        yield f'"{stage.name}": place on "{term.object}"', scene[term.object].top
    for stage, term in _terms(program, Reach):
        yield f'"{stage.name}": reach "{term.object}"', _above(scene, term.object, term.height)
    for stage in program.stages:
        for item in stage.completion:
            if isinstance(item, Retreated):
                what = f'"{stage.name}": retreated from "{item.object}"'
                yield what, _above(scene, item.object, item.height)


def _above(scene: Scene, name: str, height: float) -> np.ndarray:
    return scene[name].top + np.array([0.0, 0.0, height])


def _heights(program: RewardProgram) -> Iterator[tuple[str, float]]:
    for stage in program.stages:
        for item in (*stage.terms, *stage.completion):
            if isinstance(item, Lift | Lifted):
                yield f'"{stage.name}": {item.kind}', item.height


def _bad_times(program: RewardProgram) -> Iterator[Problem]:
    for stage in program.stages:
        if stage.timeout < SHORTEST_STAGE:
            yield Problem(
                Rule.TIME, f'"{stage.name}" has {stage.timeout} s, needs {SHORTEST_STAGE} s'
            )
    total = sum(stage.timeout for stage in program.stages)
    if total > LONGEST_PROGRAM:
        yield Problem(
            Rule.TIME, f'all stages together take {total:.0f} s, at most {LONGEST_PROGRAM:.0f} s'
        )


def _bad_order(program: RewardProgram) -> Iterator[Problem]:
    """Follows what is in the hand through the stages."""
    held: str | None = None
    ever_held: set[str] = set()
    for stage in program.stages:
        yield from _bad_grasps(stage, held)
        for term in stage.terms:
            if isinstance(term, Grasp):
                held = term.object
                ever_held.add(held)
        yield from _bad_releases(stage, held)
        if any(isinstance(term, Place) or _opens(term) for term in stage.terms):
            held = None
    if program.subject not in ever_held:
        yield Problem(Rule.ORDER, f'"{program.subject}" is never grasped')


def _bad_grasps(stage: Stage, held: str | None) -> Iterator[Problem]:
    for term in stage.terms:
        if not isinstance(term, Grasp):
            continue
        what = f'"{stage.name}" grasps "{term.object}"'
        if held not in (None, term.object):
            yield Problem(Rule.ORDER, f'{what} while "{held}" is held')
        if not _completes_with(stage, Grasped):
            yield Problem(Rule.ORDER, f'{what} but does not wait until it is grasped')


def _bad_releases(stage: Stage, held: str | None) -> Iterator[Problem]:
    for term in stage.terms:
        if isinstance(term, Place):
            what = f'"{stage.name}" places "{term.subject}"'
            if held != term.subject:
                yield Problem(Rule.ORDER, f'{what}, which is not held')
            if not _completes_with(stage, Released):
                yield Problem(Rule.ORDER, f'{what} but does not wait until it is let go')
        if _opens(term) and held is not None:
            yield Problem(Rule.ORDER, f'"{stage.name}" opens the gripper and drops "{held}"')


def _opens(term: Term) -> bool:
    return isinstance(term, HoldGripper) and term.state == 'open'


def _completes_with(stage: Stage, predicate: type) -> bool:
    return any(isinstance(item, predicate) for item in stage.completion)


def _contradictions(program: RewardProgram) -> Iterator[Problem]:
    for stage in program.stages:
        avoided, used = set(), set()
        for term in stage.terms:
            if isinstance(term, Avoid):
                avoided.add(term.object)
            if isinstance(term, Grasp | Place | Reach):
                used.add(term.object)
            if isinstance(term, Place):
                used.add(term.subject)
        for name in sorted(avoided & used):
            yield Problem(
                Rule.CONTRADICTION, f'"{stage.name}" goes to "{name}" and stays clear of it'
            )
        states = {term.state for term in stage.terms if isinstance(term, HoldGripper)}
        if len(states) > 1:
            yield Problem(
                Rule.CONTRADICTION, f'"{stage.name}" holds the gripper both open and closed'
            )


def _terms(program: RewardProgram, kind: type) -> Iterator[tuple[Stage, Term]]:
    for stage in program.stages:
        for term in stage.terms:
            if isinstance(term, kind):
                yield stage, term
