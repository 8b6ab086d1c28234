"""`stop` and `resume`: the kill switch as a database row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import say
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from gatekeeper.store.sql_store import SqlStore


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="stop", epilog="Example: gatekeeper stop")(stop)
    app.command(name="resume", epilog="Example: gatekeeper resume")(resume)


def stop() -> None:
    """Let nothing further be written to this org, from within one request."""
    _set(stopped=True)
    say("Stopped: nothing is written until: gatekeeper resume", "yellow")


def resume() -> None:
    """Let runs write again."""
    _set(stopped=False)
    say("Runs may write again.", "green")


def _set(*, stopped: bool) -> None:
    store = prepare().store()
    try:
        store.set_stop(_org(store), stopped=stopped)
    finally:
        store.close()


def _org(store: SqlStore) -> str:
    org = store.pinned_org()
    if not org:
        message = "This database belongs to no org yet: nothing has run."
        raise SetupError(message)
    return org
