"""One spelling for instructions that differ only in case, spaces and punctuation."""

from __future__ import annotations

import re
import unicodedata

_PAUSES = re.compile(r'\s*[,;:](?:[\s,;:])*')
_STOP = re.compile(r'(?<!\d)\.|\.(?!\d)')


def normalise(instruction: str) -> str:
    """Lower case, single spaces, no full stops; equal for sentences that differ in these alone.

    Commas, apostrophes, hyphens, the point of a number and every sign that is no punctuation stay:
    they may carry a meaning.
    """
    text = instruction.lower().replace('’', "'")
    text = _PAUSES.sub(' , ', _STOP.sub(' ', text))
    text = ''.join(' ' if _is_punctuation(letter) else letter for letter in text)
    return ' '.join(text.split()).strip(' ,')


def _is_punctuation(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in 'PZC' and letter not in ",'-._"
