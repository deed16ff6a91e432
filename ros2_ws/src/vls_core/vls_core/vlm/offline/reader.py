"""The words of a sentence, and ways to look at a place in it for what a table has.

Grammar functions are generators: given a place they yield every way to read on from there, as the
value read and the place behind it. Places are indices of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from vls_core.vlm.offline.lexicon import BY, UNITS, Table, ends_name, is_negation, number
from vls_core.vlm.sentence import normalise

Value = TypeVar('Value')
_GLUED_UNIT = re.compile(r'(?<![\w.-])(\d+(?:\.\d+)?)([a-z]+)\b')


class Reader:
    """A sentence being read.

    Attributes:
        words: of the normalised sentence; a comma is a word.
        furthest: the place up to which some reading got.
    """

    def __init__(self, instruction: str, names: tuple[str, ...] = ()) -> None:
        """Args: names: of the objects in view; they may hold words that would end a name."""
        self.words = _split(instruction)
        self.furthest = 0
        self._names = tuple(
            parts for parts in map(_split, names)
            if any(map(ends_name, parts)) and not any(map(is_negation, parts))
            and not all(map(ends_name, parts))
        )

    def match(self, at: int, table: Table[Value]) -> tuple[Value, int] | None:
        """The longest phrase of a table that stands here, and the place behind it."""
        longest = max(map(len, table))
        for end in range(min(len(self.words), at + longest), at, -1):
            phrase = self.words[at:end]
            if phrase in table:
                return table[phrase], self._reached(end)
        return None

    def skip(self, at: int, *tables: Table[bool]) -> int:
        """The place behind everything here that is in one of the tables."""
        while True:
            found = next(filter(None, (self.match(at, table) for table in tables)), None)
            if found is None:
                return at
            at = found[1]

    def names(self, at: int) -> Iterator[tuple[str, int]]:
        """What may be a name or a part of one: all words up to one that ends names."""
        end = at
        while end < len(self.words) and not ends_name(self.words[end]):
            end += 1
        if end > at:
            yield ' '.join(self.words[at:end]), self._reached(end)
        for name in self._names:
            if self.words[at:at + len(name)] == name:
                yield ' '.join(name), self._reached(at + len(name))

    def length(self, at: int) -> tuple[float, int] | None:
        """A number with a unit, in metres, perhaps after "by" or "at least"."""
        at = self.skip(at, BY)
        value = number(self.words[at]) if at < len(self.words) else None
        unit = self.match(at + 1, UNITS) if value is not None else None
        if value is None or unit is None:
            return None
        return value * unit[0], unit[1]

    def text(self, start: int, end: int | None = None) -> str:
        """The words between two places."""
        return ' '.join(self.words[start:end]).replace(' ,', ',')

    def _reached(self, at: int) -> int:
        self.furthest = max(self.furthest, at)
        return at


def _split(text: str) -> tuple[str, ...]:
    return tuple(_GLUED_UNIT.sub(r'\1 \2', normalise(text)).split())
