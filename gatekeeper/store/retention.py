"""What is forgotten with time: values first, then the detail of runs, then the audit.

Within the commit of a run. What still stands (live violations, open tasks) is never
touched, whatever its age.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select, update

from gatekeeper.core.model import State
from gatekeeper.store import audit
from gatekeeper.store.codec import change_from, text_of, violation_from
from gatekeeper.store.schema import STAGING, change, run, verdict_count, violation
from gatekeeper.store.statements import chunks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept.

    Attributes:
        values: Texts and values of writes, and findings of resolved violations.
        runs: Runs with their writes, counts and reports.
        audit: Rows of the audit chain.
    """

    values: timedelta = timedelta(days=90)
    runs: timedelta = timedelta(days=396)
    audit: timedelta = timedelta(days=731)


KEPT = Retention()
"""How long what is kept where no setting says otherwise."""


def forget(
    connection: Connection, org: str, now: datetime, retention: Retention
) -> None:
    """Forget what is older than it may be."""
    values_end = _last_run_before(connection, org, now - retention.values)
    if values_end is not None:
        _forget_values(connection, org, values_end)
        _forget_findings(connection, org, values_end)
    runs_end = _last_run_before(connection, org, now - retention.runs)
    if runs_end is not None:
        _forget_runs(connection, org, runs_end)
    audit.forget_before(connection, org, now - retention.audit)


def _last_run_before(connection: Connection, org: str, moment: datetime) -> int | None:
    query = select(func.max(run.c.number))
    mine = query.where(run.c.org == org, run.c.started_at < moment)
    return connection.execute(mine).scalar()


def _forget_values(connection: Connection, org: str, number: int) -> None:
    """Take texts and values out of old writes; what was written where stays."""
    has_values = change.c.payload.not_like('%"write":{}%')
    old = and_(change.c.org == org, change.c.run <= number, has_values)
    for row in connection.execute(select(change).where(old)).all():
        bare = replace(change_from(row.payload), write={}, before={}, deal_name="")
        mine = and_(
            change.c.org == org, change.c.run == row.run, change.c.seq == row.seq
        )
        connection.execute(update(change).where(mine).values(payload=text_of(bare)))


def _forget_findings(connection: Connection, org: str, number: int) -> None:
    """Take what was found out of violations that were resolved long ago."""
    old = and_(
        violation.c.org == org,
        violation.c.run <= number,
        violation.c.state == State.RESOLVED.value,
        violation.c.payload.not_like('%"findings":[]%'),
    )
    for row in connection.execute(select(violation).where(old)).all():
        bare = replace(violation_from(row.payload), findings=(), fix="")
        key = [column == row._mapping[column.name] for column in violation.primary_key]
        connection.execute(update(violation).where(*key).values(payload=text_of(bare)))


def _forget_runs(connection: Connection, org: str, number: int) -> None:
    for table in (*STAGING, change, verdict_count):
        old = and_(table.c.org == org, table.c.run <= number)
        connection.execute(delete(table).where(old))
    query = select(run.c.number).where(run.c.org == org, run.c.number <= number)
    for chunk in chunks(connection.execute(query).scalars().all()):
        chosen = and_(run.c.org == org, run.c.number.in_(chunk))
        connection.execute(delete(run).where(chosen))
