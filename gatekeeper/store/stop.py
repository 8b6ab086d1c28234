"""The stop row of an org: while it stands, no run writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from gatekeeper.store import audit
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import kill_switch
from gatekeeper.store.statements import insert_missing

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def is_set(connection: Connection, org: str) -> bool:
    """Whether somebody said stop."""
    query = select(kill_switch.c.org).where(kill_switch.c.org == org)
    return connection.execute(query).first() is not None


def put(connection: Connection, org: str, *, stopped: bool) -> None:
    """Set or clear the row, and note it in the audit chain where that is news."""
    was_stopped = connection.execute(
        delete(kill_switch).where(kill_switch.c.org == org)
    ).rowcount
    if stopped:
        row = {"org": org, "set_at": database_now(connection)}
        insert_missing(connection, kill_switch, [row])
    if stopped != bool(was_stopped):
        event = "stop_set" if stopped else "stop_cleared"
        audit.append(connection, org, [{"event": event}])
