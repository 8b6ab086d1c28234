"""What is known before and beside a run: standing rows with the run's adoptions.

A line or task adopted by the run shows at once in its own reading, and is folded
into the standing tables by its commit only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, union

from gatekeeper.core.episodes import latest_episodes
from gatekeeper.core.model import ObligationState, State
from gatekeeper.ports import DealFile, DealHistory
from gatekeeper.store.codec import dossier_from
from gatekeeper.store.rows import UNFINISHED, obligation_of, violation_of
from gatekeeper.store.schema import (
    adopted_obligation,
    adopted_violation,
    obligation,
    staged_deal,
    staged_obligation,
    staged_violation,
    violation,
)
from gatekeeper.store.statements import PAGE, after, chunks, of_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Connection

    from gatekeeper.core.model import Obligation, ObligationId, Violation
    from gatekeeper.store.database import Database
    from gatekeeper.store.rows import AnyRow, Scope

_UNFINISHED = [state.value for state in UNFINISHED]


def history(
    connection: Connection, scope: Scope, deals: Sequence[str]
) -> dict[str, DealHistory]:
    """Return what is known of some deals; those without history are absent."""
    known: dict[str, DealHistory] = {}
    for chunk in chunks(dict.fromkeys(deals)):
        violations = _violations(connection, scope, chunk)
        obligations = _obligations(connection, scope, chunk)
        for deal_id in violations.keys() | obligations.keys():
            known[deal_id] = DealHistory(
                violations.get(deal_id, {}), obligations.get(deal_id, {})
            )
    return known


def files(database: Database, scope: Scope) -> Iterator[DealFile]:
    """Iterate the staged dossiers by deal id with what belongs to them."""
    columns = staged_deal.c
    query = (
        select(columns.deal_id, columns.dossier)
        .where(of_run(staged_deal, *scope.key), columns.dossier.is_not(None))
        .order_by(columns.deal_id)
        .limit(PAGE)
    )
    page = query
    while True:
        with database.reading() as connection:
            rows = connection.execute(page).all()
            complete = _complete_files(connection, scope, rows)
        yield from complete
        if len(rows) < PAGE:
            return
        page = query.where(columns.deal_id > rows[-1].deal_id)


def known_keys(
    connection: Connection, scope: Scope, keys: Sequence[str]
) -> dict[str, Obligation]:
    """Return the obligations with these task keys."""
    found: dict[str, Obligation] = {}
    for chunk in chunks(dict.fromkeys(keys)):
        adopted = _adopted_rows(connection, scope, adopted_obligation.c.key.in_(chunk))
        standing = select(obligation).where(
            obligation.c.org == scope.org, obligation.c.key.in_(chunk)
        )
        rows = connection.execute(standing).all()
        found.update({each.key: each for each in _merged(rows, adopted)})
    return found


def open_obligations(database: Database, scope: Scope) -> Iterator[Obligation]:
    """Iterate the episodes in state intent, open or resolving."""
    unfinished = obligation.c.state.in_(_UNFINISHED)
    for rows in _episode_pages(database, obligation, unfinished, scope):
        with database.reading() as connection:
            keys = [row.key for row in rows]
            known = known_keys(connection, scope, keys)
        yield from (each for each in known.values() if each.state in UNFINISHED)
    adopted_too = adopted_obligation.c.state.in_(_UNFINISHED)
    for rows in _episode_pages(database, adopted_obligation, adopted_too, scope):
        keys = [row.key for row in rows]
        with database.reading() as connection:
            query = select(obligation.c.key).where(
                obligation.c.org == scope.org, obligation.c.key.in_(keys)
            )
            standing = set(connection.execute(query).scalars())
        yield from (obligation_of(row) for row in rows if row.key not in standing)


def live_deals(connection: Connection, scope: Scope) -> set[str]:
    """Return ids of deals with a live violation or an unfinished obligation."""
    parts = [
        select(violation.c.deal_id).where(
            violation.c.org == scope.org, violation.c.state != State.RESOLVED.value
        ),
        select(obligation.c.deal_id).where(
            obligation.c.org == scope.org, obligation.c.state.in_(_UNFINISHED)
        ),
        select(adopted_violation.c.deal_id).where(
            of_run(adopted_violation, *scope.key),
            adopted_violation.c.state != State.RESOLVED.value,
        ),
        select(adopted_obligation.c.deal_id).where(
            of_run(adopted_obligation, *scope.key),
            adopted_obligation.c.state.in_(_UNFINISHED),
        ),
    ]
    return set(connection.execute(union(*parts)).scalars())


def count_released(connection: Connection, org: str, day: date) -> int:
    """Count the standing violations whose line was released on a day."""
    query = select(func.count()).where(
        violation.c.org == org, violation.c.released_on == day
    )
    return connection.execute(query).scalar_one()


def tasks_opened_on(connection: Connection, org: str, day: date) -> dict[str, int]:
    """Return person id to tasks created, or under way, for them on a day."""
    columns = obligation.c
    query = (
        select(columns.person_id, func.count().label("tasks"))
        .where(
            columns.org == org,
            columns.created_on == day,
            columns.person_id.is_not(None),
        )
        .group_by(columns.person_id)
    )
    return {row.person_id: row.tasks for row in connection.execute(query)}


def _violations(
    connection: Connection, scope: Scope, deals: Sequence[str]
) -> dict[str, dict[str, Violation]]:
    """Return per deal and rule the last known violation.

    After a change of pipeline a rule may have two rows: the live one wins, then the
    one that changed last.
    """
    columns = violation.c
    standing = (
        select(violation)
        .where(columns.org == scope.org, columns.deal_id.in_(deals))
        .order_by(columns.run)
    )
    known: dict[str, dict[str, Violation]] = {}
    for row in connection.execute(standing):
        rules = known.setdefault(row.deal_id, {})
        last = rules.get(row.rule_id)
        if last is None or not last.is_live or row.state != State.RESOLVED.value:
            rules[row.rule_id] = violation_of(row)
    adopted = select(adopted_violation).where(
        of_run(adopted_violation, *scope.key), adopted_violation.c.deal_id.in_(deals)
    )
    for row in connection.execute(adopted):
        rules = known.setdefault(row.deal_id, {})
        if row.rule_id not in rules or not rules[row.rule_id].is_live:
            rules[row.rule_id] = violation_of(row)
    return known


def _obligations(
    connection: Connection, scope: Scope, deals: Sequence[str]
) -> dict[str, dict[ObligationId, Obligation]]:
    """Return per deal the latest episode of each obligation."""
    query = select(obligation).where(
        obligation.c.org == scope.org, obligation.c.deal_id.in_(deals)
    )
    rows = connection.execute(query).all()
    adopted = _adopted_rows(connection, scope, adopted_obligation.c.deal_id.in_(deals))
    known: dict[str, dict[ObligationId, Obligation]] = {}
    for each in sorted(_merged(rows, adopted), key=lambda each: each.episode):
        known.setdefault(each.id.deal_id, {})[each.id] = each
    return known


def _merged(
    standing: Sequence[AnyRow], adopted: Sequence[AnyRow]
) -> Iterator[Obligation]:
    """Join both; a task found in the CRM settles a standing intent."""
    found = {row.key: row for row in adopted}
    for row in standing:
        proof = found.pop(row.key, None)
        known = obligation_of(row)
        if proof is not None and known.state is ObligationState.INTENT:
            known = obligation_of(proof, version=known.version)
        yield known
    yield from map(obligation_of, found.values())


def _adopted_rows(
    connection: Connection, scope: Scope, chosen: ColumnElement[bool]
) -> Sequence[AnyRow]:
    query = select(adopted_obligation)
    query = query.where(of_run(adopted_obligation, *scope.key), chosen)
    return connection.execute(query).all()


def _complete_files(
    connection: Connection, scope: Scope, rows: Sequence[AnyRow]
) -> list[DealFile]:
    deals = [row.deal_id for row in rows]
    staged: dict[str, list[Violation]] = {}
    query = select(staged_violation).where(
        of_run(staged_violation, *scope.key), staged_violation.c.deal_id.in_(deals)
    )
    for row in connection.execute(query.order_by(staged_violation.c.rule_id)):
        staged.setdefault(row.deal_id, []).append(violation_of(row))
    known = history(connection, scope, deals)
    changed = _staged_obligations(connection, scope, deals)
    return [
        DealFile(
            dossier=dossier_from(row.dossier),
            violations=staged.get(row.deal_id) or _live(known.get(row.deal_id)),
            obligations=latest_episodes(
                known.get(row.deal_id, DealHistory()).obligations,
                changed.get(row.deal_id, ()),
            ),
        )
        for row in rows
    ]


def _staged_obligations(
    connection: Connection, scope: Scope, deals: Sequence[str]
) -> dict[str, list[Obligation]]:
    query = select(staged_obligation).where(
        of_run(staged_obligation, *scope.key), staged_obligation.c.deal_id.in_(deals)
    )
    changed: dict[str, list[Obligation]] = {}
    for each in map(obligation_of, connection.execute(query)):
        changed.setdefault(each.id.deal_id, []).append(each)
    return changed


def _live(known: DealHistory | None) -> Sequence[Violation]:
    violations: Mapping[str, Violation] = {} if known is None else known.violations
    return [violations[rule] for rule in sorted(violations) if violations[rule].is_live]


def _episode_pages(
    database: Database, table: Table, chosen: ColumnElement[bool], scope: Scope
) -> Iterator[Sequence[AnyRow]]:
    mine = (
        table.c.org == scope.org if table is obligation else of_run(table, *scope.key)
    )
    order = [table.c[name] for name in ("deal_id", "role", "group", "episode")]
    query = select(table).where(mine, chosen).order_by(*order).limit(PAGE)
    page = query
    while True:
        with database.reading() as connection:
            rows = connection.execute(page).all()
        yield rows
        if len(rows) < PAGE:
            return
        last = rows[-1]._mapping
        page = query.where(after(order, [last[column.name] for column in order]))
