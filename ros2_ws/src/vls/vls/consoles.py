"""Where the vls command prints: what was asked for, and what went wrong."""

from __future__ import annotations

from rich.console import Console

OUTPUT = Console()
ERRORS = Console(stderr=True)
