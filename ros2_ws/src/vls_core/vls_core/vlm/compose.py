"""Authors made of authors: with a cache before them, or a substitute behind them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.check import ProgramRejectedError, check_program
from vls_core.vlm.author import (
    Author,
    AuthoredProgram,
    AuthorError,
    AuthorRequest,
    EndpointError,
    MalformedAnswerError,
)
from vls_core.vlm.cache import CacheError, CacheKey, ProgramCache
from vls_core.vlm.steps import OnStep, ignore_step

FROM_CACHE = 'taken from the cache'

_log = logging.getLogger(__name__)
Value = TypeVar('Value')


class FallbackFailedError(AuthorError):
    """The author failed, and the substitute had no program either."""


class CachedAuthor:
    """Asks the author only for what is not in the cache.

    When the author's endpoint fails or answers nonsense, a program that anyone wrote for this
    scene and instruction (an earlier prompt, another model) is used, and named as such. A cache
    that cannot be used is logged and otherwise ignored.
    """

    def __init__(
        self, author: Author, cache: ProgramCache, workspace: WorkspaceBox = DEFAULT_WORKSPACE
    ) -> None:
        self._author = author
        self._cache = cache
        self._workspace = workspace

    @property
    def identity(self) -> str:
        """That of the author."""
        return self._author.identity

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`."""
        key = CacheKey.of(request.scene, request.instruction, self.identity)
        known = self._look_up(self._cache.get, key, request)
        if known is not None:
            return replace(known, notes=(*known.notes, FROM_CACHE))
        try:
            authored = self._author.write(request, on_step)
        except (EndpointError, MalformedAnswerError) as error:
            other = self._look_up(self._cache.get_of_any_author, key, request)
            if other is None:
                raise
            return replace(other, notes=(*other.notes, FROM_CACHE), degraded=str(error))
        if not authored.degraded:
            _unless_broken(lambda: self._cache.put(key, authored))
        return authored

    def _look_up(
        self,
        get: Callable[[CacheKey], AuthoredProgram | None],
        key: CacheKey,
        request: AuthorRequest,
    ) -> AuthoredProgram | None:
        """What is cached, if it still passes the checks: objects may have moved out of reach."""
        known = _unless_broken(lambda: get(key))
        if known is None:
            return None
        try:
            check_program(known.program, request.scene, self._workspace)
        except ProgramRejectedError as error:
            _log.warning('a cached program does not fit the scene any more: %s', error)
            return None
        return known


class FallbackAuthor:
    """Lets a substitute write when the author's endpoint fails or answers nonsense.

    The result says so in `degraded`. An author that understood the request and refused it is not
    overruled.
    """

    def __init__(self, author: Author, substitute: Author) -> None:
        self._author = author
        self._substitute = substitute

    @property
    def identity(self) -> str:
        """That of the author."""
        return self._author.identity

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`; raises FallbackFailedError if neither can."""
        try:
            return self._author.write(request, on_step)
        except (EndpointError, MalformedAnswerError) as error:
            _log.warning('%s; %s takes over', error, self._substitute.identity)
            try:
                authored = self._substitute.write(request, on_step)
            except AuthorError as second:
                raise FallbackFailedError(
                    f'{error}; {self._substitute.identity} could not help: {second}'
                ) from second
            return replace(authored, degraded=str(error))


def _unless_broken(access: Callable[[], Value]) -> Value | None:
    try:
        return access()
    except CacheError as error:
        _log.warning('%s', error)
        return None
