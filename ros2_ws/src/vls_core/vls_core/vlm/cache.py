"""Reward programs on disk, so that a model is asked once per scene, instruction and prompt.

A scene counts as the same while it holds the same objects: programs speak of names, so a cached
one applies wherever the objects are now. Safe under several processes; bounded in size.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from vls_core.rewards.program import RewardProgram, scene_hash
from vls_core.types import Scene
from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.sentence import normalise

DEFAULT_MAXIMUM_ENTRIES = 500
"""A few megabytes at most."""
LOCK_TIMEOUT = 5.0
"""How long to wait for another process [s]."""

_TABLE = """
CREATE TABLE IF NOT EXISTS reward_programs_1 (
  key TEXT PRIMARY KEY, scene_hash TEXT NOT NULL, instruction TEXT NOT NULL,
  author TEXT NOT NULL, document TEXT NOT NULL, used REAL NOT NULL
)
"""
_log = logging.getLogger(__name__)


class CacheError(RuntimeError):
    """The cache file cannot be used; the message names it."""


@dataclass(frozen=True)
class CacheKey:
    """What a program was written for: the scene's hash, the normalised instruction, the author."""

    scene_hash: str
    instruction: str
    author: str

    @classmethod
    def of(cls, scene: Scene, instruction: str, author: str) -> CacheKey:
        """The key of a request to an author of that identity."""
        return cls(scene_hash(scene), normalise(instruction), author)

    @property
    def digest(self) -> str:
        """SHA-256 of the key."""
        content = json.dumps([self.scene_hash, self.instruction, self.author])
        return hashlib.sha256(content.encode()).hexdigest()


def default_cache_file() -> Path:
    """In the user's cache folder: $XDG_CACHE_HOME or ~/.cache."""
    folder = os.environ.get('XDG_CACHE_HOME', '')
    root = Path(folder) if os.path.isabs(folder) else Path.home() / '.cache'
    return root / 'vls' / 'reward_programs.sqlite3'


class ProgramCache:
    """An sqlite file with one row per key; the least recently used rows go first.

    Arguments:
        file: created with its folder when first used.
        maximum_entries: bound on the number of rows.
        clock: seconds, comparable between processes.
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

    def get(self, key: CacheKey) -> AuthoredProgram | None:
        """The program of that key. A corrupt row is dropped with a warning. Raises CacheError."""
        return self._first('key = ?', (key.digest,))

    def get_of_any_author(self, key: CacheKey) -> AuthoredProgram | None:
        """The last used program for scene and instruction, whoever wrote it. Raises CacheError."""
        return self._first('scene_hash = ? AND instruction = ?', (key.scene_hash, key.instruction))

    def put(self, key: CacheKey, authored: AuthoredProgram) -> None:
        """Stores a program, replacing that of the same key. Raises CacheError."""
        row = (key.digest, key.scene_hash, key.instruction, key.author, _dump(authored))
        with self._transaction() as connection:
            connection.execute(
                'INSERT OR REPLACE INTO reward_programs_1 VALUES (?, ?, ?, ?, ?, ?)',
                (*row, self._clock()),
            )
            connection.execute(
                'DELETE FROM reward_programs_1 WHERE key NOT IN '
                '(SELECT key FROM reward_programs_1 ORDER BY used DESC, rowid DESC LIMIT ?)',
                (self._maximum_entries,),
            )

    def drop(self, key: CacheKey) -> None:
        """Forgets the program of that key. Raises CacheError."""
        with self._transaction() as connection:
            connection.execute('DELETE FROM reward_programs_1 WHERE key = ?', (key.digest,))

    def __len__(self) -> int:
        with self._transaction() as connection:
            return connection.execute('SELECT COUNT(*) FROM reward_programs_1').fetchone()[0]

    def _first(self, condition: str, values: tuple[str, ...]) -> AuthoredProgram | None:
        with self._transaction() as connection:
            rows = connection.execute(
                f'SELECT key, document FROM reward_programs_1 WHERE {condition} '
                'ORDER BY used DESC, rowid DESC', values,
            ).fetchall()
            for digest, document in rows:
                try:
                    authored = _load(document)
                except (ValueError, KeyError, TypeError) as error:
                    _log.warning('dropped a corrupt entry of %s: %s', self.file, error)
                    connection.execute('DELETE FROM reward_programs_1 WHERE key = ?', (digest,))
                    continue
                connection.execute(
                    'UPDATE reward_programs_1 SET used = ? WHERE key = ?', (self._clock(), digest)
                )
                return authored
        return None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One connection for one exclusive transaction; works from any thread and process."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=LOCK_TIMEOUT, isolation_level=None)
            with contextlib.closing(connection):
                connection.execute('BEGIN IMMEDIATE')
                connection.execute(_TABLE)
                yield connection
                connection.execute('COMMIT')
        except (OSError, sqlite3.Error) as error:
            raise CacheError(
                f'the program cache {self.file} cannot be used ({error}); delete or move it'
            ) from error


def _dump(authored: AuthoredProgram) -> str:
    """Canonical JSON; why it was degraded belongs to the request, not to the program."""
    content = {
        'program': authored.program.model_dump(mode='json'),
        'source': authored.source,
        'notes': list(authored.notes),
    }
    return json.dumps(content, sort_keys=True, separators=(',', ':'), ensure_ascii=True)


def _load(document: str) -> AuthoredProgram:
    content = json.loads(document)
    try:
        program = RewardProgram.model_validate(content['program'])
    except ValidationError as error:
        raise ValueError(f'no reward program: {error.error_count()} errors') from error
    return AuthoredProgram(program, str(content['source']), tuple(map(str, content['notes'])))
