"""The row of a CRM's description: what runs and `fields pull` read of it, per org."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from gatekeeper.core.renames import remembering
from gatekeeper.store.codec import schema_from, text_of
from gatekeeper.store.database import wait_alone
from gatekeeper.store.schema import crm_schema
from gatekeeper.store.statements import put_rows

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from gatekeeper.core.catalogue import CrmSchema


def keep(connection: Connection, org: str, schema: CrmSchema) -> CrmSchema:
    """Keep a description, with what only an older one knows, and return it."""
    wait_alone(connection)  # another may be about to keep what it has just read
    before = last(connection, org)
    if before is not None:
        schema = remembering(schema, before)
    row = {"org": org, "read_at": schema.read_at, "payload": text_of(schema)}
    put_rows(connection, crm_schema, [row])
    return schema


def last(connection: Connection, org: str | None) -> CrmSchema | None:
    """Return the last description kept, of whatever org where None is given."""
    query = select(crm_schema.c.payload).order_by(crm_schema.c.read_at.desc())
    if org is not None:
        query = query.where(crm_schema.c.org == org)
    payload = connection.execute(query.limit(1)).scalar()
    return None if payload is None else schema_from(payload)
