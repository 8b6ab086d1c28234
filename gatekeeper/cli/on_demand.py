"""The commands by name; the module of each is loaded when the command is wanted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from typer._click import Command, Context  # what typer itself is typed with

MODULES = {
    "init": "init",
    "validate": "validate",
    "lint": "lint",
    "fmt": "fmt",
    "functions": "functions",
    "test": "test",
    "explain": "explain",
    "plan": "plan",
    "apply": "plan",
    "run": "plan",
    "violations": "violations",
    "runs": "runs",
    "rules": "rules",
    "schema": "schema",
    "waivers": "waivers",
    "doctor": "doctor",
    "setup-crm": "setup_crm",
    "stop": "stop",
    "resume": "stop",
    "demo": "demo",
    "fields": "fields",
    "sandbox": "sandbox",
}
"""Every command in the order of the help, and the module of this room it is in."""


class CommandsOnDemand(TyperGroup):
    """A group that loads the module of the command somebody typed, and no other."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        return list(MODULES)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Return a command, or None where there is none of this name."""
        if cmd_name not in MODULES:
            self._load(*MODULES.values())  # what a near name is looked for in
        elif cmd_name not in self.commands:
            self._load(MODULES[cmd_name])
        return super().get_command(ctx, cmd_name)

    def _load(self, *modules: str) -> None:
        for module in dict.fromkeys(modules):
            self.commands.update(commands_of(module))


def commands_of(module: str) -> MutableMapping[str, Command]:
    """Return the commands of one module by name."""
    part = typer.Typer(callback=lambda: None)  # a group, however many it holds
    import_module(f"gatekeeper.cli.{module}").register(part)
    group = typer.main.get_command(part)
    return group.commands if isinstance(group, TyperGroup) else {}
