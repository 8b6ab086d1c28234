"""What was sent stays sent when an old database takes the place of a newer one.

The slots and digests of the newer one are carried over. Where it was lost, nobody knows
what was sent since the backup: every day that was due by then is taken as used, so that
nobody is told a second time (F17); the next digest tells what stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, tuple_

from gatekeeper.core.calendar import ONE_DAY
from gatekeeper.ports import SlotState
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import digest, slot
from gatekeeper.store.schema import org as org_table
from gatekeeper.store.statements import insert_missing, put_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow

RUN = "run"
LOST = "lost"
"""The kind of the row that says up to when nobody knows what was sent."""
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
    put_rows(connection, slot, known.slots)
    put_rows(connection, digest, known.digests)


def take_as_sent(connection: Connection) -> None:
    """Take every day as used that was due since the backup; nobody knows better.

    Of jobs that the backup does not know, who they were for is lost as well: a row
    says up to when no day of theirs is due.
    """
    now = database_now(connection)
    orgs = connection.execute(select(org_table.c.org)).scalars().all()
    put_rows(connection, slot, [_lost(org, now + CLOCKS_MOVE) for org in orgs])
    whose = slot.c.org, slot.c.kind, slot.c.subject
    is_digest = slot.c.kind.not_in((RUN, LOST))
    last = select(*whose, func.max(slot.c.day)).where(is_digest)
    latest = select(slot).where(tuple_(*whose, slot.c.day).in_(last.group_by(*whose)))
    rows = connection.execute(latest).all()
    merged = [each for row in rows for each in _merged(row, now)]
    insert_missing(connection, slot, merged)


def erased_with(
    connection: Connection, org: str, used: Iterable[datetime], nobody: str
) -> None:
    """Let the last day that is erased with a person stay used, without the person.

    Args:
        connection: The erasure's transaction.
        org: Whose digests.
        used: When the days were due that are erased.
        nobody: What stands in the place of the person.
    """
    until = max(used, default=None)
    if until is not None:
        row = _lost(org, until)
        put_rows(connection, slot, [{**row, "subject": nobody, "note": nobody}])


def _lost(org: str, until: datetime) -> dict[str, object]:
    return {
        "org": org,
        "kind": LOST,
        "subject": "",
        "day": until.date(),
        "state": SlotState.MERGED.value,
        "due_at": until,
        "claimed_at": until,
        "ended_at": until,
        "note": "restored",
    }


def lost_until(connection: Connection, org: str, kind: str) -> datetime | None:
    """Return up to when nobody knows what was done of a kind; None where all is."""
    if kind == RUN:
        return None
    query = select(func.max(slot.c.due_at)).where(
        slot.c.org == org, slot.c.kind == LOST
    )
    return connection.execute(query).scalar()


def _merged(row: AnyRow, now: datetime) -> Iterator[dict[str, object]]:
    """Yield the days after the last one known that were due by now."""
    passed = (now + CLOCKS_MOVE - row.due_at) // ONE_DAY
    for number in range(1, passed + 1):
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
