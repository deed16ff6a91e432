"""When two requests count as the same, so that a model is asked once."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from vls_core.types import Scene
from vls_core.vlm.relations import relations_of

_IGNORED_AT_THE_END = ' .!'


def normalised(instruction: str) -> str:
    """Without what does not change a sentence's meaning: case, spacing, the full stop."""
    text = unicodedata.normalize('NFKC', instruction).casefold()
    return ' '.join(text.split()).rstrip(_IGNORED_AT_THE_END)


@dataclass(frozen=True)
class CacheKey:
    """What a program was written for.

    Objects, instruction and author must be equal; relations must only not contradict each other,
    see `relations.py`. A key is therefore looked up by `place`, and its relations are compared.

    Attributes:
        objects: 'name: kind' of every object, sorted.
        relations: of the objects; sorted pairs of relation and whether it holds.
        instruction: normalised.
        author: identity of who writes.
    """

    objects: tuple[str, ...]
    relations: tuple[tuple[str, bool], ...]
    instruction: str
    author: str

    @classmethod
    def of(cls, scene: Scene, instruction: str, author: str) -> CacheKey:
        """The key of a request to an author of that identity."""
        objects = sorted(f'{item.name}: {item.kind.name.lower()}' for item in scene.objects)
        relations = sorted(relations_of(scene).items())
        return cls(tuple(objects), tuple(relations), normalised(instruction), author)

    @property
    def request(self) -> str:
        """SHA-256 of objects and instruction, whoever is asked."""
        return _digest(self.objects, self.instruction)

    @property
    def place(self) -> str:
        """SHA-256 of all that must be equal."""
        return _digest(self.objects, self.instruction, self.author)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything: the name of an entry."""
        return _digest(self.objects, self.relations, self.instruction, self.author)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
