"""What the things of a scene are called in words, as a person or a detector would call them.

A name tells nothing that is not to be seen: of two alike, the number says which is further left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

FIXED = ('basket', 'cabinet', 'stove', 'rack')
"""Last words of what things are put on or in; everything else can be picked up."""

SAID = {'cookies': 'cookies box'}
"""Categories that do not say what is seen."""


def kind_of(thing: str) -> str:
    """The category of a thing of the simulator, in words: 'red_cup_1' is a red cup."""
    kind = thing.rsplit('_', 1)[0].replace('_', ' ')
    return SAID.get(kind, kind)


def is_fixed(name: str) -> bool:
    """Whether things are put there, and it stays where it is."""
    return any(word in FIXED for word in name.split())


def names_in_words(places: Mapping[str, np.ndarray]) -> dict[str, str]:
    """The name in words of every thing, by its name in the simulator.

    Args:
        places: where each is seen first, (3,) [m], y to the left.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for thing in places:
        alike[kind_of(thing)].append(thing)
    named: dict[str, str] = {}
    for kind, things in alike.items():
        things.sort(key=lambda thing: -places[thing][1])
        for number, thing in enumerate(things, 1):
            named[thing] = kind if len(things) == 1 else f'{kind} {number}'
    return named
