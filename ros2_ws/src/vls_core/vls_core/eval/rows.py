"""Results as lines of JSON, one per trial: a run that was broken off goes on where it was."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, object]


class RowsError(RuntimeError):
    """The rows of an earlier run cannot be used; the message says what to do."""


def read_rows(path: Path) -> list[Row]:
    """The rows of an earlier run; a last line cut short by a crash is dropped.

    Raises RowsError if anything else is wrong.
    """
    if not path.exists():
        return []
    lines = path.read_text().splitlines(keepends=True)
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            if number == len(lines):
                path.write_text(''.join(lines[:-1]))
                break
            raise RowsError(f'{path}, line {number}: not JSON; mend or remove it') from error
    return rows


def append_row(path: Path, row: Row) -> None:
    """Adds one line; it is on the disk when this returns."""
    with path.open('a') as out:
        out.write(json.dumps(row) + '\n')


class VersionedRows:
    """Rows that know which code made them: results of different code are never mixed.

    Attributes:
        path: the file of lines.
        version: of the code that makes rows now; every row carries one.
    """

    def __init__(self, path: Path, version: str) -> None:
        self.path, self.version = path, version

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other runs away meanwhile; two would make the same rows.

        Raises RowsError: another run writes to this folder.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RowsError(
                    f'another run writes to {self.path.parent}: wait for it, or write elsewhere'
                ) from error
            yield
        finally:
            os.close(folder)

    def set_aside_stale(self) -> int:
        """Moves the rows that other code made to `stale_path`; returns how many. Raises RowsError.

        They took hours, and nothing else tells what the code did before.
        """
        rows = read_rows(self.path)
        kept = [row for row in rows if row.get('version') == self.version]
        if len(kept) < len(rows):
            for row in rows:
                if row.get('version') != self.version:
                    append_row(self.stale_path, row)
            self._replace(kept)
        return len(rows) - len(kept)

    def adopt_stale(self) -> int:
        """Lets the rows that other code made count as of the present one; returns how many.

        For code with which a sample of them was made again and ended the same. Each keeps the
        version of the code that did make it as `made_by`. Raises RowsError.
        """
        rows = read_rows(self.path)
        stale = [row for row in rows if row.get('version') != self.version]
        for row in stale:
            row.setdefault('made_by', row.get('version'))
            row['version'] = self.version
        if stale:
            self._replace(rows)
        return len(stale)

    def _replace(self, rows: list[Row]) -> None:
        unfinished = self.path.with_suffix('.unfinished')
        unfinished.write_text(''.join(json.dumps(row) + '\n' for row in rows))
        unfinished.replace(self.path)

    @property
    def stale_path(self) -> Path:
        """Where rows of other code are kept; nothing reads it."""
        return self.path.with_suffix(f'.stale{self.path.suffix}')

    def read(self) -> list[Row]:
        """All rows.

        Raises:
            RowsError: a line is broken, or other code made some of the rows.
        """
        rows = read_rows(self.path)
        stale = sum(row.get('version') != self.version for row in rows)
        if stale:
            raise RowsError(
                f'{self.path}: {stale} of {len(rows)} rows were made by other code than the '
                'present one; set them aside'
            )
        return rows

    def append(self, row: Row) -> Row:
        """Adds a row with the present version; returns it as written."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stamped = {**row, 'version': self.version}
        append_row(self.path, stamped)
        return stamped
