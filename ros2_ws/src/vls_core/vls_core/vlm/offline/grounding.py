"""From the phrases of a command to the objects in view. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.types import ObjectKind, Scene, SceneObject
from vls_core.vlm.author import NotUnderstoodError, UnknownObjectInInstructionError
from vls_core.vlm.offline.descriptions import extreme_of, holds
from vls_core.vlm.offline.lexicon import NOTHING_TO_ADD
from vls_core.vlm.offline.names import candidates, is_silent, several
from vls_core.vlm.offline.syntax import Avoidance, Command, Phrase


@dataclass
class Grounding:
    """Finds what the phrases of one command mean in one scene.

    Attributes:
        used: names of the objects it has found for what is done, in order.
    """

    command: Command
    scene: Scene
    workspace: WorkspaceBox = DEFAULT_WORKSPACE
    used: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Raises UnknownObjectInInstructionError: with all phrases that name nothing."""
        phrases = [phrase for phrase in _phrases(self.command)
                   if not (phrase.other and is_silent(phrase.words))]
        known = {phrase.words: self._named(phrase) for phrase in phrases}
        unknown = tuple(words for words, objects in known.items() if not objects)
        if unknown:
            found = ', '.join(f'"{words}" is the {objects[0].name}'
                              for words, objects in known.items() if len(objects) == 1)
            raise UnknownObjectInInstructionError(unknown, self.scene.names, found)

    def one(self, phrase: Phrase | None, *preferred: ObjectKind) -> SceneObject:
        """The object something is done to, or that says where.

        Where several fit, those of a preferred kind come first. Raises NotUnderstoodError.
        """
        assert phrase is not None, 'the grammar resolves pronouns'
        found = self._the_one(phrase, preferred)
        self.used.append(found.name)
        return found

    def avoided(self) -> dict[str, float | None]:
        """Everything the command says to stay clear of, and the margins it gives [m].

        Raises:
            NotUnderstoodError: something is used as well, or it is not clear what is meant.
        """
        margins: dict[str, float | None] = {}
        for avoidance in self.command.avoided:
            for item in self._to_avoid(avoidance):
                if item.name in self.used:
                    raise NotUnderstoodError(
                        f'the {item.name} cannot be both used and stayed clear of'
                    )
                wider = max((avoidance.margin or 0.0), (margins.get(item.name) or 0.0))
                margins[item.name] = wider or None
        return margins

    def require_upright(self, subject: str) -> None:
        """Raises NotUnderstoodError: something else than the subject is to be kept upright."""
        for phrase in self.command.kept_upright:
            kept = self._the_one(phrase, (ObjectKind.GRASPABLE,))
            if kept.name != subject:
                raise NotUnderstoodError(
                    f'I can keep upright only what is moved, not the {kept.name}'
                )

    def _to_avoid(self, avoidance: Avoidance) -> Iterator[SceneObject]:
        for phrase in avoidance.things:
            if tuple(phrase.words.split()) in NOTHING_TO_ADD and not self._named(phrase):
                yield from self.scene.of_kind(ObjectKind.OBSTACLE)
            elif candidates(phrase.words, self.scene) or phrase.other and is_silent(phrase.words):
                yield self._the_one(phrase, (ObjectKind.OBSTACLE,))
            else:
                yield from self._all(phrase)

    def _all(self, phrase: Phrase) -> tuple[SceneObject, ...]:
        """What a plural means; those in use are no others."""
        fitting = self._described(phrase, several(phrase.words, self.scene))
        return tuple(item for item in fitting if not (phrase.other and item.name in self.used))

    def _named(self, phrase: Phrase) -> tuple[SceneObject, ...]:
        by_name = candidates(phrase.words, self.scene)
        if by_name or not any(phrase in avoidance.things for avoidance in self.command.avoided):
            return by_name
        if tuple(phrase.words.split()) in NOTHING_TO_ADD:
            return self.scene.objects
        return several(phrase.words, self.scene)

    def _the_one(self, phrase: Phrase, preferred: tuple[ObjectKind, ...]) -> SceneObject:
        objects = candidates(phrase.words, self.scene)
        if phrase.other:
            objects = self._others(phrase)
        objects = self._described(phrase, objects)
        fitting = tuple(item for item in objects if item.kind in preferred) or objects
        if len(fitting) > 1:
            names = ', '.join(item.name for item in fitting)
            raise NotUnderstoodError(f'"{phrase}" could be any of: {names}; say which')
        if not fitting:
            raise NotUnderstoodError(f'there is no "{phrase}" besides what it is compared with')
        return fitting[0]

    def _others(self, phrase: Phrase) -> tuple[SceneObject, ...]:
        """Those that nothing else in the sentence speaks of."""
        named = [candidates(other.words, self.scene)
                 for other in _phrases(self.command) if not other.other]
        mentioned = {objects[0].name for objects in named if len(objects) == 1}
        objects = self.scene.objects if is_silent(phrase.words) else candidates(
            phrase.words, self.scene)
        others = tuple(item for item in objects if item.name not in mentioned)
        if not others or len(others) == len(objects):
            raise NotUnderstoodError(f'"{phrase}" does not say which: other than what?')
        return others

    def _described(
        self, phrase: Phrase, objects: tuple[SceneObject, ...]
    ) -> tuple[SceneObject, ...]:
        """Those of the objects that fit the description. Raises NotUnderstoodError: none does."""
        landmarks = tuple(self._the_one(item, ()) for item in phrase.landmarks)
        marks = {item.name for item in landmarks}
        if phrase.relation is not None:
            fitting = tuple(item for item in objects if holds(phrase.relation, item, landmarks))
            if not fitting:
                raise NotUnderstoodError(
                    f'there is no "{phrase.words}" {phrase.relation.value} the '
                    f'{" and the ".join(item.name for item in landmarks)} (seen from the robot)'
                )
            return fitting
        if phrase.extreme is not None:
            objects = tuple(item for item in objects if item.name not in marks)
            return extreme_of(phrase.extreme, objects, landmarks) if objects else ()
        return objects


def _phrases(command: Command) -> Iterator[Phrase]:
    """Every phrase of a command, landmarks included, in the order they matter."""
    action = command.action
    roots = [
        action.thing,
        *(action.place.landmarks if action.place else ()),
        action.heading.landmark if action.heading else None,
        *command.kept_upright,
        *(item for avoidance in command.avoided for item in avoidance.things),
    ]
    for phrase in roots:
        if phrase is not None:
            yield phrase
            yield from phrase.landmarks
