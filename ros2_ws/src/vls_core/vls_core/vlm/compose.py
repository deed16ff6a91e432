"""Authors made of authors: with a cache before them, or a substitute behind them.

The whole chain: what is in the cache, else what the model writes, else what the substitute
writes, else the base policy unsteered. No link hands on a program that was not verified for the
present scene, and each says what it does.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

from vls_core.rewards.verification.report import Verifier
from vls_core.vlm.author import (
    Author,
    AuthoredProgram,
    AuthorError,
    AuthorFailedError,
    AuthorRequest,
    MalformedAnswerError,
)
from vls_core.vlm.cache import CacheError, ProgramCache
from vls_core.vlm.cache_key import CacheKey
from vls_core.vlm.static_verifier import StaticVerifier
from vls_core.vlm.steps import OnStep, Steps, ignore_step
from vls_core.vlm.unsteered import unsteered

FROM_CACHE = 'taken from the cache'
LOOK_UP_TIME = 1.0
"""After this no further program of the cache is tried for a request [s]."""

_log = logging.getLogger(__name__)
Value = TypeVar('Value')


class FallbackFailedError(AuthorError):
    """The author failed, and the substitute had no program either."""


class CachedAuthor:
    """Asks the author only for what is not in the cache.

    When the author fails, a program that anyone wrote for this scene and instruction (an earlier
    prompt, another model) is used, and named as such. Whatever comes out of the cache is verified
    again for the present scene; if it is rejected, the next one that matches is tried. A cache
    that cannot be used is logged and otherwise ignored.

    Arguments:
        verifier: the static rules alone by default.
        clock: monotonic [s]; injected by tests.
    """

    def __init__(
        self, author: Author, cache: ProgramCache, verifier: Verifier | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._author = author
        self._cache = cache
        self._verifier = verifier or StaticVerifier()

    @property
    def identity(self) -> str:
        """That of the author."""
        return self._author.identity

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`."""
        steps = Steps(on_step)
        key = CacheKey.of(request.scene, request.instruction, self.identity)
        known = self._look_up(self._cache.get, key, request, steps)
        if known is not None:
            return replace(known, steps=steps.all)
        try:
            authored = self._author.write(request, steps.record)
        except AuthorFailedError as error:
            steps.record(f'{self.identity} failed: {error}')
            other = self._look_up(self._cache.get_of_any_author, key, request, steps)
            if other is None:
                raise
            return replace(other, steps=steps.all, degraded=str(error))
        if authored.steerable and not authored.degraded:
            self._unless_broken(lambda: self._cache.put(key, authored), steps)
        return replace(authored, steps=steps.all)

    def _look_up(
        self,
        get: Callable[[CacheKey, Collection[str]], AuthoredProgram | None],
        key: CacheKey,
        request: AuthorRequest,
        steps: Steps,
    ) -> AuthoredProgram | None:
        """What is cached, if it is accepted here and now: objects may have moved out of reach."""
        rejected: set[str] = set()
        ends = self._clock() + LOOK_UP_TIME
        while not rejected or self._clock() < ends:
            known = self._unless_broken(lambda: get(key, rejected), steps)
            if known is None:
                return None
            report = self._verifier(known.program, request.scene)
            if report.accepted:
                steps.record(f'from the cache, written by {known.source}; verified again')
                return replace(known, report=report, notes=(*known.notes, FROM_CACHE))
            _log.warning('a cached program does not fit the scene any more: %s', report.reason)
            steps.record(f'a program in the cache is rejected now: {report.reason}')
            rejected.add(known.program.content_hash)
        return None

    def _unless_broken(self, access: Callable[[], Value], steps: Steps) -> Value | None:
        try:
            return access()
        except CacheError as error:
            _log.warning('%s', error)
            steps.record(str(error))
            return None


class VerifiedAuthor:
    """Verifies what an author that does not verify writes; what is rejected may not steer."""

    def __init__(self, author: Author, verifier: Verifier | None = None) -> None:
        self._author = author
        self._verifier = verifier or StaticVerifier()

    @property
    def identity(self) -> str:
        """That of the author."""
        return self._author.identity

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`; raises MalformedAnswerError for what cannot even be followed."""
        steps = Steps(on_step)
        authored = self._author.write(request, steps.record)
        steps.record(f'written by {authored.source}')
        report = self._verifier(authored.program, request.scene)
        if report.accepted:
            steps.record('accepted')
            return replace(authored, report=report, steps=steps.all)
        steps.record(f'rejected: {report.reason}')
        last = unsteered(authored.program, request.scene, report.reason, steps.record)
        if last is None:
            raise MalformedAnswerError(
                f'what {authored.source} wrote is rejected: {report.reason}', authored.program
            )
        return replace(last, notes=(*authored.notes, *last.notes), steps=steps.all)


class FallbackAuthor:
    """Lets a substitute write when the author fails; if it cannot, the arm moves unsteered.

    The result says so in `degraded`. An author that understood the request and refused it is not
    overruled.

    Arguments:
        substitute: what it writes is verified here.
    """

    def __init__(
        self, author: Author, substitute: Author, verifier: Verifier | None = None
    ) -> None:
        self._author = author
        self._substitute = VerifiedAuthor(substitute, verifier)

    @property
    def identity(self) -> str:
        """That of the author."""
        return self._author.identity

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`; raises FallbackFailedError if neither can."""
        steps = Steps(on_step)
        try:
            return self._author.write(request, steps.record)
        except AuthorFailedError as error:
            _log.warning('%s; %s takes over', error, self._substitute.identity)
            steps.record(f'{self._substitute.identity} takes over because {error}')
            authored = self._replacement(request, error, steps)
            reason = f'{error}; {authored.degraded}' if authored.degraded else str(error)
            return replace(authored, steps=steps.all, degraded=reason)

    def _replacement(
        self, request: AuthorRequest, error: AuthorFailedError, steps: Steps
    ) -> AuthoredProgram:
        """What the substitute writes, or a task that is only watched."""
        try:
            return self._substitute.write(request, steps.record)
        except AuthorError as second:
            steps.record(f'{self._substitute.identity} has no program either: {second}')
            rejected = error.rejected if isinstance(error, MalformedAnswerError) else None
            last = rejected and unsteered(rejected, request.scene, str(second), steps.record)
            if last is None:
                raise FallbackFailedError(
                    f'{error}; {self._substitute.identity} could not help: {second}'
                ) from second
            return last
