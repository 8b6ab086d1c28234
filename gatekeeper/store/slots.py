"""Rows of the days of scheduled jobs: each day is claimed, then closed, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select, update

from gatekeeper.core.calendar import ONE_DAY
from gatekeeper.core.slots import Slot
from gatekeeper.ports import Job, SlotRow, SlotState
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import slot
from gatekeeper.store.sent_days import lost_until
from gatekeeper.store.statements import insert_missing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from gatekeeper.core.slots import Due
    from gatekeeper.store.database import Database


class SqlSlots:
    """Implements `ports.Slots`; see there for what each method promises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self, org: str, job: Job) -> date | None:
        """Return the last day that is done or merged."""
        with self._database.reading() as connection:
            return _last(connection, org, job)

    def used(self, org: str, kind: str) -> Mapping[str, date]:
        """Return subject to the last day that is done or merged, of one kind.

        Where none is yet, it is the day before the first that was begun.
        """
        used = case((_is_used(), slot.c.day))
        query = (
            select(
                slot.c.subject,
                func.max(used).label("last"),
                func.min(slot.c.day).label("first"),
            )
            .where(slot.c.org == org, slot.c.kind == kind)
            .group_by(slot.c.subject)
        )
        with self._database.reading() as connection:
            return {
                row.subject: row.last or row.first - ONE_DAY
                for row in connection.execute(query)
            }

    def lost_until(self, org: str, kind: str) -> datetime | None:
        """Return up to when nobody knows what was done of a kind; None for all."""
        with self._database.reading() as connection:
            return lost_until(connection, org, kind)

    def last_done(self, org: str) -> Mapping[str, datetime]:
        """Return kind to when a day's work of that kind was last done."""
        query = (
            select(slot.c.kind, func.max(slot.c.ended_at).label("last"))
            .where(slot.c.org == org, slot.c.state == SlotState.DONE.value)
            .group_by(slot.c.kind)
        )
        with self._database.reading() as connection:
            return {row.kind: row.last for row in connection.execute(query)}

    def claim(self, org: str, job: Job, due: Due) -> SlotRow | None:
        """Claim the day that is due; None where it, or a later one, is used."""
        with self._database.writing() as connection:
            last = _last(connection, org, job)
            if last is not None and last >= due.slot.day:
                return None
            return _claimed(connection, org, job, due)

    def close(self, org: str, job: Job, day: date, note: str) -> None:
        """Note that the work of a claimed day is done."""
        is_claimed = slot.c.state == SlotState.CLAIMED.value
        with self._database.writing() as connection:
            values = {
                "state": SlotState.DONE.value,
                "ended_at": database_now(connection),
                "note": note,
            }
            chosen = _of(org, job) & (slot.c.day == day) & is_claimed
            connection.execute(update(slot).where(chosen).values(**values))


def _last(connection: Connection, org: str, job: Job) -> date | None:
    query = select(func.max(slot.c.day)).where(_of(org, job), _is_used())
    return connection.execute(query).scalar()


def _is_used() -> ColumnElement[bool]:
    return slot.c.state != SlotState.CLAIMED.value


def _claimed(connection: Connection, org: str, job: Job, due: Due) -> SlotRow | None:
    now, day = database_now(connection), due.slot.day
    merged = [
        _row(org, job, each, now, state=SlotState.MERGED, note=day.isoformat())
        for each in due.missed
    ]
    wanted = _row(org, job, due.slot, now, state=SlotState.CLAIMED)
    insert_missing(connection, slot, [*merged, wanted])
    _merge_claims(connection, org, job, due)
    # Another may have closed the day since we looked.
    query = select(slot).where(_of(org, job), slot.c.day == day).with_for_update()
    row = connection.execute(query).one()
    if row.state != SlotState.CLAIMED.value:
        return None
    return SlotRow(
        job,
        day,
        SlotState(row.state),
        row.due_at,
        row.claimed_at,
        merged=_merged_into(connection, org, job, day),
    )


def _merged_into(
    connection: Connection, org: str, job: Job, day: date
) -> tuple[Slot, ...]:
    is_merged = slot.c.state == SlotState.MERGED.value
    query = (
        select(slot.c.day, slot.c.due_at)
        .where(_of(org, job), is_merged, slot.c.note == day.isoformat())
        .order_by(slot.c.day)
    )
    return tuple(Slot(row.day, row.due_at) for row in connection.execute(query))


def _merge_claims(connection: Connection, org: str, job: Job, due: Due) -> None:
    """Merge earlier days whose work was begun and never ended, with what they took."""
    is_left = and_(slot.c.state == SlotState.CLAIMED.value, slot.c.day < due.slot.day)
    left = connection.execute(select(slot.c.day).where(_of(org, job), is_left))
    notes = [day.isoformat() for day in left.scalars()]
    is_taken_along = and_(
        slot.c.state == SlotState.MERGED.value, slot.c.note.in_(notes)
    )
    connection.execute(
        update(slot)
        .where(_of(org, job), is_left | is_taken_along)
        .values(
            state=SlotState.MERGED.value,
            ended_at=database_now(connection),
            note=due.slot.day.isoformat(),
        )
    )


def _of(org: str, job: Job) -> ColumnElement[bool]:
    return and_(
        slot.c.org == org, slot.c.kind == job.kind, slot.c.subject == job.subject
    )


def _row(
    org: str,
    job: Job,
    of: Slot,
    now: datetime,
    *,
    state: SlotState,
    note: str = "",
) -> dict[str, object]:
    return {
        "org": org,
        "kind": job.kind,
        "subject": job.subject,
        "day": of.day,
        "state": state.value,
        "due_at": of.due_at,
        "claimed_at": now,
        "ended_at": None if state is SlotState.CLAIMED else now,
        "note": note,
    }
