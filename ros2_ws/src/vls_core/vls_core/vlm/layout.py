"""The plain pick-and-place program, as the offline author writes it for "put A on B"."""

from __future__ import annotations

from vls_core.rewards.program import RewardProgram
from vls_core.vlm.offline.carrying import Heights, Release, pick_up, put_down
from vls_core.vlm.offline.modifiers import AVOID_MARGIN, MAXIMUM_AVOIDED, keep_clear
from vls_core.vlm.offline.places import Spot

__all__ = ['MAXIMUM_AVOIDED', 'pick_and_place']


def pick_and_place(subject: str, target: str, avoided: tuple[str, ...], inside: bool
                   ) -> RewardProgram:
    """The program that brings a subject to a target, clear of at most MAXIMUM_AVOIDED objects.

    Args:
        inside: whether one says "in" rather than "on" the target; it only shows in stage names.
    """
    heights, release = Heights(), Release('in' if inside else 'on')
    stages = pick_up(subject, heights) + put_down(subject, Spot(target, ''), heights, release)
    margins = {name: AVOID_MARGIN for name in avoided}
    return RewardProgram(subject=subject, target=target, stages=keep_clear(stages, margins))
