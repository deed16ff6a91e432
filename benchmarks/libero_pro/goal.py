"""What a task asks for, read from its goal: which thing goes where."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.libero_pro.simulation import Simulation

PLACING = ('in', 'on')
"""Predicates that ask for a thing at a place."""


class NotPickAndPlaceError(ValueError):
    """The goal asks for something else than one thing at one place."""


@dataclass(frozen=True)
class PickAndPlace:
    """Which thing goes where.

    Attributes:
        subject: what is carried.
        place: a thing, or a region of one.
    """

    subject: str
    place: str


def pick_and_place(simulation: Simulation) -> PickAndPlace:
    """What the goal asks for. Raises NotPickAndPlaceError."""
    wanted = [item for item in simulation.goal if item[0] in PLACING]
    if len(wanted) != 1 or len(simulation.goal) != 1:
        raise NotPickAndPlaceError(f'{simulation.task.name} asks for {simulation.goal}')
    _, subject, place = wanted[0]
    return PickAndPlace(subject, place)
