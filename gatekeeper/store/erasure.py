"""A person is taken out of every row: nobody stands in the place of the name.

Nothing of what is left passes for something the CRM said, or goes back into it:

- a field of which runs saw a value with the name is watched anew;
- what was written with the name is not kept, as if `keep_values_days` were over;
- a plan with the name is none any more (see `ports.PERSON_ERASED`);
- the day of the last digest stays used, so that it is not sent a second time.

The audit chain names nobody, so it stays as it is and stays valid; that somebody was
erased is a row of its own, without saying who.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select, update

from gatekeeper.ports import PERSON_ERASED, RunKind, RunStatus, SlotState
from gatekeeper.store import audit
from gatekeeper.store.codec import text_of, tree_from
from gatekeeper.store.field_values import looks_without
from gatekeeper.store.known import NOBODY
from gatekeeper.store.person import references, refers, rows_of, tables, texts
from gatekeeper.store.schema import (
    STAGING,
    change,
    digest,
    field_change,
    field_now,
    run,
    slot,
    staged_deal,
    verdict_count,
)
from gatekeeper.store.sent_days import erased_with
from gatekeeper.store.statements import chunks, insert_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Connection

    from gatekeeper.store.known import Known
    from gatekeeper.store.rows import AnyRow

_OF_ONE_PERSON = (digest, slot)
"""Tables whose rows are of one person alone: they go with the person."""
_SIGHTINGS = (field_now, field_change)
_OF_PLANS = (*STAGING, change)


def erase(connection: Connection, org: str, known: Known) -> dict[str, int]:
    """Put nobody in the place of a person, in every row; note that it was done.

    Returns:
        Table to number of rows that named the person.
    """
    erasure = _Erasure(connection, org, known)
    changed = {}
    for table in tables():
        rows = rows_of(connection, table, org, known)
        if rows:
            changed[table.name] = len(rows)
            erasure.take_out(table, rows)
    if changed:
        erasure.finish()
        rows_changed = sum(changed.values())
        audit.append(connection, org, [{"event": "erased", "rows": rows_changed}])
    return changed


@dataclass(slots=True)
class _Erasure:
    """One person taken out of the rows of one org.

    Attributes:
        watched: Deal to the fields of which a run saw a value with the name.
        written: Key to the number of the last run that wrote the name there.
        runs: Numbers of the runs with rows that named the person.
        used: When the days were due of which the person had a digest.
    """

    connection: Connection
    org: str
    known: Known
    watched: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    written: dict[str, int] = field(default_factory=dict)
    runs: set[int] = field(default_factory=set)
    used: set[datetime] = field(default_factory=set)

    def take_out(self, table: Table, rows: Sequence[AnyRow]) -> None:
        """Take the person out of the rows of a table that name them."""
        if table in _OF_PLANS:
            self.runs.update(row.run for row in rows)
        if table is verdict_count:
            _merge_counts(self.connection, rows)
        elif table in _SIGHTINGS:
            for row in rows:
                self.watched[row.deal_id].add(row.field)
        else:
            for row in rows:
                self._rewrite(table, row)

    def finish(self) -> None:
        """Do what rows that do not name the person need as well."""
        self._watch_anew()
        for key, number in self.written.items():
            self._forget_written(key, number)
        self._refuse_plans()
        erased_with(self.connection, self.org, self.used, NOBODY)
        # Who is named in a letter that may leave once more is encoded.
        of_org = digest.c.org == self.org
        self.connection.execute(update(digest).where(of_org).values(content=""))

    def _rewrite(self, table: Table, row: AnyRow) -> None:
        chosen = _place(table, row)
        if table in _OF_ONE_PERSON and refers(table, row, self.known):
            if table is slot and row.state != SlotState.CLAIMED.value:
                self.used.add(row.due_at)
            self.connection.execute(delete(table).where(*chosen))
            return
        if table is change and self._wrote_name(row):
            self.written[row.key] = max(row.run, self.written.get(row.key, 0))
        values = self._values(table, row)
        self.connection.execute(update(table).where(*chosen).values(values))

    def _values(self, table: Table, row: AnyRow) -> dict[str, object]:
        values: dict[str, object] = {}
        for column in references(table):
            if row._mapping[column.name] in self.known.ids:
                values[column.name] = NOBODY
        for column in texts(table):
            text = row._mapping[column.name]
            if text:
                values[column.name] = self.known.left_out(column.name, text)
        return values

    def _wrote_name(self, row: AnyRow) -> bool:
        told = tree_from(row.payload)
        values = text_of({name: told[name] for name in ("write", "before")})
        return self.known.told_in("payload", values)

    def _watch_anew(self) -> None:
        """Forget all that runs saw of a field: a part of it would pass for the whole.

        A plan that saw more of it is not written into what is watched anew either.
        """
        for deal_id, names in self.watched.items():
            for table in _SIGHTINGS:
                of_deal = and_(table.c.org == self.org, table.c.deal_id == deal_id)
                gone = and_(of_deal, table.c.field.in_(names))
                self.connection.execute(delete(table).where(gone))
            query = select(staged_deal).where(
                staged_deal.c.org == self.org,
                staged_deal.c.deal_id == deal_id,
                staged_deal.c.looks.is_not(None),
            )
            for row in self.connection.execute(query).all():
                looks = looks_without(row.looks, names)
                mine = update(staged_deal).where(*_place(staged_deal, row))
                self.connection.execute(mine.values(looks=looks))

    def _forget_written(self, key: str, number: int) -> None:
        """Take the values out of all that was written there up to a run.

        With a gap between them, values of long ago would pass for those of before.
        """
        query = select(change).where(
            change.c.org == self.org, change.c.key == key, change.c.run <= number
        )
        for row in self.connection.execute(query).all():
            bare = {**tree_from(row.payload), "write": {}, "before": {}}
            mine = update(change).where(*_place(change, row))
            self.connection.execute(mine.values(payload=text_of(bare)))

    def _refuse_plans(self) -> None:
        """Note in the plans that named the person that they are none any more."""
        is_plan = or_(
            run.c.kind == RunKind.PLAN.value, run.c.status == RunStatus.HELD.value
        )
        for chunk in chunks(self.runs):
            query = select(run).where(
                run.c.org == self.org, run.c.number.in_(chunk), is_plan
            )
            for row in self.connection.execute(query).all():
                report = {**tree_from(row.report), PERSON_ERASED: True}
                mine = update(run).where(*_place(run, row))
                self.connection.execute(mine.values(report=text_of(report)))


def _place(table: Table, row: AnyRow) -> list[ColumnElement[bool]]:
    """Return the condition that holds for one row alone."""
    key = table.primary_key.columns
    return [column == row._mapping[column.name] for column in key]


def _merge_counts(connection: Connection, rows: Sequence[AnyRow]) -> None:
    """Count what was one person's as nobody's, beside others that were erased."""
    keys = [
        column
        for column in verdict_count.primary_key.columns
        if column.name != "owner_id"
    ]
    for row in rows:
        place: Mapping[str, object] = {
            column.name: row._mapping[column.name] for column in keys
        }
        mine = [verdict_count.c[name] == value for name, value in place.items()]
        of_person = and_(*mine, verdict_count.c.owner_id == row.owner_id)
        connection.execute(verdict_count.delete().where(of_person))
        of_nobody = and_(*mine, verdict_count.c.owner_id == NOBODY)
        number = row._mapping["count"]
        added = update(verdict_count).where(of_nobody)
        grown = added.values(count=verdict_count.c.count + number)
        if not connection.execute(grown).rowcount:
            whole = {**place, "owner_id": NOBODY, "count": number}
            insert_rows(connection, verdict_count, [whole])
