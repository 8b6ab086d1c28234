"""The audit chain of an org: rows are only appended, each sealed by a hash.

A row's hash covers the one before it, so an edit, a removal or another order shows.
Rows carry ids and counts, never names or values of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from gatekeeper.store.codec import canonical_text, digest_of
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import audit
from gatekeeper.store.statements import PAGE, insert_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection

    from gatekeeper.store.database import Database

Fact = str | int | None
Facts = dict[str, Fact]


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What a walk along the chain found.

    Attributes:
        rows: How many rows are sound from the start.
        head: Hash of the last sound row; a shorter chain shows by comparing it.
        damaged_at: Position of the first row that does not fit, or None.
    """

    rows: int
    head: str
    damaged_at: int | None


def append(
    connection: Connection, org: str, entries: Sequence[Mapping[str, Fact]]
) -> None:
    """Append entries in order, within the caller's transaction."""
    newest = select(audit.c.seq, audit.c.hash).where(audit.c.org == org)
    last = connection.execute(newest.order_by(audit.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, "")
    at = database_now(connection).isoformat()
    rows = []
    for seq_of_entry, facts in enumerate(entries, start=seq + 1):
        entry = canonical_text({"at": at, **facts})
        seal = _seal(org, seq_of_entry, previous, entry)
        rows.append(
            {
                "org": org,
                "seq": seq_of_entry,
                "entry": entry,
                "previous": previous,
                "hash": seal,
            }
        )
        previous = seal
    insert_rows(connection, audit, rows)


def verify(database: Database, org: str) -> AuditCheck:
    """Walk the whole chain and recompute every hash."""
    check = AuditCheck(rows=0, head="", damaged_at=None)
    while True:
        page = select(audit).where(audit.c.org == org, audit.c.seq > check.rows)
        with database.reading() as connection:
            rows = connection.execute(page.order_by(audit.c.seq).limit(PAGE)).all()
        for row in rows:
            seal = _seal(org, check.rows + 1, check.head, row.entry)
            if (row.seq, row.previous, row.hash) != (check.rows + 1, check.head, seal):
                return AuditCheck(check.rows, check.head, damaged_at=check.rows + 1)
            check = AuditCheck(row.seq, seal, damaged_at=None)
        if len(rows) < PAGE:
            return check


def _seal(org: str, seq: int, previous: str, entry: str) -> str:
    return digest_of("\n".join([org, str(seq), previous, entry]))
