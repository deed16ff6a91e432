"""What a term written in code says it is for: in its docstring, one per line.

    goal: red cube.top + (0, 0, 0.1)
    obstacle: bottle

The offset is in metres in the base frame (x forward, y left, z up) and may be left out. Case,
blanks, list bullets, quotes and backquotes do not matter.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from vls_core.rewards.program import Code
from vls_core.rewards.verification.goal import Goal

LARGEST_OFFSET = 1.0
"""Farther than this a goal is not from its keypoint [m]."""
_LINE = re.compile(r'^[-*#]*\s*[`"\']*(goal|obstacle)[`"\']*\s*[:=]\s*(.+)$', re.IGNORECASE)
_OFFSET = re.compile(r'^(?P<name>.+?)\s*(?P<sign>[+-])\s*[\[(](?P<numbers>[^\])]*)[\])]$')
_QUOTES = ' \t`"\'.,;'

HOW_TO_DECLARE = (
    'say in the docstring what it is for, one per line: "goal: <keypoint> + (x, y, z)" for where '
    'it leads to, in metres from a keypoint, and "obstacle: <keypoint>" for what it keeps clear of'
)


class DeclarationError(ValueError):
    """A declaration is not understood; the message says what one looks like."""


@dataclass(frozen=True)
class Declaration:
    """What a term leads to and what it keeps clear of; neither, if it says nothing."""

    goal: Goal | None = None
    obstacle: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is declared."""
        return self.goal is None and self.obstacle is None

    @property
    def names(self) -> tuple[str, ...]:
        """The keypoints it speaks of."""
        names = (self.goal.keypoint if self.goal else None, self.obstacle)
        return tuple(name for name in names if name is not None)


def declaration_of(term: Code) -> Declaration:
    """What the fields of a term in a program say."""
    goal = None if term.goal is None else Goal(term.goal, tuple(term.goal_offset))
    return Declaration(goal, term.obstacle)


def read_declaration(docstring: str) -> Declaration:
    """What a docstring declares; an empty declaration if it has no such lines.

    Raises:
        DeclarationError: a line is not understood, or two contradict each other.
    """
    found: dict[str, Goal | str] = {}
    for line in docstring.splitlines():
        match = _LINE.match(line.strip())
        if not match:
            continue
        what, text = match[1].lower(), match[2].strip(_QUOTES)
        if text.lower() in ('none', 'null', '-', ''):
            continue
        value: Goal | str = _goal(text) if what == 'goal' else text
        if found.setdefault(what, value) != value:
            raise DeclarationError(f'two different {what}s are declared; a term has one at most')
    goal, obstacle = found.get('goal'), found.get('obstacle')
    return Declaration(
        goal if isinstance(goal, Goal) else None, obstacle if isinstance(obstacle, str) else None
    )


def _goal(text: str) -> Goal:
    match = _OFFSET.match(text)
    if not match:
        if any(mark in text for mark in '+()[]'):
            raise DeclarationError(_example(text))
        return Goal(text)
    parts = match['numbers'].split(',')
    try:
        x, y, z = (float(part) for part in parts)
    except ValueError:
        raise DeclarationError(_example(text)) from None
    sign = -1.0 if match['sign'] == '-' else 1.0
    offset = (sign * x + 0.0, sign * y + 0.0, sign * z + 0.0)
    if not all(math.isfinite(value) and abs(value) <= LARGEST_OFFSET for value in offset):
        raise DeclarationError(f'the offset of the goal {text[:80]} is beyond {LARGEST_OFFSET} m')
    return Goal(match['name'].strip(_QUOTES), offset)


def _example(text: str) -> str:
    return (
        f'the goal {text[:80]!r} is not understood; write a keypoint and an offset in metres, '
        'e.g. "goal: mug.top + (0, 0, 0.1)"'
    )
