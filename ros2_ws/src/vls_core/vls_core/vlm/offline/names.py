"""Which objects a name may mean: by its words, synonyms included."""

from __future__ import annotations

import re

from vls_core.types import Scene, SceneObject
from vls_core.vlm.sentence import normalise

_SILENT_WORDS = frozenset(
    ('the', 'a', 'an', 'that', 'this', 'my', 'your', 'one', 'thing', 'object', 'item')
)
_SHORT = 3
"""Words of so many letters are no plurals."""
_SYNONYMS = {
    synonym: word
    for word, synonyms in {
        'cube': 'block box brick',
        'plate': 'dish saucer disc disk',
        'tray': 'basket bin',
        'bottle': 'flask flacon',
        'cup': 'mug beaker',
        'can': 'tin',
        'ball': 'sphere',
        'cabinet': 'drawer cupboard dresser',
        'peg': 'pin rod dowel',
        'magenta': 'purple violet pink',
        'cyan': 'turquoise',
        'red': 'scarlet crimson',
        'blue': 'navy azure',
        'green': 'emerald',
        'yellow': 'golden',
        'gray': 'grey',
    }.items()
    for synonym in synonyms.split()
}


def candidates(phrase: str, scene: Scene) -> tuple[SceneObject, ...]:
    """The objects a name may mean, in the order of the scene; none if it names nothing.

    The words as they stand come before synonyms, so that with a box and a cube in view "box" is
    the box. A phrase that is an object's whole name means that object alone. Words no name
    contains ("big", a colour that is not part of the name) fit nothing.
    """
    words = _words(phrase)
    for synonyms in (False, True):
        wanted = _canonical(words, synonyms)
        named = [(item, _canonical(_words(item.name), synonyms)) for item in scene.objects]
        exact = tuple(item for item, name in named if wanted and wanted == name)
        fitting = tuple(item for item, name in named if wanted and wanted <= name)
        if exact or fitting:
            return exact or fitting
    return ()


def several(phrase: str, scene: Scene) -> tuple[SceneObject, ...]:
    """The objects a plural may mean ("the cubes"); none if it is no plural of a name."""
    first, _, last = phrase.rpartition(' ')
    return candidates(f'{first} {last[:-1]}', scene) if last.endswith('s') else ()


def is_silent(phrase: str) -> bool:
    """Whether a phrase says no more than "the one"."""
    return set(_words(phrase)) <= _SILENT_WORDS


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s_.,'-]+", normalise(phrase))
                 if word and word not in _SILENT_WORDS)


def _canonical(words: tuple[str, ...], synonyms: bool) -> frozenset[str]:
    if not synonyms:
        return frozenset(words)
    # What stands before another noun is mostly singular: a box of cookies is a cookie box.
    singular = (*(_singular(word) for word in words[:-1]), *words[-1:])
    return frozenset(_SYNONYMS.get(word, word) for word in singular)


def _singular(word: str) -> str:
    plural = word.endswith('s') and not word.endswith('ss') and len(word) > _SHORT
    return word[:-1] if plural else word
