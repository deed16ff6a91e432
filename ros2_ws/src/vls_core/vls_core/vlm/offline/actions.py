"""Reads an action: a verb, what it is done to, and what else is said about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vls_core.vlm.offline.lexicon import (
    DIRECTIONS,
    HIGH_UP,
    HOVERING,
    MANNERS,
    MOTION,
    PARTICLES,
    PRONOUNS,
    RELATIONS,
    TOWARDS,
    VERBS,
)
from vls_core.vlm.offline.phrases import landmarks, thing
from vls_core.vlm.offline.reader import Reader
from vls_core.vlm.offline.syntax import Action, Heading, Phrase, Place, Relation, Verb, Way

HEADED = frozenset((Verb.PUSH, Verb.PULL, Verb.MOVE))
"""Verbs that may have a direction."""
PLACED = frozenset((Verb.PICK, Verb.PUT, Verb.MOVE, Verb.STACK, Verb.INSERT, Verb.POUR))
"""Verbs that may have a place; what was picked up can be dealt with further by these."""


def actions(reader: Reader, at: int) -> Iterator[tuple[Action, int]]:
    """Every way to read an action here."""
    verb = reader.match(at, VERBS)
    if not verb:
        return
    manner = reader.match(verb[1], MANNERS)
    said = frozenset((manner[0],)) if manner else frozenset()
    action = Action(verb[0], None, manner=said)
    at = manner[1] if manner else verb[1]
    if verb[0] is Verb.HOVER:
        yield from _hovering(reader, action, at)
        return
    for object_, end in _objects(reader, at):
        yield from _complements(reader, replace(action, thing=object_), end)


def _hovering(reader: Reader, action: Action, at: int) -> Iterator[tuple[Action, int]]:
    """ "hover [length] above <thing>": what goes up is the hand, so the thing comes last."""
    length = reader.length(at)
    if length:
        action, at = replace(action, length=length[0]), length[1]
    preposition = reader.match(at, HOVERING)
    if preposition:
        for object_, end in thing(reader, preposition[1]):
            yield from _complements(reader, replace(action, thing=object_), end)


def _objects(reader: Reader, at: int) -> Iterator[tuple[Phrase | None, int]]:
    pronoun = reader.match(at, PRONOUNS)
    if pronoun:
        yield None, pronoun[1]
    elif reader.match(at, RELATIONS):
        yield None, at  # "grab the milk and put into the basket"
    yield from thing(reader, at)


def _complements(reader: Reader, action: Action, at: int) -> Iterator[tuple[Action, int]]:
    """The action with what is said about it, each thing at most once, in any order."""
    manner = reader.match(at, MANNERS)
    if manner:
        action = replace(action, manner=action.manner | {manner[0]})
        yield from _complements(reader, action, manner[1])
        return
    particle = reader.match(at, PARTICLES)
    if particle and action.verb in particle[0]:
        yield from _complements(reader, _with_particle(action, reader, at), particle[1])
    yield action, at
    if action.length is None:
        length = reader.length(at)
        if length:
            end = reader.skip(length[1], HIGH_UP)
            yield from _complements(reader, replace(action, length=length[0]), end)
    if action.place is None and action.heading is None:
        for heading, end in _headings(reader, action.verb, at):
            yield from _complements(reader, replace(action, heading=heading), end)
        for place, end in _places(reader, action.verb, at):
            yield from _complements(reader, replace(action, place=place), end)


def _with_particle(action: Action, reader: Reader, at: int) -> Action:
    """ "pull ... open" is opening, "push ... shut" is closing; others change nothing."""
    word = reader.words[at]
    verb = {'open': Verb.OPEN, 'shut': Verb.CLOSE, 'closed': Verb.CLOSE}.get(word, action.verb)
    return replace(action, verb=verb)


def _places(reader: Reader, verb: Verb, at: int) -> Iterator[tuple[Place, int]]:
    found = reader.match(at, RELATIONS) if verb in PLACED else None
    if not found:
        return
    said = reader.text(at, found[1])
    if verb is Verb.PICK and said not in MOTION and found[0] is not Relation.ABOVE:
        return
    for marks, end in landmarks(reader, found[0], found[1], described=True):
        yield Place(found[0], marks, said), end


def _headings(reader: Reader, verb: Verb, at: int) -> Iterator[tuple[Heading, int]]:
    if verb not in HEADED:
        return
    direction = reader.match(at, DIRECTIONS)
    if direction:
        yield Heading(reader.text(at, direction[1]), direction[0]), direction[1]
    way = reader.match(at, TOWARDS)
    if way and not (verb is Verb.MOVE and way[0] is Way.UP_TO):
        for landmark, end in thing(reader, way[1]):
            yield Heading(reader.text(at, end), None, way[0], landmark), end
