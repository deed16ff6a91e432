"""Reward programs on disk, so that a model is asked once per scene, instruction and prompt.

Programs speak of names, so a cached one binds to the objects' present positions. What counts as
the same request is in `cache_key.py`. Safe under several processes; bounded in size.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from vls_core.rewards.program import RewardProgram
from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.cache_key import CacheKey
from vls_core.vlm.cache_repair import LOCK_TIMEOUT, in_use, is_damage, is_held, move_aside
from vls_core.vlm.relations import Relations, match

DEFAULT_MAXIMUM_ENTRIES = 500
"""A few megabytes at most."""

_TABLE = """
CREATE TABLE IF NOT EXISTS reward_programs_2 (
  key TEXT PRIMARY KEY, place TEXT NOT NULL, request TEXT NOT NULL, instruction TEXT NOT NULL,
  author TEXT NOT NULL, objects TEXT NOT NULL, relations TEXT NOT NULL, document TEXT NOT NULL,
  written REAL NOT NULL, used REAL NOT NULL
)
"""
_OLD_TABLES = ('reward_programs_1',)
_SEPARATOR = '\n'
_log = logging.getLogger(__name__)
Value = TypeVar('Value')


class CacheError(RuntimeError):
    """The cache file cannot be used; the message names it."""


@dataclass(frozen=True)
class CacheEntry:
    """A program in the cache and what it was written for.

    Attributes:
        written, used: when it was stored, and when it was last taken out [s since 1970].
    """

    key: str
    instruction: str
    author: str
    objects: tuple[str, ...]
    authored: AuthoredProgram
    written: float
    used: float


def default_cache_file() -> Path:
    """In the user's cache folder: $XDG_CACHE_HOME or ~/.cache."""
    folder = os.environ.get('XDG_CACHE_HOME', '')
    root = Path(folder) if os.path.isabs(folder) else Path.home() / '.cache'
    return root / 'vls' / 'reward_programs.sqlite3'


class ProgramCache:
    """An sqlite file with one row per key; the least recently used rows go first.

    A file that is damaged is moved aside with a warning, and a new one is begun.

    Arguments:
        file: created with its folder when first used.
        maximum_entries: bound on the number of rows.
        clock: seconds since 1970, comparable between processes.
    """

    def __init__(
        self,
        file: Path,
        maximum_entries: int = DEFAULT_MAXIMUM_ENTRIES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.file = file
        self._maximum_entries = maximum_entries
        self._clock = clock

    def get(self, key: CacheKey, rejected: Collection[str] = ()) -> AuthoredProgram | None:
        """The last used program of a matching key. Raises CacheError.

        Arguments:
            rejected: content hashes of programs to pass over.
        """
        return self._run(
            lambda connection: self._first(connection, 'place', key.place, key, rejected)
        )

    def get_of_any_author(
        self, key: CacheKey, rejected: Collection[str] = ()
    ) -> AuthoredProgram | None:
        """As `get`, whoever wrote the program. Raises CacheError."""
        return self._run(
            lambda connection: self._first(connection, 'request', key.request, key, rejected)
        )

    def put(self, key: CacheKey, authored: AuthoredProgram) -> None:
        """Stores a program, replacing those of matching keys. Raises CacheError."""
        now = self._clock()
        row = (
            key.digest, key.place, key.request, key.instruction, key.author,
            _SEPARATOR.join(key.objects), _json(key.relations), _dump(authored), now, now,
        )

        def work(connection: sqlite3.Connection) -> None:
            for other, _ in _matching(connection, 'place', key.place, key):
                _delete(connection, other)
            connection.execute(
                f'INSERT OR REPLACE INTO reward_programs_2 VALUES ({", ".join("?" * len(row))})',
                row,
            )
            connection.execute(
                'DELETE FROM reward_programs_2 WHERE key NOT IN '
                '(SELECT key FROM reward_programs_2 ORDER BY used DESC, rowid DESC LIMIT ?)',
                (self._maximum_entries,),
            )

        self._run(work)

    def entries(self) -> tuple[CacheEntry, ...]:
        """All of them, the last used one first. Raises CacheError."""
        return self._run(lambda connection: tuple(_entries(connection, self.file)))

    def clear(self) -> int:
        """Forgets all programs, and says how many there were. Raises CacheError."""
        return self._run(
            lambda connection: connection.execute('DELETE FROM reward_programs_2').rowcount
        )

    def __len__(self) -> int:
        return self._run(lambda connection: connection.execute(
            'SELECT COUNT(*) FROM reward_programs_2'
        ).fetchone()[0])

    def _first(
        self, connection: sqlite3.Connection, column: str, value: str, key: CacheKey,
        rejected: Collection[str],
    ) -> AuthoredProgram | None:
        for digest, document in _matching(connection, column, value, key):
            authored = _load_or_drop(connection, digest, document, self.file)
            if authored is not None and authored.program.content_hash not in rejected:
                connection.execute(
                    'UPDATE reward_programs_2 SET used = ? WHERE key = ?', (self._clock(), digest)
                )
                return authored
        return None

    def _run(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        """Does work in one transaction; once more with a new file if this one is damaged."""
        try:
            try:
                with self._transaction() as connection:
                    return work(connection)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                move_aside(self.file, error)
            with self._transaction() as connection:
                return work(connection)
        except (OSError, sqlite3.Error) as error:
            remedy = 'another process holds it' if is_held(error) else 'delete or move it'
            raise CacheError(
                f'the program cache {self.file} cannot be used ({error}): {remedy}'
            ) from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One connection for one exclusive transaction; works from any thread and process."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with in_use(self.file), contextlib.closing(
            sqlite3.connect(self.file, timeout=LOCK_TIMEOUT, isolation_level=None)
        ) as connection:
            connection.execute('BEGIN IMMEDIATE')
            connection.execute(_TABLE)
            for name in _OLD_TABLES:
                connection.execute(f'DROP TABLE IF EXISTS {name}')
            yield connection
            connection.execute('COMMIT')


def _matching(
    connection: sqlite3.Connection, column: str, value: str, key: CacheKey
) -> list[tuple[str, str]]:
    """Key and document of the rows whose relations do not contradict those of the key."""
    rows = connection.execute(
        f'SELECT key, document, relations FROM reward_programs_2 WHERE {column} = ? '
        'ORDER BY used DESC, rowid DESC', (value,),
    ).fetchall()
    present = dict(key.relations)
    return [(digest, document) for digest, document, relations in rows
            if _matches(relations, present)]


def _matches(written: str, present: Relations) -> bool:
    """Whether the relations in a row fit; what cannot be read fits nothing."""
    try:
        return match({str(name): bool(holds) for name, holds in json.loads(written)}, present)
    except (ValueError, TypeError):
        return False


def _entries(connection: sqlite3.Connection, file: Path) -> Iterator[CacheEntry]:
    rows = connection.execute(
        'SELECT key, instruction, author, objects, document, written, used '
        'FROM reward_programs_2 ORDER BY used DESC, rowid DESC'
    ).fetchall()
    for key, instruction, author, objects, document, written, used in rows:
        authored = _load_or_drop(connection, key, document, file)
        if authored is not None:
            names = tuple(objects.split(_SEPARATOR)) if objects else ()
            yield CacheEntry(key, instruction, author, names, authored, written, used)


def _load_or_drop(
    connection: sqlite3.Connection, digest: str, document: str, file: Path
) -> AuthoredProgram | None:
    """The program of a row; a row that holds none is dropped with a warning."""
    try:
        return _load(document)
    except (ValueError, KeyError, TypeError) as error:
        _log.warning('dropped a corrupt entry of %s: %s', file, error)
        _delete(connection, digest)
        return None


def _delete(connection: sqlite3.Connection, digest: str) -> None:
    connection.execute('DELETE FROM reward_programs_2 WHERE key = ?', (digest,))


def _dump(authored: AuthoredProgram) -> str:
    """What belongs to the program, not to one request: no report, no steps, no reason."""
    return _json({
        'program': authored.program.model_dump(mode='json'),
        'source': authored.source,
        'notes': list(authored.notes),
    })


def _load(document: str) -> AuthoredProgram:
    content = json.loads(document)
    try:
        program = RewardProgram.model_validate(content['program'])
    except ValidationError as error:
        raise ValueError(f'no reward program: {error.error_count()} errors') from error
    return AuthoredProgram(program, str(content['source']), tuple(map(str, content['notes'])))


def _json(content: object) -> str:
    """Canonical: equal content is equal text."""
    return json.dumps(content, sort_keys=True, separators=(',', ':'), ensure_ascii=True)
