"""To which org a database belongs: the first run pins it, no other may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from gatekeeper.errors import SetupError
from gatekeeper.store.database import database_now, wait_alone
from gatekeeper.store.schema import org as org_table
from gatekeeper.store.statements import insert_missing

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def pinned_org(connection: Connection) -> str | None:
    """Return the org that a database belongs to; None before its first run."""
    return connection.execute(select(org_table.c.org)).scalar()


def check_org(connection: Connection, org: str, name: str) -> str | None:
    """Return the org that a database belongs to, None before its first run.

    Args:
        connection: Reads.
        org: Of the CRM.
        name: Of the database.

    Raises:
        SetupError: It is another one.
    """
    pinned = pinned_org(connection)
    if pinned not in (None, org):
        raise SetupError(
            f"The database {name} belongs to {pinned}, but the CRM is {org}. Point"
            " GATEKEEPER_DATABASE_URL at another database, or the CRM settings at"
            f" {pinned}."
        )
    return pinned


def pin(connection: Connection, org: str, name: str) -> None:
    """Let a database belong to an org from now on; see `check_org`."""
    if pinned_org(connection) is None:
        wait_alone(connection)  # the first run of another org may be as far as this
    if check_org(connection, org, name) is None:
        row = {"org": org, "pinned_at": database_now(connection)}
        insert_missing(connection, org_table, [row])
