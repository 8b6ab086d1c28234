"""What was sent stays sent when an old database takes the place of a newer one.

The slots and digests of the newer one are carried over. Where it was lost, nobody knows
what was sent since the backup: every day that was due by then is taken as used, so that
nobody is told a second time (F17); the next digest tells what stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from gatekeeper.ports import SlotState
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import digest, slot
from gatekeeper.store.statements import insert_missing, upsert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow

RUN = "run"
ONE_DAY = timedelta(days=1)
CLOCKS_MOVE = timedelta(hours=1)
"""By how much a day may be due earlier than a day after the one before it."""


@dataclass(frozen=True, slots=True)
class SentDays:
    """Slots and digests as they stood before a restore."""

    slots: Sequence[dict[str, object]]
    digests: Sequence[dict[str, object]]


def sent_days(connection: Connection) -> SentDays:
    """Read what a database knows of digests; runs are repeated without harm."""
    slots = connection.execute(select(slot).where(slot.c.kind != RUN))
    digests = connection.execute(select(digest))
    return SentDays(
        [row._asdict() for row in slots], [row._asdict() for row in digests]
    )


def stay_sent(connection: Connection, known: SentDays) -> None:
    """Let what was known before a restore win over what the backup says."""
    for row in known.slots:
        _put(connection, slot, row)
    for row in known.digests:
        _put(connection, digest, row)


def take_as_sent(connection: Connection) -> None:
    """Take every day as used that was due since the backup; nobody knows better."""
    now = database_now(connection)
    last = (
        select(slot.c.org, slot.c.kind, slot.c.subject, func.max(slot.c.day))
        .where(slot.c.kind != RUN)
        .group_by(slot.c.org, slot.c.kind, slot.c.subject)
    )
    for org, kind, subject, day in connection.execute(last).all():
        chosen = (
            (slot.c.org == org)
            & (slot.c.kind == kind)
            & (slot.c.subject == subject)
            & (slot.c.day == day)
        )
        row = connection.execute(select(slot).where(chosen)).one()
        passed = (now + CLOCKS_MOVE - row.due_at) // ONE_DAY
        insert_missing(connection, slot, list(_merged(row, passed)))


def _merged(row: AnyRow, days: int) -> Iterator[dict[str, object]]:
    for number in range(1, days + 1):
        due_at = row.due_at + ONE_DAY * number
        yield {
            **row._asdict(),
            "day": row.day + ONE_DAY * number,
            "state": SlotState.MERGED.value,
            "due_at": due_at,
            "claimed_at": due_at,
            "ended_at": due_at,
            "note": "restored",
        }


def _put(connection: Connection, table: Table, row: dict[str, object]) -> None:
    key = [column.name for column in table.primary_key]
    statement = upsert(connection, table).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=row))
