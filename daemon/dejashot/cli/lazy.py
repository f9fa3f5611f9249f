"""A group of commands that imports the module of a command only when that command is run or its own help is shown."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is defined, `module:name` of a function or of a Typer app, its help, and its part of the list."""

    target: str
    help: str
    panel: str

    def load(self, name: str) -> Any:
        """Import the command's module and return the command, a group where the target is a Typer app."""
        module, _, attribute = self.target.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        parent = typer.Typer(add_completion=False)
        if isinstance(found, typer.Typer):
            parent.add_typer(found, name=name, help=self.help)
        else:
            parent.command(name, help=self.help)(found)
        return get_group(parent).commands[name]


class LazyGroup(TyperGroup):
    """Commands from a table; a subclass sets `table`. Until one is run, only its name and its help line are known."""

    table: ClassVar[Mapping[str, LazyCommand]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, command in self.table.items():
            self.add_command(TyperCommand(name, help=command.help, rich_help_panel=command.panel))

    def load_command(self, name: str) -> Any:
        """Return a command of the table with its options, and its subcommands if it is a group."""
        return self.table[name].load(name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name, the loaded command and the remaining arguments; raise UsageError for an unknown command."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self.load_command(name) if name else command, rest
