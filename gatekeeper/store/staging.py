"""A run's own rows: what it read, adopted and let through, before the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from gatekeeper.core.model import Mode, State
from gatekeeper.ports import NewLine
from gatekeeper.store.codec import people_from, role_from, text_of
from gatekeeper.store.field_values import looks_text
from gatekeeper.store.rows import episode_row, outcome_letters, violation_row
from gatekeeper.store.schema import (
    adopted_obligation,
    adopted_violation,
    staged_deal,
    staged_obligation,
    staged_violation,
)
from gatekeeper.store.statements import (
    SORTED_PAGE,
    after,
    chunks,
    delete_deals,
    insert_missing,
    insert_rows,
    of_run,
    update_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from gatekeeper.core.model import Obligation, Violation
    from gatekeeper.ports import StagedDeal
    from gatekeeper.store.database import Database
    from gatekeeper.store.rows import AnyRow, Scope


def keep_deals(
    connection: Connection, scope: Scope, deals: Sequence[StagedDeal]
) -> None:
    """Write the facts of some deals in place of any earlier ones of this run."""
    latest = {deal.deal_id: deal for deal in deals}
    for table in (staged_deal, staged_violation, staged_obligation):
        delete_deals(connection, table, scope.key, latest)
    insert_rows(
        connection, staged_deal, [_deal_row(scope, deal) for deal in latest.values()]
    )
    violations = [
        scope.owned(**violation_row(violation))
        for deal in latest.values()
        for violation in deal.violations
    ]
    insert_rows(connection, staged_violation, violations)
    episodes = [
        scope.owned(**episode_row(obligation))
        for deal in latest.values()
        for obligation in deal.obligations
    ]
    insert_rows(connection, staged_obligation, episodes)


def keep_adopted(
    connection: Connection,
    scope: Scope,
    obligations: Sequence[Obligation],
    violations: Sequence[Violation],
) -> None:
    """Write what tasks in the CRM prove; the first proof of a line stands."""
    episodes = [scope.owned(**episode_row(obligation)) for obligation in obligations]
    insert_missing(connection, adopted_obligation, episodes)
    lines = [scope.owned(**violation_row(violation)) for violation in violations]
    insert_missing(connection, adopted_violation, lines)


def is_new_line(scope: Scope) -> ColumnElement[bool]:
    """Return the condition for staged new lines (see `NewLine`)."""
    columns = staged_violation.c
    return and_(
        of_run(staged_violation, *scope.key),
        columns.state == State.OPEN.value,
        columns.mode == Mode.ENFORCE.value,
        columns.released_on.is_(None),
        columns.waiting == "",
    )


def new_lines(database: Database, scope: Scope) -> Iterator[NewLine]:
    """Iterate new lines, worst first, then oldest first."""
    columns = staged_violation.c
    order = (columns.urgency, columns.first_seen, columns.deal_id, columns.rule_id)
    query = (
        select(*order, columns.payload, staged_deal.c.dossier)
        .join_from(
            staged_violation,
            staged_deal,
            and_(
                staged_deal.c.org == columns.org,
                staged_deal.c.run == columns.run,
                staged_deal.c.deal_id == columns.deal_id,
            ),
        )
        .where(is_new_line(scope))
        .order_by(*order)
        .limit(SORTED_PAGE)
    )
    page = query
    while True:
        with database.reading() as connection:
            rows = connection.execute(page).all()
        yield from map(_new_line, rows)
        if len(rows) < SORTED_PAGE:
            return
        page = query.where(after(order, tuple(rows[-1])[:4]))


def mark_lines(
    connection: Connection,
    scope: Scope,
    lines: Iterable[NewLine],
    marks: Mapping[str, str | date | None],
) -> None:
    """Set `waiting` or `released_on` of the open staged lines."""
    keys = ("org", "run", "state", "deal_id", "rule_id")
    place = {"key_org": scope.org, "key_run": scope.run, "key_state": State.OPEN.value}
    for chunk in chunks(lines):
        rows = [
            {**place, "key_deal_id": line.deal_id, "key_rule_id": line.rule_id, **marks}
            for line in chunk
        ]
        update_rows(connection, staged_violation, keys, rows)


def _deal_row(scope: Scope, deal: StagedDeal) -> dict[str, object]:
    return scope.owned(
        deal_id=deal.deal_id,
        stage=deal.stage,
        owner_id=deal.owner_id,
        outcomes=outcome_letters(deal.outcomes, scope.rules),
        dossier=None if deal.dossier is None else text_of(deal.dossier),
        looks=looks_text(deal.sightings) if deal.sightings else None,
        moving=None if deal.moving is None else text_of(deal.moving),
    )


def _new_line(row: AnyRow) -> NewLine:
    people = {} if row.dossier is None else people_from(row.dossier)
    return NewLine(row.deal_id, row.rule_id, people.get(role_from(row.payload)))
