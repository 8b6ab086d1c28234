"""`backup` and `restore`: all rows of the database as one file."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from gatekeeper.bootstrap import WallClock, prepare
from gatekeeper.cli.console import print_json, say
from gatekeeper.cli.options import Json, examples


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        name="backup", epilog=examples("gatekeeper backup gatekeeper-2026-11-20.db")
    )(backup)
    app.command(
        name="restore",
        epilog=examples("gatekeeper restore gatekeeper-2026-11-20.db --verify"),
    )(restore)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file to create.")],
    *,
    json: Json = False,
) -> None:
    """Write all rows of the database into one file; runs may go on meanwhile."""
    store = prepare().store()
    try:
        rows = store.upkeep.back_up(file)
    finally:
        store.close()
    if json:
        print_json({"file": str(file), "rows": rows})
    else:
        say(f"Wrote {file}: {sum(rows.values()):,} rows.", "green")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    *,
    verify: Annotated[
        bool,
        typer.Option(help="Read everything back and compare it before it counts."),
    ] = False,
    json: Json = False,
) -> None:
    """Put a backup in the place of all the database holds, which is backed up first.

    The next run adopts the tasks that the backup does not know; nothing is created
    twice.
    """
    ground = prepare()
    store = ground.store()
    now = WallClock().now().astimezone(UTC)
    keep = file.with_name(f"before-restore-{now:%Y%m%dT%H%M%SZ}.db")
    try:
        done = store.upkeep.restore(file, keep, verify=verify)
    finally:
        store.close()
    if json:
        kept = str(done.kept) if done.kept else None
        print_json({"file": str(file), "rows": done.rows, "kept": kept})
        return
    checked = ", read back and compared" if verify else ""
    say(f"Restored {file}: {sum(done.rows.values()):,} rows{checked}.", "green")
    if done.kept is not None:
        say(f"What stood there before is kept in {done.kept}.", "dim")
