"""The offline author: rules instead of a model, for one pick-and-place task. No network.

It is not a language model and never called one: `source` is "offline rules". What it cannot ground
it refuses, and says what it could.
"""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.types import ObjectKind, Scene, SceneObject
from vls_core.vlm.author import (
    AuthoredProgram,
    AuthorRequest,
    NotUnderstoodError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.layout import MAXIMUM_AVOIDED, pick_and_place
from vls_core.vlm.reference import candidates
from vls_core.vlm.sentence import parse
from vls_core.vlm.steps import OnStep, ignore_step

SOURCE = 'offline rules'
VERSION = 1


@dataclass(frozen=True)
class _Mention:
    """A phrase of the instruction and the objects it may mean."""

    phrase: str
    objects: tuple[SceneObject, ...]

    def the_one(self, *preferred: ObjectKind) -> SceneObject:
        """The object meant; those of a preferred kind come first. Raises NotUnderstoodError."""
        fitting = tuple(item for item in self.objects if item.kind in preferred) or self.objects
        if len(fitting) > 1:
            names = ', '.join(item.name for item in fitting)
            raise NotUnderstoodError(f'"{self.phrase}" could be any of: {names}; say which')
        return fitting[0]


class OfflineAuthor:
    """Writes the pick-and-place program a sentence asks for, avoiding every obstacle in view."""

    @property
    def identity(self) -> str:
        """Name and version of the rules."""
        return f'{SOURCE} {VERSION}'

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`; never raises EndpointError or MalformedAnswerError."""
        command, scene = parse(request.instruction), request.scene
        mentions = _ground((command.subject, command.target), command.avoided, scene)
        subject = mentions[0].the_one(ObjectKind.GRASPABLE)
        target = mentions[1].the_one(ObjectKind.SURFACE, ObjectKind.GRASPABLE)
        _require_sense(subject, target)
        asked = _names_to_avoid(mentions[2:], subject, target)
        unasked = tuple(
            item.name for item in scene.of_kind(ObjectKind.OBSTACLE) if item.name not in asked
        )
        avoided = asked + unasked
        if len(avoided) > MAXIMUM_AVOIDED:
            raise NotUnderstoodError(
                f'{len(avoided)} objects are to be avoided ({", ".join(avoided)}); '
                f'the rules can keep clear of {MAXIMUM_AVOIDED}'
            )
        program = pick_and_place(subject.name, target.name, avoided, command.inside)
        return AuthoredProgram(program, SOURCE, _notes(subject, target, asked, unasked))


def _ground(needed: tuple[str, ...], avoided: tuple[str, ...], scene: Scene) -> list[_Mention]:
    """The needed phrases in order, then every single thing to avoid.

    Raises:
        UnknownObjectInInstructionError: with all phrases that name nothing.
    """
    parts = [part for phrase in avoided for part in _parts(phrase, scene)]
    mentions = [
        _Mention(_without_article(phrase), candidates(phrase, scene))
        for phrase in (*needed, *parts)
    ]
    # "the obstacles" are avoided anyway, by their kind.
    mentions = mentions[:2] + [
        item for item in mentions[2:]
        if item.objects or item.phrase not in ('obstacle', 'obstacles')
    ]
    unknown = tuple(item.phrase for item in mentions if not item.objects)
    if unknown:
        found = ', '.join(
            f'"{item.phrase}" is the {item.objects[0].name}'
            for item in mentions if len(item.objects) == 1
        )
        raise UnknownObjectInInstructionError(unknown, scene.names, found)
    return mentions


def _parts(phrase: str, scene: Scene) -> list[str]:
    """The single things of "the bottle and the green cube", unless it is one object's name."""
    if candidates(phrase, scene):
        return [phrase]
    pieces = phrase.replace(' , ', ' and ').replace(' or ', ' and ').split(' and ')
    return [piece.strip() for piece in pieces]


def _without_article(phrase: str) -> str:
    first, _, rest = phrase.partition(' ')
    return rest if first in ('the', 'a', 'an') and rest else phrase


def _require_sense(subject: SceneObject, target: SceneObject) -> None:
    if subject.kind is not ObjectKind.GRASPABLE:
        raise NotUnderstoodError(f'the {subject.name} is not something to pick up')
    if target.kind is ObjectKind.OBSTACLE:
        raise NotUnderstoodError(f'the {target.name} is an obstacle, nothing is put there')
    if subject.name == target.name:
        raise NotUnderstoodError(f'the {subject.name} cannot be put on itself')


def _names_to_avoid(
    mentions: list[_Mention], subject: SceneObject, target: SceneObject
) -> tuple[str, ...]:
    names = [item.the_one(ObjectKind.OBSTACLE).name for item in mentions]
    for name in (subject.name, target.name):
        if name in names:
            raise NotUnderstoodError(f'the {name} cannot be both used and stayed clear of')
    return tuple(dict.fromkeys(names))


def _notes(
    subject: SceneObject, target: SceneObject, asked: tuple[str, ...], unasked: tuple[str, ...]
) -> tuple[str, ...]:
    notes = [f'understood by {SOURCE}: bring the {subject.name} to the {target.name}']
    if asked:
        notes.append(f'staying clear of {", ".join(asked)}, as asked')
    if unasked:
        notes.append(f'staying clear of {", ".join(unasked)} too, as of every obstacle in view')
    return tuple(notes)
