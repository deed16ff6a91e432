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
from dataclasses import dataclass, replace

from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.lexicon import (
    AVOID,
    CLEAR,
    CONNECTIVES,
    COURTESIES,
    DIRECTIONS,
    HIGH_UP,
    HOVERING,
    KEEP,
    MANNERS,
    MOTION,
    PARTICLES,
    PRONOUNS,
    RELATIONS,
    TOWARDS,
    VERBS,
    is_negation,
)
from vls_core.vlm.offline.phrases import landmarks, thing, things
from vls_core.vlm.offline.reader import Reader
from vls_core.vlm.offline.syntax import (
    Action,
    Avoidance,
    Command,
    Heading,
    Manner,
    Phrase,
    Place,
    Relation,
    Verb,
    Way,
)

EXAMPLE = '"put the <object> on the <target>, stay clear of the <obstacle>"'
LONGEST_SENTENCE = 60
"""Words; one task needs no more."""
_HEADED = frozenset((Verb.PUSH, Verb.PULL, Verb.MOVE))
_PLACED = frozenset((Verb.PICK, Verb.PUT, Verb.MOVE, Verb.STACK, Verb.INSERT, Verb.POUR))


@dataclass(frozen=True)
class _Upright:
    """ "keep the <thing> upright"."""

    thing: Phrase


Part = Action | Avoidance | frozenset[Manner] | _Upright
Found = tuple[Action, frozenset[Manner], int]


def readings(instruction: str, names: tuple[str, ...] = ()) -> tuple[Command, ...]:
    """Every way a sentence can be understood, the simplest ones first.

    Arguments:
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
            command = _combine(instruction, parts)
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
    yield from _actions(reader, at)
    yield from _avoidances(reader, at)
    yield from _upright(reader, at)
    manner = reader.match(at, MANNERS)
    if manner:
        yield frozenset((manner[0],)), manner[1]


def _actions(reader: Reader, at: int) -> Iterator[tuple[Action, int]]:
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
    found = reader.match(at, RELATIONS) if verb in _PLACED else None
    if not found:
        return
    said = reader.text(at, found[1])
    if verb is Verb.PICK and said not in MOTION and found[0] is not Relation.ABOVE:
        return
    for marks, end in landmarks(reader, found[0], found[1], described=True):
        yield Place(found[0], marks, said), end


def _headings(reader: Reader, verb: Verb, at: int) -> Iterator[tuple[Heading, int]]:
    if verb not in _HEADED:
        return
    direction = reader.match(at, DIRECTIONS)
    if direction:
        yield Heading(reader.text(at, direction[1]), direction[0]), direction[1]
    way = reader.match(at, TOWARDS)
    if way and not (verb is Verb.MOVE and way[0] is Way.UP_TO):
        for landmark, end in thing(reader, way[1]):
            yield Heading(reader.text(at, end), None, way[0], landmark), end


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


def _upright(reader: Reader, at: int) -> Iterator[tuple[_Upright, int]]:
    keep = reader.match(at, KEEP)
    if not keep:
        return
    for kept, end in thing(reader, keep[1]):
        manner = reader.match(end, MANNERS)
        if manner and manner[0] is Manner.UPRIGHT:
            yield _Upright(kept), manner[1]


def _combine(instruction: str, parts: tuple[Part, ...]) -> Command:
    """One command from all parts. Raises NotUnderstoodError."""
    uprights = [part.thing for part in parts if isinstance(part, _Upright)]
    action = _one_action(
        instruction, [part for part in parts if isinstance(part, Action)],
        uprights[0] if isinstance(parts[0], _Upright) else None,
    )
    apart = [part for part in parts if isinstance(part, frozenset)]
    manner = action.manner.union(*apart)
    manner |= {Manner.UPRIGHT} if uprights else set()
    if {Manner.HIGH, Manner.LOW} <= manner:
        raise NotUnderstoodError(f'"{instruction}" asks for both high and low; say which')
    avoided = tuple(part for part in parts if isinstance(part, Avoidance))
    return Command(action, avoided, manner, tuple(uprights))


def _one_action(instruction: str, actions: list[Action], before: Phrase | None) -> Action:
    """The action; a pronoun is what was spoken of just before. Raises NotUnderstoodError."""
    refusal = NotUnderstoodError(
        f'"{instruction}" is not one task with one object; say it like {EXAMPLE}'
    )
    if len(actions) == 2:
        first, second = actions
        merged = second.thing is None and second.verb in _PLACED
        if not merged or replace(first, manner=frozenset()) != Action(Verb.PICK, first.thing):
            raise refusal
        actions = [replace(second, thing=first.thing, manner=first.manner | second.manner)]
    if len(actions) != 1:
        raise refusal
    action = replace(actions[0], thing=actions[0].thing or before)
    if action.thing is None:
        raise refusal
    return action


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
