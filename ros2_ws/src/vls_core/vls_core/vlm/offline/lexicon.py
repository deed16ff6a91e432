"""Every word the grammar knows, in tables; what is in no table can only be part of a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from vls_core.vlm.offline.syntax import Direction, Extreme, Manner, Relation, Verb, Way

Value = TypeVar('Value')
Table = Mapping[tuple[str, ...], Value]


def _table(entries: dict[str, Value]) -> dict[tuple[str, ...], Value]:
    """From 'one phrase|another phrase' to what both mean."""
    return {
        tuple(phrase.split()): value
        for phrases, value in entries.items()
        for phrase in phrases.split('|')
    }


def _phrases(text: str) -> dict[tuple[str, ...], bool]:
    return _table({text: True})


VERBS: Table[Verb] = _table({
    'pick up|pick|grab|grasp|take|lift|lift up|raise|hold|get': Verb.PICK,
    'put|place|set|lay|drop|deposit|put down|set down|place down|lay down|pick and place':
        Verb.PUT,
    'move|bring|carry|transfer|deliver|transport|shift': Verb.MOVE,
    'stack|pile': Verb.STACK,
    'insert': Verb.INSERT,
    'push|slide|nudge|shove': Verb.PUSH,
    'pull|drag': Verb.PULL,
    'open|pull open|slide open': Verb.OPEN,
    'close|shut|push shut|push closed|slide shut': Verb.CLOSE,
    'pour|pour out|pour from|empty|pour the contents of|empty the contents of': Verb.POUR,
    'press|press on|press down on|push down on': Verb.PRESS,
    'touch|tap': Verb.TOUCH,
    'point at|point to': Verb.POINT,
    'hover|go': Verb.HOVER,
})
PARTICLES: Table[tuple[Verb, ...]] = _table({
    'up': (Verb.PICK,), 'down': (Verb.PUT,), 'open': (Verb.PULL, Verb.PUSH),
    'shut|closed': (Verb.PULL, Verb.PUSH),
})
RELATIONS: Table[Relation] = _table({
    'on|on top of|on the top of|upon|on to|onto|onto the top of|to|over to': Relation.ON,
    'in|inside|into|in to|inside of': Relation.IN,
    'next to|beside|besides|near|close to|alongside|by the side of': Relation.BESIDE,
    'left of|to the left of|on the left of|at the left of|on the left side of'
    '|to the left side of': Relation.LEFT,
    'right of|to the right of|on the right of|at the right of|on the right side of'
    '|to the right side of': Relation.RIGHT,
    'in front of|to the front of': Relation.FRONT,
    'behind|to the back of|in back of': Relation.BEHIND,
    'above|over': Relation.ABOVE,
    'between|in between': Relation.BETWEEN,
    'under|underneath|below|beneath': Relation.UNDER,
    'around': Relation.AROUND,
    'through': Relation.THROUGH,
})
MOTION = frozenset(('onto', 'onto the top of', 'on to', 'to', 'over to', 'into', 'in to',
                    'to the front of',
                    'to the back of'))
"""Prepositions that say where to, never where something is."""
ORIGINS: Table[Relation] = _table({'from|off|from on top of|from the top of': Relation.ON,
                                   'out of|from inside|from in': Relation.IN})
"""Prepositions that say where something is before it is moved."""
UNKNOWN_PLACES = frozenset((Relation.UNDER, Relation.AROUND, Relation.THROUGH))

DIRECTIONS: Table[Direction] = _table({
    'left|leftwards|leftward|to the left|to your left': Direction.LEFT,
    'right|rightwards|rightward|to the right|to your right': Direction.RIGHT,
    'forward|forwards|away|away from you|away from yourself|away from me|away from the robot'
    '|to the back': Direction.FORWARD,
    'back|backward|backwards|towards you|toward you|towards yourself|toward yourself|towards me'
    '|toward me|towards the robot|toward the robot|to the front|closer|nearer':
        Direction.BACKWARD,
})
TOWARDS: Table[Way] = _table({
    'towards|toward|in the direction of': Way.TOWARDS,
    'to|up to|against|into': Way.UP_TO,
    'away from': Way.AWAY,
})

EXTREMES: Table[Extreme] = _table({
    'leftmost|left most|left-most': Extreme.LEFTMOST,
    'rightmost|right most|right-most': Extreme.RIGHTMOST,
    'frontmost|front most|front-most': Extreme.FRONTMOST,
    'rearmost|backmost|hindmost': Extreme.REARMOST,
    'largest|biggest': Extreme.LARGEST, 'smallest': Extreme.SMALLEST, 'tallest': Extreme.TALLEST,
})
COMPARED: Table[Extreme] = _table({
    'nearest to|nearest|closest to|closest': Extreme.NEAREST,
    'farthest from|furthest from|farthest away from|furthest away from': Extreme.FARTHEST,
})

MANNERS: Table[Manner] = _table({
    'slowly|gently|carefully|softly|cautiously|smoothly|with care': Manner.SLOWLY,
    'upright|level|without spilling|without spilling it|without spilling anything'
    '|without tilting|without tilting it|keep it upright|keep it level|keeping it upright'
    '|keeping it level': Manner.UPRIGHT,
    'high|high up|high above the table|high over the table': Manner.HIGH,
    'low|low above the table|low over the table': Manner.LOW,
})

KEEP = _phrases('stay|staying|keep|keeping|steer|steering')
CLEAR = _phrases('clear|clear of|clear from|away|away from|off|well clear of|well away from'
                 '|well clear|well away|a distance from|distance from')
AVOID = _phrases(
    'avoid|avoiding|watch out for|mind|away from|well away from|clear of|well clear of|'
    + '|'.join(
        f'{forbidden} {verb}'
        for forbidden in ('without', 'do not', "don't", 'never')
        for verb in ('touch', 'touching', 'hit', 'hitting', 'bump into', 'bumping into',
                     'knock over', 'knocking over', 'collide with', 'colliding with')
    )
)
NOTHING_TO_ADD = _phrases('obstacle|obstacles|all obstacles|every obstacle|any obstacle')
"""Obstacles are avoided anyway, by their kind."""

BY = _phrases('by|by at least|at least|with a margin of|with a distance of|with a gap of|at')
HIGH_UP = _phrases('high|up|above the table|into the air|upwards|deep|wide')
"""What may follow the length of a lift or an opening."""
UNITS: Table[float] = _table({
    'mm|millimetre|millimetres|millimeter|millimeters': 0.001,
    'cm|centimetre|centimetres|centimeter|centimeters': 0.01,
    'm|metre|metres|meter|meters': 1.0,
})
NUMBERS: Table[float] = _table({
    'one': 1.0, 'two': 2.0, 'three': 3.0, 'four': 4.0, 'five': 5.0, 'six': 6.0, 'seven': 7.0,
    'eight': 8.0, 'nine': 9.0, 'ten': 10.0, 'twelve': 12.0, 'fifteen': 15.0, 'twenty': 20.0,
    'thirty': 30.0, 'forty': 40.0, 'fifty': 50.0,
})

COURTESIES = _phrases(
    'please|kindly|can you|could you|would you|will you|can|could|would|will|you|robot|now|then'
    '|and|,|i want you to|i would like you to|thanks|thank you'
)
CONNECTIVES = _phrases('and|but|while|then|and then|also|please|thanks|thank you|,|now')
LIST_SEPARATORS = _phrases('and|or|,|, and|, or|nor')
HOVERING = _phrases('above|over|to')
AND = _phrases('and')
OTHER = _phrases('other')
WHICH_IS = _phrases('that is|which is|is|that stands|that lies|standing|lying')
PRONOUNS = _phrases('it|them|that|this')
ARTICLES = _phrases('the|a|an|that|this|my|your')

NEGATIONS = frozenset((
    'not', 'no', 'never', 'without', 'except', 'cannot', 'nor', 'neither', 'none', 'nothing',
    'nobody', 'dont', 'cant', 'wont', 'stop', 'refrain', 'unless', 'instead', 'rather', 'forbid',
    'forbidden', 'prohibited', 'refuse', 'avoid', 'avoiding', 'false',
))


def is_negation(word: str) -> bool:
    """Whether a word turns a meaning round, so that it must never be part of a name."""
    return word in NEGATIONS or word.endswith("n't")


_OPEN_CLASS = frozenset(('the', 'a', 'an', 'my', 'your', 'this', 'that', 'me', 'robot', 'table',
                         'contents', 'one'))
RESERVED = frozenset(
    word
    for table in (VERBS, PARTICLES, RELATIONS, ORIGINS, DIRECTIONS, TOWARDS, EXTREMES, COMPARED,
                  MANNERS, KEEP, CLEAR, AVOID, BY, UNITS, NUMBERS, COURTESIES, CONNECTIVES,
                  LIST_SEPARATORS, OTHER, WHICH_IS, PRONOUNS)
    for phrase in table for word in phrase
) - _OPEN_CLASS
"""Words that end a name, unless they are part of the whole name of an object in view."""
_NUMBER = re.compile(r'\d+(?:\.\d+)?$')


def number(word: str) -> float | None:
    """The number a word is, if it is one; never negative."""
    return float(word) if _NUMBER.match(word) else NUMBERS.get((word,))


def ends_name(word: str) -> bool:
    """Whether a word is none of a name's, if the name is not said as a whole."""
    is_number = number(word) is not None and word != 'one'
    return word in RESERVED or is_negation(word) or is_number
