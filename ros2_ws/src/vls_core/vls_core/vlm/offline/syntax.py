"""What a sentence says, still in its own words: the result of the grammar."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verb(Enum):
    """Families of verbs; each has one way of being carried out."""

    PICK = 'pick up'
    PUT = 'put'
    MOVE = 'move'
    STACK = 'stack'
    INSERT = 'insert'
    PUSH = 'push'
    PULL = 'pull'
    OPEN = 'open'
    CLOSE = 'close'
    POUR = 'pour'
    PRESS = 'press'
    TOUCH = 'touch'
    POINT = 'point at'
    HOVER = 'hover above'


class Relation(Enum):
    """Where something is with respect to something else, seen from the robot (REP 103)."""

    ON = 'on'
    IN = 'in'
    BESIDE = 'next to'
    LEFT = 'left of'
    RIGHT = 'right of'
    FRONT = 'in front of'
    BEHIND = 'behind'
    ABOVE = 'above'
    BETWEEN = 'between'
    UNDER = 'under'
    AROUND = 'around'
    THROUGH = 'through'


class Direction(Enum):
    """Ways to go, x forward and y left in the base frame (REP 103)."""

    FORWARD = (1.0, 0.0)
    BACKWARD = (-1.0, 0.0)
    LEFT = (0.0, 1.0)
    RIGHT = (0.0, -1.0)


class Way(Enum):
    """How a landmark gives the way to go."""

    UP_TO = 'to'
    TOWARDS = 'towards'
    AWAY = 'away from'


class Extreme(Enum):
    """What singles one out of several; the last two need a landmark."""

    LEFTMOST = 'leftmost'
    RIGHTMOST = 'rightmost'
    FRONTMOST = 'frontmost'
    REARMOST = 'rearmost'
    LARGEST = 'largest'
    SMALLEST = 'smallest'
    TALLEST = 'tallest'
    NEAREST = 'nearest to'
    FARTHEST = 'farthest from'


class Manner(Enum):
    """How something is to be done."""

    SLOWLY = 'slowly'
    UPRIGHT = 'upright'
    HIGH = 'high'
    LOW = 'low'


@dataclass(frozen=True)
class Phrase:
    """One thing, described.

    Attributes:
        words: its name or part of it, without the article.
        other: "the other ...": none of those the sentence speaks of elsewhere.
        extreme: which one of several.
        relation: where it is with respect to the landmarks.
        landmarks: what extreme or relation refer to; they have none themselves.
    """

    words: str
    other: bool = False
    extreme: Extreme | None = None
    relation: Relation | None = None
    landmarks: tuple[Phrase, ...] = ()

    def __str__(self) -> str:
        return f'other {self.words}' if self.other else self.words


@dataclass(frozen=True)
class Place:
    """Where to: a relation and what it refers to; as_said is the preposition itself."""

    relation: Relation
    landmarks: tuple[Phrase, ...]
    as_said: str


@dataclass(frozen=True)
class Heading:
    """Which way: a direction, or a way with respect to a landmark; as_said are its words."""

    as_said: str
    direction: Direction | None = None
    way: Way | None = None
    landmark: Phrase | None = None


@dataclass(frozen=True)
class Action:
    """What is to be done.

    Attributes:
        thing: what it is done to; None is a pronoun.
        length: a length that was said [m]; what it means depends on the verb.
    """

    verb: Verb
    thing: Phrase | None
    place: Place | None = None
    heading: Heading | None = None
    length: float | None = None
    manner: frozenset[Manner] = frozenset()


@dataclass(frozen=True)
class Avoidance:
    """What to stay clear of, and by how much [m] if that was said."""

    things: tuple[Phrase, ...]
    margin: float | None = None


@dataclass(frozen=True)
class Command:
    """A whole sentence; kept_upright are the things it names as what to keep upright."""

    action: Action
    avoided: tuple[Avoidance, ...] = ()
    manner: frozenset[Manner] = frozenset()
    kept_upright: tuple[Phrase, ...] = ()
