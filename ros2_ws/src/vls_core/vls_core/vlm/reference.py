"""Which object a phrase means: by its words, synonyms included, as long as only one fits."""

from __future__ import annotations

import re

from vls_core.types import Scene, SceneObject

_SILENT_WORDS = frozenset(
    ('the', 'a', 'an', 'that', 'this', 'my', 'your', 'one', 'thing', 'object', 'item')
)
_SYNONYMS = {
    'block': 'cube', 'box': 'cube', 'brick': 'cube',
    'dish': 'plate', 'saucer': 'plate', 'disc': 'plate', 'disk': 'plate',
    'basket': 'tray', 'bin': 'tray',
    'flask': 'bottle', 'flacon': 'bottle',
    'purple': 'magenta', 'violet': 'magenta', 'pink': 'magenta',
    'turquoise': 'cyan', 'scarlet': 'red', 'grey': 'gray',
}  # fmt: skip


def candidates(phrase: str, scene: Scene) -> tuple[SceneObject, ...]:
    """The objects a phrase may mean, in the order of the scene; none if it names nothing.

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


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r'[\W_]+', phrase.lower())
                 if word and word not in _SILENT_WORDS)


def _canonical(words: tuple[str, ...], synonyms: bool) -> frozenset[str]:
    return frozenset(_SYNONYMS.get(word, word) if synonyms else word for word in words)
