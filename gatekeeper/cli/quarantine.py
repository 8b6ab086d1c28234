"""`quarantine`: what runs leave alone, and how to let them at it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import (
    counted,
    note,
    print_json,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.cli.options import Json, examples
from gatekeeper.cli.stop import pinned_org
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.quarantine import Quarantine

app = typer.Typer(invoke_without_command=True)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(
        app,
        name="quarantine",
        epilog=examples(
            "gatekeeper quarantine list",
            "gatekeeper quarantine release 0065e00000A1b2CAAR",
        ),
    )


@app.callback()
def quarantine(context: typer.Context, *, json: Json = False) -> None:
    """What runs leave alone, and why; let them at it again."""
    if context.invoked_subcommand is None:
        list_all(json=json)


@app.command("list", epilog=examples("gatekeeper quarantine list --json"))
def list_all(*, json: Json = False) -> None:
    """List what runs leave alone: refused, fought over, or undone."""
    store = prepare().store()
    try:
        org = store.pinned_org()
        entries = store.quarantined(org) if org else []
    finally:
        store.close()
    print_json(list(map(_entry, entries))) if json else _show(entries)


@app.command(
    "release",
    epilog=examples(
        "gatekeeper quarantine release 0065e00000A1b2CAAR",
        "gatekeeper quarantine release 0065e00000A1b2CAAR:flags",
        "gatekeeper quarantine release --all",
    ),
)
def release(
    name: Annotated[
        str | None, typer.Argument(metavar="DEAL", help="A deal's id, or a subject.")
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Release everything.")
    ] = False,
    json: Json = False,
) -> None:
    """Let runs write again to a deal, to one subject of it, or to all."""
    if (name is None) is not everything:
        message = "Name a deal or a subject, or say --all. See: gatekeeper quarantine"
        raise SetupError(message)
    store = prepare().store()
    try:
        org = pinned_org(store)
        names = [each.subject for each in store.quarantined(org)]
        chosen = names if name is None else [name]
        freed = [each for one in chosen for each in store.release(org, one)]
    finally:
        store.close()
    if name is not None and not freed:
        message = f"Nothing of {name} is left alone. See: gatekeeper quarantine"
        raise SetupError(message)
    if json:
        print_json({"org": org, "released": freed})
    else:
        say(f"Released {counted(len(freed), 'subject')}: the next run may write.")


def _entry(entry: Quarantine) -> dict[str, object]:
    return {
        "subject": entry.subject,
        "deal_id": entry.deal_id,
        "deal_name": entry.deal_name,
        "cause": entry.cause.value,
        "code": entry.code,
        "count": entry.count,
        "reason": entry.reason,
        "since": entry.since.isoformat() if entry.since else None,
    }


def _show(entries: Sequence[Quarantine]) -> None:
    shown = table("Left alone", "subject", "deal", "since", "why")
    for each in entries:
        since = f"{each.since:%d %b %Y}" if each.since else ""
        shown.add_row(
            safe(each.subject), safe(each.deal_name), since, safe(each.reason)
        )
    if entries:
        show_table(shown)
        note("Let runs write again: gatekeeper quarantine release DEAL", "dim")
    else:
        note("Nothing is left alone.", "dim")
