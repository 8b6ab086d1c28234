"""`runs`: what ran and how it ended."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import note, print_json, safe, say, show_table, table
from gatekeeper.cli.options import EVERYTHING, Json, examples
from gatekeeper.cli.shown import show_changes, show_notes, show_run
from gatekeeper.errors import SetupError
from gatekeeper.ports import RunStatus

app = typer.Typer(invoke_without_command=True)

_STYLE = {
    RunStatus.DONE: "green",
    RunStatus.PLANNED: "cyan",
    RunStatus.REPLAY: "cyan",
    RunStatus.FAILED: "red",
}


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(
        app,
        name="runs",
        epilog=examples("gatekeeper runs", "gatekeeper runs show latest --changes"),
    )


@app.callback()
def runs(context: typer.Context, *, json: Json = False) -> None:
    """List runs, or show one."""
    if context.invoked_subcommand is None:
        list_runs(json=json)


@app.command("list", epilog=examples("gatekeeper runs list --limit 5 --json"))
def list_runs(
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    json: Json = False,
) -> None:
    """List the latest runs, newest first."""
    store = prepare().store()
    try:
        rows = store.runs(limit=limit)
    finally:
        store.close()
    if json:
        print_json(
            [
                {
                    "run_id": row.id,
                    "kind": row.kind.value,
                    "status": row.status.value,
                    "as_of": row.as_of.isoformat(),
                    "started_at": row.started_at.isoformat(),
                    "deals": row.deals,
                }
                for row in rows
            ]
        )
        return
    shown = table("Runs", "run", "kind", "status", "as of", "deals", right=["deals"])
    for row in rows:
        shown.add_row(
            safe(row.id),
            row.kind.value,
            Text(row.status.value, _STYLE.get(row.status, "yellow")),
            f"{row.as_of:%d %b %Y %H:%M %Z}",
            str(row.deals),
        )
    if rows:
        show_table(shown)
    else:
        note("Nothing has run yet. Start with: gatekeeper plan", "dim")


@app.command(
    "show",
    epilog=examples(
        "gatekeeper runs show latest", "gatekeeper runs show 7 --changes --json"
    ),
)
def show_one(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, its number, or latest.")
    ],
    *,
    changes: Annotated[bool, typer.Option(help="List its writes too.")] = False,
    json: Json = False,
) -> None:
    """Show one run: its counts, its plan, what became of it."""
    store = prepare().store()
    try:
        row = store.run(run)
        if row is None:
            message = f"There is no run {run}. See: gatekeeper runs"
            raise SetupError(message)
        planned = list(store.changes(row.id)) if changes else []
    finally:
        store.close()
    if json:
        print_json({**row.report, "changes": planned} if changes else row.report)
        return
    if row.report.get("counts"):
        show_run(row.report)
    else:
        say(f"Run {row.id}: {row.kind.value}, {row.status.value}", "bold")
        show_notes(row.report.get("messages"))
    show_changes(planned, EVERYTHING)
