"""Reads what stands for a thing: "the red cube", "the leftmost one", "the cube near the bottle".

    thing       = [article] ["other"] [extreme] name [description]
    description = ["that is"] relation landmark | "between" landmark "and" landmark
                | ["that is"] "nearest to" landmark
    landmark    = a thing without a description of its own
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vls_core.vlm.offline.lexicon import (
    AND,
    ARTICLES,
    COMPARED,
    EXTREMES,
    LIST_SEPARATORS,
    MOTION,
    ORIGINS,
    OTHER,
    RELATIONS,
    UNKNOWN_PLACES,
    WHICH_IS,
)
from vls_core.vlm.offline.reader import Reader
from vls_core.vlm.offline.syntax import Phrase, Relation

NO_DESCRIPTION = frozenset((Relation.ABOVE, *UNKNOWN_PLACES))
"""Relations that do not say where something stands."""


def thing(reader: Reader, at: int) -> Iterator[tuple[Phrase, int]]:
    """Every way to read a thing here; those without a description come first."""
    plain = list(landmark(reader, at))
    yield from plain
    for phrase, end in plain:
        if phrase.extreme is None:
            yield from _described(reader, phrase, reader.skip(end, WHICH_IS))


def landmark(reader: Reader, at: int) -> Iterator[tuple[Phrase, int]]:
    """Every way to read a thing that nothing else is said about."""
    at = reader.skip(at, ARTICLES)
    other = reader.match(at, OTHER)
    at = other[1] if other else at
    extreme = reader.match(at, EXTREMES)
    kind, at = extreme or (None, at)
    for words, end in reader.names(at):
        yield Phrase(words, other is not None, kind), end


def things(reader: Reader, at: int) -> Iterator[tuple[tuple[Phrase, ...], int]]:
    """Every way to read a list of things."""
    for first, end in thing(reader, at):
        yield (first,), end
        separator = reader.match(end, LIST_SEPARATORS)
        if separator:
            for others, last in things(reader, separator[1]):
                yield (first, *others), last


def landmarks(
    reader: Reader, relation: Relation, at: int, described: bool
) -> Iterator[tuple[tuple[Phrase, ...], int]]:
    """What a relation refers to: two things for "between", else one."""
    one = thing if described else landmark
    for first, end in one(reader, at):
        if relation is not Relation.BETWEEN:
            yield (first,), end
            continue
        separator = reader.match(end, AND)
        if separator:
            for second, last in one(reader, separator[1]):
                yield (first, second), last


def _described(reader: Reader, phrase: Phrase, at: int) -> Iterator[tuple[Phrase, int]]:
    compared = reader.match(at, COMPARED)
    if compared:
        for marks, end in landmarks(reader, Relation.BESIDE, compared[1], described=False):
            yield replace(phrase, extreme=compared[0], landmarks=marks), end
    found = reader.match(at, RELATIONS)
    if found and (reader.text(at, found[1]) in MOTION or found[0] in NO_DESCRIPTION):
        found = None
    found = found or reader.match(at, ORIGINS)
    if found:
        for marks, end in landmarks(reader, found[0], found[1], described=False):
            yield replace(phrase, relation=found[0], landmarks=marks), end
