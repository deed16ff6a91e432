"""What can be said about the terms of a stage before any of them is evaluated.

A stage leads to one place, and each of its terms has a say in that.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from vls_core.rewards.goals import goals
from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import AnchorContact, Stage, Waypoint
from vls_core.rewards.verification.outcome import Outcome, failed
from vls_core.rewards.verification.report import Check
from vls_core.types import Scene

LEAST_WEIGHT = 1e-3
"""Of a term, by itself and as a share of the heaviest one of the stage; less has no effect."""
ONE_PLACE = 0.15
"""Goals of two terms this close to each other are taken for one place [m]."""


def pointless_weights(stage: Stage) -> Iterator[Outcome]:
    """Terms that weigh so little that they might as well not be there."""
    least = LEAST_WEIGHT * max(1.0, *(term.weight for term in stage.terms))
    for term, label in zip(stage.terms, term_labels(stage), strict=True):
        if term.weight < least:
            yield failed(
                Check.STATIC,
                f'the weight {term.weight:g} of "{label}" gives it no say; leave the term out, or '
                f'give it a weight of {least:g} or more',
            )


def places_apart(stage: Stage, scene: Scene) -> Iterator[Outcome]:
    """Two terms that lead to different places.

    What is passed or touched on the way, and the choices of one term, may be anywhere. Raises
    UnknownObjectError.
    """
    led_to = [
        (label, np.array([goal.position for goal in goals(term, scene)]))
        for term, label in zip(stage.terms, term_labels(stage), strict=True)
        if not isinstance(term, Waypoint | AnchorContact)
    ]
    going = [(label, places) for label, places in led_to if len(places)]
    for (label, places), (other, others) in combinations(going, 2):
        distance = float(np.linalg.norm(places[:, None] - others, axis=2).min())
        if distance > ONE_PLACE:
            yield failed(
                Check.STATIC,
                f'"{label}" and "{other}" lead to places {distance:.2f} m apart; a stage leads to '
                'one place: use two stages, or soft_choice to go to the nearest of several',
            )
            return
