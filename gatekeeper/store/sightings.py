"""What runs saw of each deal, look by look: kept as deltas, folded in at a commit.

`watch` says when a run last looked at every deal, `field_now` what it saw last of each
field and since when without a break, `field_change` what changed between two looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, select, tuple_

from gatekeeper.core.history.sightings import BY_NOBODY_KNOWN
from gatekeeper.core.model import FieldChange, Sighted
from gatekeeper.store.field_values import looks_from, value_from
from gatekeeper.store.schema import field_change, field_now, staged_deal, watch
from gatekeeper.store.statements import (
    PAGE,
    chunks,
    insert_missing,
    of_run,
    put_rows,
    upsert,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow, Scope


# ---- read ----------------------------------------------------------------------


def looked_at(connection: Connection, org: str) -> datetime | None:
    """Return when a run last looked at every deal."""
    query = select(watch.c.looked_at).where(watch.c.org == org)
    return connection.execute(query).scalar()


def sightings(
    connection: Connection, org: str, deals: Sequence[str]
) -> dict[str, dict[str, Sighted]]:
    """Return per deal and field what runs saw; deals never seen are absent."""
    known: dict[str, dict[str, Sighted]] = {}
    for chunk in chunks(dict.fromkeys(deals)):
        changes = _changes(connection, org, chunk)
        query = select(field_now).where(
            field_now.c.org == org, field_now.c.deal_id.in_(chunk)
        )
        for row in connection.execute(query):
            made = changes.get((row.deal_id, row.field), ())
            known.setdefault(row.deal_id, {})[row.field] = Sighted(
                row.since,
                value_from(row.value),
                tuple(change for change in made if change.at > row.since),
            )
    return known


def _changes(
    connection: Connection, org: str, deals: Sequence[str]
) -> dict[tuple[str, str], list[FieldChange]]:
    query = (
        select(field_change)
        .where(field_change.c.org == org, field_change.c.deal_id.in_(deals))
        .order_by(field_change.c.at)
    )
    found: dict[tuple[str, str], list[FieldChange]] = {}
    for row in connection.execute(query):
        change = FieldChange(
            row.field,
            row.at,
            value_from(row.old),
            value_from(row.new),
            BY_NOBODY_KNOWN,
            row.after,
        )
        found.setdefault((row.deal_id, row.field), []).append(change)
    return found


# ---- fold ----------------------------------------------------------------------


def fold_sightings(connection: Connection, scope: Scope) -> None:
    """Write what the run saw anew; what it saw before stands."""
    columns, mine = staged_deal.c, of_run(staged_deal, *scope.key)
    seen = select(columns.deal_id).where(mine, columns.looks.is_not(None))
    looks = select(columns.deal_id, columns.looks).where(mine)
    for chunk in chunks(connection.scalars(seen).all(), PAGE):
        chosen = looks.where(columns.deal_id.in_(chunk))
        _write(connection, scope.org, connection.execute(chosen).all())


def end_look(connection: Connection, scope: Scope, as_of: datetime) -> None:
    """Note that the run looked at every deal, and forget those it did not see."""
    was_seen = exists().where(
        of_run(staged_deal, *scope.key), staged_deal.c.deal_id == field_now.c.deal_id
    )
    mine = field_now.c.org == scope.org
    connection.execute(delete(field_now).where(mine, ~was_seen))
    _forget_unwatched(connection, scope.org)
    statement = upsert(connection, watch).values(org=scope.org, looked_at=as_of)
    newer = statement.excluded.looked_at
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["org"],
            set_={"looked_at": newer},
            where=watch.c.looked_at < newer,
        )
    )


def _write(connection: Connection, org: str, rows: Sequence[AnyRow]) -> None:
    present: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    ended: list[tuple[str, str]] = []
    for row in rows:
        for name, seen in looks_from(row.looks).items():
            place = {"org": org, "deal_id": row.deal_id, "field": name}
            if seen is None:
                ended.append((row.deal_id, name))
                continue
            present.append({**place, "since": seen.since, "value": seen.value})
            changed += [{**place, **change.columns} for change in seen.changes]
    for chunk in chunks(ended):
        watched = tuple_(field_now.c.deal_id, field_now.c.field)
        gone = and_(field_now.c.org == org, watched.in_(chunk))
        connection.execute(delete(field_now).where(gone))
    put_rows(connection, field_now, present)
    insert_missing(connection, field_change, changed)


def _forget_unwatched(connection: Connection, org: str) -> None:
    """Delete changes of what is not watched any more, or was watched anew since."""
    watched = exists().where(
        field_now.c.org == field_change.c.org,
        field_now.c.deal_id == field_change.c.deal_id,
        field_now.c.field == field_change.c.field,
        field_now.c.since < field_change.c.at,
    )
    connection.execute(delete(field_change).where(field_change.c.org == org, ~watched))
