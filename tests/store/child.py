"""A process of its own that races for the lease, or waits to be killed."""

from __future__ import annotations

import sys

from alembic import command

from gatekeeper.errors import LeaseHeldError
from gatekeeper.ports import RunStatus
from gatekeeper.store.database import Database
from gatekeeper.store.migrate import alembic_config
from gatekeeper.store.sql_store import SqlStore
from tests.builders import a_violation
from tests.store.values import a_change, a_dossier, open_run, plan_changes, staged


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def race(store: SqlStore) -> None:
    """Wait for the signal, try for the lease, and hold it until told."""
    say("ready")
    sys.stdin.readline()
    try:
        with open_run(store) as run:
            say("won")
            sys.stdin.readline()
            run.finish(RunStatus.DONE, {})
    except LeaseHeldError:
        say("held")


def write_halfway(store: SqlStore, *, with_intent: bool) -> None:
    """Go as far as the commit or the intent, and stay there."""
    with open_run(store) as run:
        run.stage([staged(a_violation(), dossier=a_dossier())])
        chunk = plan_changes(run, a_change())
        if with_intent:
            run.intend(chunk)
        say("waiting")
        sys.stdin.readline()


def migrate_halfway(url: str) -> None:
    """Make all tables but for the end of the transaction, and stay there."""
    with Database(url).writing() as connection:
        command.upgrade(alembic_config(connection), "head")
        say("waiting")
        sys.stdin.readline()


def open_at_once(url: str) -> None:
    """Wait for the signal, and open the store."""
    say("ready")
    sys.stdin.readline()
    SqlStore(url).close()


if __name__ == "__main__":
    if sys.argv[1] == "open":
        open_at_once(sys.argv[2])
        sys.exit()
    if sys.argv[1] == "migrate":
        migrate_halfway(sys.argv[2])
    opened = SqlStore(f"sqlite:///{sys.argv[2]}")
    if sys.argv[1] == "race":
        race(opened)
    else:
        write_halfway(opened, with_intent=sys.argv[1] == "intent")
