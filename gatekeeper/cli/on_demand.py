"""The commands by name; the module of each is loaded when somebody types it.

What the list of commands says of each stands here, so that asking for help loads
none of them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from typer._click import Command, Context  # what typer itself is typed with

COMMANDS = {
    "init": (
        "init",
        "Write the default rule pack, fitted to your CRM's stages where a login is"
        " set.",
    ),
    "validate": (
        "validate",
        "Check YAML, structure, expressions and types, and every name in the CRM.",
    ),
    "lint": (
        "lint",
        "Warn of contradictions, duplicates and traps; exit 1 where there are any.",
    ),
    "fmt": (
        "fmt",
        "Lay out rule files one way: keys, indentation, quotes, spelling of checks.",
    ),
    "functions": (
        "functions",
        "List every function, operator, quantifier, window and type with an example.",
    ),
    "test": (
        "test",
        "Hold the rules against deals whose answer is known; no CRM is needed.",
    ),
    "explain": (
        "explain",
        "Say how one deal stands: every rule, every line, what is and what must be.",
    ),
    "plan": (
        "plan",
        "Show every write that would happen, and store it; write nothing.",
    ),
    "apply": ("plan", "Write exactly the stored plan; drop and list what moved since."),
    "run": ("plan", "Judge every open deal and write what the limits allow."),
    "undo": ("undo", "Take back what a run wrote, where it still stands as written."),
    "violations": ("violations", "List what stands, worst first."),
    "runs": ("runs", "List runs, or show one."),
    "digest": (
        "digest",
        "Show what each reader is told about the last run, or send it.",
    ),
    "worker": (
        "worker",
        "Make runs and send digests when they are due, until a signal ends it.",
    ),
    "rules": ("rules", "List the rules of the pack; show, compare or export them."),
    "schema": ("schema", "JSON Schemas of the rule files, for editors."),
    "waivers": ("waivers", "List waivers, check them, or add one."),
    "doctor": (
        "doctor",
        "Look at rules, database, login, rights, fields, limits and clock; read-only.",
    ),
    "setup-crm": (
        "setup_crm",
        "Create our fields and grant access to them; safe to repeat.",
    ),
    "stop": (
        "stop",
        "Stop all writing: a run under way ends before its next write, later ones"
        " wait.",
    ),
    "resume": ("stop", "Let runs write again."),
    "quarantine": (
        "quarantine",
        "What runs leave alone, and why; let them at it again.",
    ),
    "audit": ("audit", "The record of every write: is it whole?"),
    "person": ("person", "What is kept of one person: show it, or take it out."),
    "backup": (
        "backup",
        "Write all rows of the database into one file; runs may go on meanwhile.",
    ),
    "restore": (
        "backup",
        "Put a backup in the place of all the database holds, which is backed up"
        " first.",
    ),
    "demo": (
        "demo",
        "Run the whole job against a sandbox CRM: plan, tasks, flags, a fix, quiet.",
    ),
    "fields": ("fields", "The names that rules may use."),
    "sandbox": (
        "sandbox",
        "A CRM to run against: it refuses what the real one refuses.",
    ),
}
"""Every command in the order of the help: the module of this room it is in, and the
first sentence of its own help."""


class CommandsOnDemand(TyperGroup):
    """A group that loads the module of the command somebody typed, and no other."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Return what the list says of a command, or itself once it was typed."""
        return self.commands.get(cmd_name) or _announced().get(cmd_name)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that is typed first, and what follows it."""
        if args[0] in COMMANDS:
            module, _ = COMMANDS[args[0]]
            self.commands.update(commands_of(module))
        else:
            self.commands.update(_announced())  # what a near name is looked for in
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Context) -> object:
        """Run what was typed; an option that is refused is told without its source.

        Typer reads options with pydantic, which begins what a reader says with
        "Value error".
        """
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


@cache
def _announced() -> Mapping[str, Command]:
    """Return a name and a sentence for each command, which cannot be run."""
    return {
        name: TyperCommand(name, help=sentence)
        for name, (_, sentence) in COMMANDS.items()
    }


def commands_of(module: str) -> MutableMapping[str, Command]:
    """Return the commands of one module by name."""
    part = typer.Typer(callback=lambda: None)  # a group, however many it holds
    import_module(f"gatekeeper.cli.{module}").register(part)
    group = typer.main.get_command(part)
    return group.commands if isinstance(group, TyperGroup) else {}
