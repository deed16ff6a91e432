"""Reads a sentence: every way it can be understood, in the sentence's own words.

    sentence   = {courtesy} part {[connective] part} [connective]
    part       = action | avoidance | manner | "keep" thing "upright"
    action     = verb [manner] (pronoun | thing) {manner | particle | length | place | heading}
               | ("hover" | "go") [manner] [length] ("above" | "to") thing {manner | length}
    place      = relation thing | "between" thing "and" thing
    heading    = direction | "towards" thing | "away from" thing
    avoidance  = "avoid" | "stay" [length] "clear of" ...  thing {("," | "and") thing} [length]
    length     = ["by" | "at least"] number unit

No word is skipped but articles, courtesies and connectives at the places shown: a word that is
nowhere foreseen ends the reading. What the words refer to is for `grounding` to find out.
"""

from __future__ import annotations

from collections.abc import Iterator

from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.actions import actions
from vls_core.vlm.offline.combining import EXAMPLE, Part, Upright, combine
from vls_core.vlm.offline.lexicon import (
    AVOID,
    CLEAR,
    CONNECTIVES,
    COURTESIES,
    KEEP,
    MANNERS,
    is_negation,
)
from vls_core.vlm.offline.phrases import thing, things
from vls_core.vlm.offline.reader import Reader
from vls_core.vlm.offline.syntax import Avoidance, Command, Manner

LONGEST_SENTENCE = 60
"""Words; one task needs no more."""


def readings(instruction: str, names: tuple[str, ...] = ()) -> tuple[Command, ...]:
    """Every way a sentence can be understood, the simplest ones first.

    Args:
        names: of the objects in view.

    Raises:
        NotUnderstoodError: there is none.
    """
    reader = Reader(instruction, names)
    if len(reader.words) > LONGEST_SENTENCE:
        raise NotUnderstoodError(
            f'that is more than {LONGEST_SENTENCE} words; say one task, like {EXAMPLE}'
        )
    found: list[Command] = []
    problems: list[str] = []
    for parts in _sentences(reader, reader.skip(0, COURTESIES)):
        try:
            command = combine(instruction, parts)
        except NotUnderstoodError as error:
            problems.append(str(error))
            continue
        if command not in found:
            found.append(command)
    if not found:
        raise NotUnderstoodError(problems[0] if problems else _why_not(instruction, reader))
    return tuple(found)


def _sentences(reader: Reader, at: int) -> Iterator[tuple[Part, ...]]:
    for part, end in _parts(reader, at):
        rest = reader.skip(end, CONNECTIVES)
        if rest == len(reader.words):
            yield (part,)
        else:
            yield from ((part, *others) for others in _sentences(reader, rest))


def _parts(reader: Reader, at: int) -> Iterator[tuple[Part, int]]:
    yield from actions(reader, at)
    yield from _avoidances(reader, at)
    yield from _upright(reader, at)
    manner = reader.match(at, MANNERS)
    if manner:
        yield frozenset((manner[0],)), manner[1]


def _avoidances(reader: Reader, at: int) -> Iterator[tuple[Avoidance, int]]:
    keep = reader.match(at, KEEP)
    before = reader.length(keep[1]) if keep else None
    after_keep = before[1] if before else keep[1] if keep else at
    start = reader.match(after_keep, CLEAR if keep else AVOID)
    if not start:
        return
    for avoided, end in things(reader, start[1]):
        behind = reader.length(end)
        if before is None and behind:
            yield Avoidance(avoided, behind[0]), behind[1]
        yield Avoidance(avoided, before[0] if before else None), end


def _upright(reader: Reader, at: int) -> Iterator[tuple[Upright, int]]:
    keep = reader.match(at, KEEP)
    if not keep:
        return
    for kept, end in thing(reader, keep[1]):
        manner = reader.match(end, MANNERS)
        if manner and manner[0] is Manner.UPRIGHT:
            yield Upright(kept), manner[1]


def _why_not(instruction: str, reader: Reader) -> str:
    start = reader.skip(0, COURTESIES)
    rest = reader.words[reader.furthest:]
    if reader.furthest <= start or not rest and not reader.words:
        return f'"{instruction}" does not begin with a command I know; say it like {EXAMPLE}'
    if any(map(is_negation, rest)):
        return f'"{instruction}" forbids something in a way I do not know; say it like {EXAMPLE}'
    read = reader.text(0, reader.furthest)
    if not rest:
        return f'"{read}" ends too early; say it like {EXAMPLE}'
    return (
        f'I can read "{read}", but not "{reader.text(reader.furthest)}" after it; '
        f'say it like {EXAMPLE}'
    )
