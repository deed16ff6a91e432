"""Where the terms of a stage lead, and what they stay clear of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.rewards.keypoints import object_of, position
from vls_core.rewards.program import (
    AnchorContact,
    Avoid,
    AvoidObstacles,
    Code,
    Grasp,
    Place,
    Reach,
    ReachPoint,
    SoftChoice,
    Stage,
    Term,
    Waypoint,
)
from vls_core.rewards.terms import RELEASE_CLEARANCE, obstacles
from vls_core.types import Scene


@dataclass(frozen=True)
class Goal:
    """A place a term leads the end effector to.

    Attributes:
        name: the object or point it is counted from.
        position: (3,) [m].
    """

    name: str
    position: np.ndarray


def goals(term: Term, scene: Scene) -> tuple[Goal, ...]:
    """Every place a term leads to, none for most kinds. Raises UnknownObjectError."""
    return tuple(Goal(name, _goal(term, name, scene)) for name in goal_names(term))


def goal_names(term: Term) -> tuple[str, ...]:
    """The objects and points a term leads to."""
    match term:
        case Reach() | Grasp() | Place():
            return (term.object,)
        case ReachPoint() | Waypoint() | AnchorContact():
            return (term.keypoint,)
        case SoftChoice():
            return term.keypoints
        case Code() if term.goal is not None:
            return (term.goal,)
    return ()


def _goal(term: Term, name: str, scene: Scene) -> np.ndarray:
    match term:
        case Reach():
            return scene[name].top + term.offset + np.array([0.0, 0.0, term.height])
        case Place():
            height = scene[term.subject].extent[2] / 2 + RELEASE_CLEARANCE
            return scene[name].top + term.offset + np.array([0.0, 0.0, height])
        case Code():
            return position(name, scene) + term.goal_offset
        case ReachPoint() | Waypoint() | SoftChoice():
            return position(name, scene) + term.offset
    return position(name, scene)


def stays_clear_of(stage: Stage, scene: Scene) -> tuple[str, ...]:
    """Names of the objects a stage is to stay clear of, each once.

    These are the objects of its `avoid` terms, every obstacle if it avoids obstacles, and what its
    code terms declare as their obstacle unless they lead there as well. Where the stage goes is
    taken to be none of them: `check` refuses programs in which it is. Raises UnknownObjectError.
    """
    names: list[str] = []
    for term in stage.terms:
        match term:
            case Avoid():
                names.append(term.object)
            case AvoidObstacles():
                names += obstacles(scene)
            case Code():
                names += declared_obstacles(term, scene)
    return tuple(dict.fromkeys(names))


def declared_obstacles(term: Code, scene: Scene) -> tuple[str, ...]:
    """The object a term in code keeps clear of; none if it declares none, or leads there as well.

    Raises UnknownObjectError.
    """
    if term.obstacle is None:
        return ()
    obstacle = object_of(term.obstacle, scene).name
    led_to = [object_of(name, scene).name for name in goal_names(term)]
    return () if obstacle in led_to else (obstacle,)
