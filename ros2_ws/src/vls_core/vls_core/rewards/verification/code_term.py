"""Everything there is to check about one term written in code.

Meant to run in the worker process, where a term that takes too long or too much costs nothing but
the worker. What it gives back is plain data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from vls_core.rewards.code.blocks import BLOCK
from vls_core.rewards.code.compiler import CompiledReward, compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.errors import BudgetExceededError, RewardCodeError
from vls_core.rewards.verification.bound_term import BoundTerm
from vls_core.rewards.verification.checklist import Checklist
from vls_core.rewards.verification.code_report import CodeTermReport
from vls_core.rewards.verification.declaration import (
    Declaration,
    DeclarationError,
    read_declaration,
)
from vls_core.rewards.verification.layouts import as_tensors, invented
from vls_core.rewards.verification.meaning import check_meaning
from vls_core.rewards.verification.numbers import check_numbers
from vls_core.rewards.verification.outcome import failed, passed
from vls_core.rewards.verification.report import Check
from vls_core.rewards.verification.samples import STEPS

_MEANINGLESS_AFTER = frozenset({
    Check.SHAPE, Check.FINITE, Check.DETERMINISTIC, Check.INDEPENDENT, Check.GRADIENT,
    Check.BUDGET, Check.DEGENERATE,
})


def check_source(
    source: str,
    keypoints: dict[str, list[float]] | None,
    declaration: Declaration | None,
    seed: int = 0,
    subject: str = 'code',
    obstacles: frozenset[str] = frozenset(),
) -> CodeTermReport:
    """Checks a term; never raises for what is in it.

    Args:
        keypoints: (3,) every name the term may use [m]; None to make up places for those it uses.
        declaration: what it is for; None to read it in the docstring, or else to infer it.
        subject: what the findings are about.
        obstacles: names of keypoints of things of that kind.
    """
    checklist = Checklist()
    term = _read(
        source, keypoints, declaration, seed + _seed_of(source, keypoints), obstacles, checklist
    )
    purpose, scale, places = declaration or Declaration(), None, {}
    if term is not None:
        purpose, places = term.declaration, term.keypoints
        if _is_affordable(term, checklist):
            measured = check_numbers(term, checklist)
            scale = measured.scale
            if not checklist.failed_any(_MEANINGLESS_AFTER):
                purpose = check_meaning(term, measured.gradients, checklist, declaration is None)
    return CodeTermReport(
        tuple(outcome.about(subject) for outcome in checklist.outcomes), scale, purpose,
        {name: tuple(where.tolist()) for name, where in places.items()},
    )


def _read(
    source: str,
    keypoints: dict[str, list[float]] | None,
    declaration: Declaration | None,
    seed: int,
    obstacles: frozenset[str],
    checklist: Checklist,
) -> BoundTerm | None:
    """The term with a place for every name it uses; None if it cannot be read or bound."""
    compiled = _compile(source, checklist)
    if compiled is None:
        return None
    try:
        purpose = read_declaration(compiled.docstring) if declaration is None else declaration
    except DeclarationError as error:
        checklist.add(failed(Check.GOAL, str(error)))
        return None
    needed = {*compiled.keypoints, *purpose.names}
    known = invented(needed, seed) if keypoints is None else keypoints
    unknown = sorted(needed - known.keys())
    if unknown:
        checklist.add(failed(
            Check.NAMES,
            f'there is no {_listed(unknown)} in the scene; known: {_listed(known)}',
        ))
        return None
    checklist.add(passed(Check.NAMES, _listed(sorted(needed)) or 'none are used'))
    return BoundTerm(compiled, as_tensors(known), purpose, seed, obstacles)


def _compile(source: str, checklist: Checklist) -> CompiledReward | None:
    try:
        compiled = compile_reward(source)
    except RewardCodeError as error:
        checklist.add(failed(_blamed(error), str(error)))
        return None
    checklist.add(passed(Check.SYNTAX, f'{compiled.operations} operations at most'))
    return compiled


def _is_affordable(term: BoundTerm, checklist: Checklist) -> bool:
    """Whether an evaluation is affordable and its shapes go together; takes no memory."""
    try:
        dry_run(term.compiled, term.keypoints, BLOCK, STEPS)
    except RewardCodeError as error:
        checklist.add(failed(_blamed(error), str(error)))
        return False
    return True


def _seed_of(source: str, keypoints: dict[str, list[float]] | None) -> int:
    """Another one for every term and scene: no term can be written for the samples it meets."""
    text = repr((source, sorted((keypoints or {}).items())))
    return int.from_bytes(hashlib.sha256(text.encode('utf-8', 'surrogatepass')).digest()[:4])


def _listed(names: Iterable[str]) -> str:
    listed = [f'"{name}"' for name in names]
    return ', '.join(listed[:12]) + (', ...' if len(listed) > 12 else '')


def _blamed(error: RewardCodeError) -> Check:
    return Check.BUDGET if isinstance(error, BudgetExceededError) else Check.SYNTAX
