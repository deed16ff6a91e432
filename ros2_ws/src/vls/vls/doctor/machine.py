"""How checks read the machine; tests give them recorded answers instead."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What became of a command.

    Attributes:
        status: its exit code; None if it did not end in time or is not installed.
        output: what it printed.
        errors: what it printed to the standard error stream.
        missing: it is not installed.
    """

    status: int | None
    output: str = ''
    errors: str = ''
    missing: bool = False

    @property
    def late(self) -> bool:
        """It did not end in time, and was ended."""
        return self.status is None and not self.missing


@dataclass(frozen=True)
class Machine:
    """The readers a check may use; none of them raises, and none changes anything.

    Attributes:
        environment: the environment variables.
        read: the text of a file; None if it is not there or may not be read.
        names: the sorted names in a folder; empty if it is not there.
        run: what becomes of a command that may take so many seconds.
        version: of an installed Python package; None if it is not there.
        free_bytes: space left where a folder is or would be made; None if that cannot be told.
    """

    environment: Mapping[str, str]
    read: Callable[[str], str | None]
    names: Callable[[str], tuple[str, ...]]
    run: Callable[[Sequence[str], float], Outcome]
    version: Callable[[str], str | None]
    free_bytes: Callable[[str], int | None]


def this_machine() -> Machine:
    """The machine this runs on."""
    return Machine(os.environ, _read, _names, _run, _version, _free_bytes)


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text(errors='replace')
    except OSError:
        return None


def _names(folder: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(folder)))
    except OSError:
        return ()


def _run(command: Sequence[str], seconds: float) -> Outcome:
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace',
            timeout=seconds, check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(None)
    except OSError as error:
        return Outcome(None, errors=str(error), missing=True)
    return Outcome(ended.returncode, ended.stdout, ended.stderr)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _free_bytes(folder: str) -> int | None:
    path = Path(folder).absolute()
    try:
        while not path.exists():
            path = path.parent
        return shutil.disk_usage(path).free
    except OSError:
        return None
