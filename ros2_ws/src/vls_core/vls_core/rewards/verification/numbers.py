"""Whether what a term gives are sound numbers, with sound gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.verification import gradient, numeric
from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.bound_term import BoundTerm
from vls_core.rewards.verification.checklist import Checklist
from vls_core.rewards.verification.layouts import only
from vls_core.rewards.verification.outcome import failed, warning
from vls_core.rewards.verification.precision import holds_in_float32
from vls_core.rewards.verification.report import Check
from vls_core.rewards.verification.scale import scale
from vls_core.trajectory import Trajectory


@dataclass(frozen=True)
class Measured:
    """What was learned of a term on the way.

    Attributes:
        gradients: for ordinary motions; None if it has no numbers to differentiate.
        scale: its reward for a metre; None if it cannot be told.
    """

    gradients: gradient.Gradients | None = None
    scale: float | None = None


def check_numbers(term: BoundTerm, checklist: Checklist) -> Measured:
    """Shapes, ranges, independence of particles, then gradients; ends with what is hopeless."""
    samples = motions.motions(only(term.keypoints, term.places), term.seed)
    with torch.no_grad():
        if not _values_are_sound(term, samples, checklist):
            return Measured()
    return _check_gradients(term, samples, checklist)


def _values_are_sound(term: BoundTerm, samples: Trajectory, checklist: Checklist) -> bool:
    if not checklist.passes(Check.SHAPE, lambda: numeric.shape(term.at_once, samples)):
        if _survives(lambda: numeric.mixes_particles(term.at_once, samples)):
            checklist.add(failed(
                Check.INDEPENDENT, 'it reduces over particles: each has its own reward'
            ))
        return False
    values = term.reward(samples)
    if not checklist.passes(Check.FINITE, lambda: numeric.finite(values)):
        return False
    spread = numeric.spread_of(values)
    checklist.passes(Check.RANGE, lambda: numeric.never_positive(values, spread))
    checklist.passes(
        Check.DETERMINISTIC, lambda: numeric.deterministic(term.reward, samples, values)
    )
    if not checklist.passes(
        Check.INDEPENDENT, lambda: numeric.independent(term.reward, samples, values)
    ):
        return False
    _check_other_length(term, samples, checklist)
    return True


def _check_other_length(term: BoundTerm, samples: Trajectory, checklist: Checklist) -> None:
    problem = 'with fewer steps it fails'
    try:
        outcome = numeric.any_length(term.reward, samples)
        problem = '' if outcome is None else outcome.text
    except RewardCodeError as error:
        problem += f': {error}'
    if problem:
        checklist.add(warning(
            Check.SHAPE, f'{problem}; chunks have {motions.STEPS} steps here, not everywhere'
        ))


def _check_gradients(term: BoundTerm, samples: Trajectory, checklist: Checklist) -> Measured:
    found = gradient.differentiate(term.reward, samples)
    if not found.finite.all():
        checklist.add(failed(
            Check.FINITE, 'its gradient is infinite or not a number for ordinary motions'
        ))
        return Measured(found)
    live = checklist.passes(Check.GRADIENT, lambda: gradient.live(found))
    if checklist.passes(
        Check.DERIVATIVE, lambda: gradient.true_derivative(term.reward, samples, term.seed)
    ):
        checklist.passes(
            Check.DERIVATIVE, lambda: holds_in_float32(term.reward, samples, term.seed)
        )
    goal = term.declaration.goal
    special = {} if goal is None else {f'the goal {goal}': goal.place(term.keypoints)}
    checklist.passes(
        Check.DEGENERATE, lambda: gradient.degenerate(term.reward, term.own, special)
    )
    if not live:
        return Measured(found)
    measured = scale(term.reward, samples, found, term.seed)
    checklist.add(measured.outcome)
    return Measured(found, measured.per_metre)


def _survives(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except RewardCodeError:
        return False
