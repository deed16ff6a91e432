"""What becomes of a cache file that is damaged: it is kept for inspection, and out of the way.

A database that somebody has open must not be renamed: sqlite finds journals by the path, and would
mix those of the old and the new file. So whoever uses the file holds a lock beside it, shared, and
whoever moves it holds that lock alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

LOCK_TIMEOUT = 0.5
"""How long to wait for another process [s]; a transaction takes milliseconds."""
POLL = 0.01
"""Between two tries to get the lock [s]."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_log = logging.getLogger(__name__)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file holds no readable database."""
    return (getattr(error, 'sqlite_errorcode', 0) & 0xFF) in _DAMAGE


def is_held(error: Exception) -> bool:
    """Whether an error means that another process uses the file for longer than one waits."""
    return isinstance(error, TimeoutError) or (
        getattr(error, 'sqlite_errorcode', 0) & 0xFF == sqlite3.SQLITE_BUSY
    )


@contextlib.contextmanager
def in_use(file: Path) -> Iterator[None]:
    """Keeps the file from being moved. Raises OSError, TimeoutError included."""
    with _locked(file, fcntl.LOCK_SH):
        yield


def move_aside(file: Path, error: sqlite3.Error) -> None:
    """Renames a damaged file, with a warning; a good file in its place is left alone.

    Of several processes that found the same damage one moves the file, the others find the new
    one. Raises OSError, TimeoutError included.
    """
    with _locked(file, fcntl.LOCK_EX):
        if not _damaged(file):
            return
        target = _free_name(file)
        # A journal belongs to the damaged file: sqlite would play it into a new one.
        journal = file.with_name(f'{file.name}-journal')
        if journal.exists():
            os.replace(journal, target.with_name(f'{target.name}-journal'))
        os.replace(file, target)
        _log.warning('the program cache %s is damaged (%s): moved to %s', file, error, target)


@contextlib.contextmanager
def _locked(file: Path, kind: int) -> Iterator[None]:
    with (file.parent / f'{file.name}.lock').open('w') as lock:
        ends = time.monotonic() + LOCK_TIMEOUT
        while True:
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= ends:
                    raise TimeoutError(f'{lock.name} is held by another process') from error
                time.sleep(POLL)
            else:
                break
        yield


def _damaged(file: Path) -> bool:
    try:
        connection = sqlite3.connect(f'{file.absolute().as_uri()}?mode=rw', uri=True)
        try:
            return connection.execute('PRAGMA quick_check').fetchone()[0] != 'ok'
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return is_damage(error)


def _free_name(file: Path) -> Path:
    number = 1
    while (target := file.with_name(f'{file.name}.damaged-{number}')).exists():
        number += 1
    return target
