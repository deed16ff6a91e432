"""Who wrote the rewards of an episode: read from the steps that its program came with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vls.episodes import EpisodeResult

_QUESTION = re.compile(r'(^|: )asked |asked for a repair')
_FROM_CACHE = re.compile(r'^from the cache')


@dataclass(frozen=True)
class Authorship:
    """How a program came about.

    Attributes:
        source: who wrote it; empty if nobody did.
        questions: how often a model was asked for it.
        from_cache: it was written for an earlier task.
    """

    source: str
    questions: int = 0
    from_cache: bool = False

    def __str__(self) -> str:
        if not self.source:
            return 'nobody wrote'
        if self.from_cache:
            return f'from the cache ({self.source}), {_questions(self.questions)}'
        return f'written by {self.source}, {_questions(self.questions)}'


def authorship(result: EpisodeResult) -> Authorship:
    """Of the program of an episode."""
    steps = (result.program or {}).get('authoring', [])
    return Authorship(
        result.source,
        sum(len(_QUESTION.findall(step)) for step in steps),
        any(_FROM_CACHE.search(step) for step in steps),
    )


def _questions(count: int) -> str:
    return {0: 'no question', 1: '1 question'}.get(count, f'{count} questions')
