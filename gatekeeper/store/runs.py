"""Rows of the run table: opened, ended, found again by what a person types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select, update

from gatekeeper.ports import ENDED, RunKind, RunRow, RunStatus
from gatekeeper.store.codec import text_of
from gatekeeper.store.database import database_now
from gatekeeper.store.rows import run_of
from gatekeeper.store.schema import STAGING, rule_seen, run
from gatekeeper.store.statements import insert_missing, insert_rows, of_run
from gatekeeper.store.totals import count_deals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from gatekeeper.core.pack import RulePack
    from gatekeeper.store.lease import Lease
    from gatekeeper.store.rows import Scope

LATEST = "latest"
HAS_ENDED = and_(
    run.c.kind == RunKind.RUN.value,
    run.c.status.in_([each.value for each in ENDED]),
)
"""Whether a run ended with what its pull brought."""


def open_row(
    connection: Connection,
    lease: Lease,
    kind: RunKind,
    as_of: datetime,
    pack: RulePack,
) -> RunRow:
    """Insert the next run of the org; whatever was left running has failed."""
    now = database_now(connection)
    mine = run.c.org == lease.org
    left = and_(mine, run.c.status == RunStatus.RUNNING.value)
    failed = {"status": RunStatus.FAILED.value, "finished_at": now}
    connection.execute(update(run).where(left).values(failed))
    last = connection.execute(select(func.max(run.c.number)).where(mine)).scalar() or 0
    row = RunRow(
        id=_id_of(now, last + 1),
        number=last + 1,
        kind=kind,
        status=RunStatus.RUNNING,
        as_of=as_of,
        started_at=now,
        finished_at=None,
        deals=0,
        pack=pack.fingerprint,
        logics={rule.id: rule.logic for rule in pack.rules},
        revision=pack.revision,
    )
    insert_rows(connection, run, [_columns(row, lease)])
    return row


def _id_of(started_at: datetime, number: int) -> str:
    return f"r-{started_at:%Y%m%d}-{number:04d}"


def renumber(connection: Connection, scope: Scope, row: RunRow, number: int) -> RunRow:
    """Give a run another number, and all that it has staged with it.

    The rows of a run refer to it, so it stands under both numbers for a moment.
    """
    other = replace(row, id=_id_of(row.started_at, number), number=number)
    stored = connection.execute(select(run).where(_is(scope))).one()
    copy = {**stored._mapping, "id": other.id, "number": number}
    insert_rows(connection, run, [copy])
    for table in STAGING:
        mine = of_run(table, *scope.key)
        connection.execute(update(table).where(mine).values(run=number))
    connection.execute(delete(run).where(_is(scope)))
    return other


def note_logics(connection: Connection, scope: Scope, row: RunRow) -> None:
    """Note by which logic a run or a plan has judged; others judge nothing new."""
    if row.kind in (RunKind.RUN, RunKind.PLAN):
        seen = [
            {"org": scope.org, "rule_id": rule, "logic": logic}
            for rule, logic in row.logics.items()
        ]
        insert_missing(connection, rule_seen, seen)


def note_deals(connection: Connection, scope: Scope) -> None:
    """Note how many deals the run has read."""
    deals = count_deals(connection, scope)
    connection.execute(update(run).where(_is(scope)).values(deals=deals))


def end_row(
    connection: Connection,
    scope: Scope,
    status: RunStatus,
    report: Mapping[str, object],
) -> RunRow:
    """Note how the run ended, and return it."""
    values = {
        "status": status.value,
        "report": text_of(report),
        "finished_at": database_now(connection),
    }
    connection.execute(update(run).where(_is(scope)).values(values))
    return run_of(connection.execute(select(run).where(_is(scope))).one())


def latest(
    connection: Connection,
    org: str | None,
    limit: int,
    chosen: ColumnElement[bool] | None = None,
) -> Sequence[RunRow]:
    """Return the latest runs, of those that are chosen, newest first."""
    query = select(run).order_by(run.c.number.desc(), run.c.org).limit(limit)
    if chosen is not None:
        query = query.where(chosen)
    if org is not None:
        query = query.where(run.c.org == org)
    return [run_of(row) for row in connection.execute(query)]


def find(connection: Connection, name: str) -> tuple[str, RunRow] | None:
    """Return the org and run of an id, a number, the start of one id, or `latest`."""
    newest = select(run).order_by(run.c.number.desc())
    if name == LATEST:
        row = connection.execute(newest.limit(1)).first()
        return None if row is None else (row.org, run_of(row))
    chosen = [run.c.id == name]
    if name.isascii() and name.isdigit() and len(name) < 10:
        chosen.append(run.c.number == int(name))
    elif name:
        chosen.append(run.c.id.startswith(name, autoescape=True))
    for condition in chosen:
        rows = connection.execute(newest.where(condition).limit(2)).all()
        if len(rows) == 1:
            return rows[0].org, run_of(rows[0])
    return None


def _is(scope: Scope) -> ColumnElement[bool]:
    return and_(run.c.org == scope.org, run.c.number == scope.run)


def _columns(row: RunRow, lease: Lease) -> dict[str, object]:
    return {
        "org": lease.org,
        "number": row.number,
        "id": row.id,
        "kind": row.kind.value,
        "status": row.status.value,
        "as_of": row.as_of,
        "started_at": row.started_at,
        "deals": row.deals,
        "pack": row.pack,
        "report": text_of(row.report),
        "logics": text_of(row.logics),
        "revision": row.revision,
        "fence": lease.fence,
    }
