"""A group of commands that imports a command only when it is used.

All of them together take seconds to import (torch, openai, matplotlib), which `vls status` on a
busy robot computer has no time for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

from typer import Context, Typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


@dataclass(frozen=True)
class CommandPlace:
    """Where a command is.

    Attributes:
        module: to import.
        name: of the function, or of the Typer application of a group, in it.
        help: one line for the list of commands.
    """

    module: str
    name: str
    help: str

    def load(self, name: str) -> Any:
        """The command itself, under a name."""
        found = getattr(import_module(self.module), self.name)
        if not isinstance(found, Typer):
            application = Typer(add_completion=False, rich_markup_mode='rich')
            application.command(name)(found)
            found = application
        command = get_command(found)
        command.name = name
        return command


class LazyGroup(TyperGroup):
    """A group of the commands in `places`; subclasses say which."""

    places: ClassVar[dict[str, CommandPlace]] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = {
            name: TyperCommand(name, help=place.help, rich_markup_mode='rich')
            for name, place in self.places.items()
        }

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command that is to be run, imported now."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, self.places[name].load(name), rest
