"""`demo`: the whole job against a sandbox CRM on this machine, told as a story."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gatekeeper.cli.console import note
from gatekeeper.cli.options import examples, sandbox_extra
from gatekeeper.cli.sandbox import Dialect


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="demo",
        epilog=examples(
            "gatekeeper demo",
            "gatekeeper demo --crm hubspot",
            "gatekeeper demo --keep demo --no-wait",
        ),
    )(demo)


def demo(
    *,
    crm: Annotated[
        Dialect, typer.Option(help="Whose API the sandbox speaks.")
    ] = Dialect.SALESFORCE,
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the org, the rules and the database in this folder."),
    ] = None,
    wait: Annotated[
        bool | None,
        typer.Option(
            "--wait/--no-wait",
            help="Keep the CRM's pages open at the end; on a terminal by default.",
        ),
    ] = None,
) -> None:
    """Run the whole job against a sandbox CRM: plan, tasks, flags, a fix, quiet."""
    with sandbox_extra():
        from gatekeeper.cli.story import told  # noqa: PLC0415  loads the sandbox

    with told(crm.value, keep):
        if wait if wait is not None else sys.stdin.isatty():
            note("The CRM's pages stay open until you press Enter.", "bold")
            sys.stdin.readline()
