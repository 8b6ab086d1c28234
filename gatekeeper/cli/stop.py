"""`stop` and `resume`: the kill switch as a database row."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.store.sql_store import SqlStore


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="stop", epilog=examples("gatekeeper stop"))(stop)
    app.command(name="resume", epilog=examples("gatekeeper resume"))(resume)


def stop(*, json: Json = False) -> None:
    """Stop all writing: a run under way ends before its next write, later ones wait."""
    _set(stopped=True, json=json)


def resume(*, json: Json = False) -> None:
    """Let runs write again."""
    _set(stopped=False, json=json)


def _set(*, stopped: bool, json: bool) -> None:
    ground = prepare()
    with closing(ground.store()) as store:
        org = pinned_org(store)
        try:
            store.set_stop(org, stopped=stopped)
        except StoreError as error:
            if stopped:
                message = f"{error} {_otherwise(ground.paths.stop_file)}"
                raise StoreError(message) from error
            raise
    if json:
        print_json({"org": org, "stopped": stopped})
    elif stopped:
        say(f"Stopped: nothing is written to {org} until: gatekeeper resume", "yellow")
    else:
        say(f"Runs may write to {org} again.", "green")


def _otherwise(stop_file: Path | None) -> str:
    """Say what stops writing where the database does not take the word."""
    way = f"create the file {stop_file}" if stop_file else "end it with Ctrl-C"
    return f"Nothing is stopped yet: to stop a run at once, {way}."


def pinned_org(store: SqlStore) -> str:
    """Return the org of the database.

    Raises:
        SetupError: Nothing has run in it.
    """
    org = store.pinned_org()
    if not org:
        message = "This database belongs to no org yet: nothing has run."
        raise SetupError(message)
    return org
