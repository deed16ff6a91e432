"""`vls cache`: the reward programs that were written by a model and are kept on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from rich.markup import escape
from rich.table import Table
from typer import Argument, Exit, Option, Typer, confirm

from vls.display import ERRORS, OUTPUT
from vls_core.vlm.cache import CacheEntry, ProgramCache, default_cache_file

KEY_LENGTH = 12
"""Of a key in the list: enough to tell entries apart [characters]."""

File = Annotated[
    Path | None, Option('--file', help="Default: the one in the user's cache folder.")
]

app = Typer(no_args_is_help=True, help='Reward programs kept on disk, so that a model is asked '
            'once per scene and instruction.')


@app.command('list')
def list_entries(file: File = None) -> None:
    """Show what is kept, the last used first."""
    cache = _cache(file)
    entries = cache.entries() if cache.file.exists() else ()
    OUTPUT.print(escape(f'{cache.file}: {len(entries)} programs'), highlight=False, soft_wrap=True)
    if entries:
        OUTPUT.print(entry_table(entries, time.time))


@app.command('show')
def show(
    key: Annotated[str, Argument(help='As in the list; its beginning is enough.')],
    file: File = None,
) -> None:
    """Print one entry with its whole program, as JSON."""
    entry = _one(_cache(file), key)
    OUTPUT.print_json(json.dumps({
        'key': entry.key,
        'instruction': entry.instruction,
        'author': entry.author,
        'objects': list(entry.objects),
        'source': entry.authored.source,
        'notes': list(entry.authored.notes),
        'program': entry.authored.program.model_dump(mode='json'),
    }))


@app.command('clear')
def clear(
    yes: Annotated[bool, Option('--yes', help='Do not ask.')] = False, file: File = None
) -> None:
    """Forget all programs: the model is asked again for every scene."""
    cache = _cache(file)
    count = len(cache) if cache.file.exists() else 0
    if count and not yes and not confirm(f'Forget {count} programs in {cache.file}?'):
        raise Exit(1)
    if count:
        count = cache.clear()
    OUTPUT.print(f'forgot {count} programs', highlight=False)


def entry_table(entries: Sequence[CacheEntry], clock: Callable[[], float]) -> Table:
    """One row per entry."""
    table = Table(box=None, pad_edge=False)
    for title in ('key', 'instruction', 'author', 'objects', 'stages', 'last used'):
        table.add_column(title, justify='right' if title in ('objects', 'stages') else 'left')
    for entry in entries:
        table.add_row(
            entry.key[:KEY_LENGTH],
            escape(entry.instruction),
            escape(entry.authored.source),
            str(len(entry.objects)),
            str(len(entry.authored.program.stages)),
            ago(clock() - entry.used),
        )
    return table


def ago(seconds: float) -> str:
    """Roughly how long ago, e.g. "3 h ago"."""
    for unit, length in (('d', 86_400), ('h', 3_600), ('min', 60)):
        if seconds >= length:
            return f'{int(seconds // length)} {unit} ago'
    return 'just now'


def _cache(file: Path | None) -> ProgramCache:
    return ProgramCache(file or default_cache_file())


def _one(cache: ProgramCache, key: str) -> CacheEntry:
    entries = cache.entries() if cache.file.exists() else ()
    found = [entry for entry in entries if entry.key.startswith(key)]
    if len(found) != 1:
        many = f'{len(found)} programs' if found else 'no program'
        ERRORS.print(
            f'[red]vls:[/red] {many} in {escape(str(cache.file))} with a key that begins with '
            f'"{escape(key)}"; see `vls cache list`', highlight=False, soft_wrap=True,
        )
        raise Exit(1)
    return found[0]
