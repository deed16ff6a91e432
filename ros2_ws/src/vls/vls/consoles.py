"""Where the vls command prints: what was asked for, and what went wrong."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from rich.console import Console

OUTPUT = Console()
ERRORS = Console(stderr=True)


def print_everything() -> None:
    """Lets no letter stop this process from printing: what its streams cannot hold is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def printable(text: str) -> str:
    """Text from elsewhere as one line, without what would control a terminal."""
    return ''.join(letter if letter.isprintable() else '?' for letter in text)


def printable_lines(text: str) -> str:
    """The same, but with its lines."""
    return '\n'.join(map(printable, text.splitlines()))
