"""What is added to every stage: what to stay clear of, slowness, an upright hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vls_core.rewards.program import (
    MAXIMUM_TERMS,
    Avoid,
    KeepUpright,
    Smooth,
    SpeedLimit,
    Stage,
    Term,
)
from vls_core.types import ObjectKind, Scene
from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.syntax import Manner

AVOID_MARGIN = 0.03
AVOID_WEIGHT = 3.0
MAXIMUM_AVOIDED = 10
"""A stage has room for this many avoidance terms beside its own, if it has no more than two."""
SLOW_SPEED = 0.08
"""Of the end effector when something is to be done slowly [m/s]."""
SLOW_TIMEOUT_FACTOR = 2.5
"""How much longer a stage may take then, dimensionless."""
UPRIGHT_TILT = 0.15
"""Of the hand from straight down, when something is to be kept upright [rad]."""
LARGEST_MARGIN = 0.20
"""Around what is to be avoided; with more the arm has no room left [m]."""


def adverbs(stages: tuple[Stage, ...], manner: Iterable[Manner]) -> tuple[Stage, ...]:
    """The stages done slowly or with an upright hand; heights are for the verbs to see to."""
    extra: tuple[Term, ...] = ()
    if Manner.UPRIGHT in manner:
        extra += (KeepUpright(tilt=UPRIGHT_TILT),)
    if Manner.SLOWLY in manner:
        extra += (SpeedLimit(speed=SLOW_SPEED), Smooth())
    factor = SLOW_TIMEOUT_FACTOR if Manner.SLOWLY in manner else 1.0
    return tuple(
        stage.model_copy(update={
            'terms': stage.terms + extra, 'timeout': stage.timeout * factor,
        })
        for stage in stages
    )


def margins_to_keep(asked: Mapping[str, float | None], scene: Scene) -> dict[str, float]:
    """Margins [m] by name: of what was asked for, then of every other obstacle in view.

    Raises:
        NotUnderstoodError: a margin is out of range.
    """
    for name, margin in asked.items():
        if margin is not None and not 0.0 < margin <= LARGEST_MARGIN:
            raise NotUnderstoodError(
                f'{100 * margin:.1f} cm around the {name} is more than the '
                f'{100 * LARGEST_MARGIN:.0f} cm I can keep clear'
            )
    kept = {name: AVOID_MARGIN if margin is None else round(margin, 4)
            for name, margin in asked.items()}
    unasked = {item.name: AVOID_MARGIN for item in scene.of_kind(ObjectKind.OBSTACLE)
               if item.name not in kept}
    return kept | unasked


def keep_clear(stages: tuple[Stage, ...], margins: Mapping[str, float]) -> tuple[Stage, ...]:
    """The stages clear of objects, by margins [m].

    Raises:
        NotUnderstoodError: a stage has no room for so many.
    """
    room = min(MAXIMUM_AVOIDED, MAXIMUM_TERMS - max(len(stage.terms) for stage in stages))
    if len(margins) > room:
        raise NotUnderstoodError(
            f'{len(margins)} objects are to be avoided ({", ".join(margins)}); '
            f'the rules can keep clear of {room}'
        )
    clear = tuple(Avoid(object=name, margin=margin, weight=AVOID_WEIGHT)
                  for name, margin in margins.items())
    return tuple(stage.model_copy(update={'terms': stage.terms + clear}) for stage in stages)
