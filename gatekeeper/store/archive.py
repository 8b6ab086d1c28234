"""Stored runs as digests read them: the database counts, we only hand over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import Outcome, State
from gatekeeper.ports import WITHOUT_END, RunKind
from gatekeeper.store.audit import head_of
from gatekeeper.store.codec import moving_from
from gatekeeper.store.rows import run_of, violation_of
from gatekeeper.store.schema import run, staged_deal, verdict_count, violation
from gatekeeper.store.statements import PAGE, of_run, rows_in_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection

    from gatekeeper.core.digest.values import Moving
    from gatekeeper.core.model import Violation
    from gatekeeper.ports import RunRow
    from gatekeeper.store.database import Database

_CUT_SHORT_IN_A_ROW = 100
"""Runs that judged nothing, behind which nobody looks for one that did."""

_KEY = [violation.c[name] for name in ("deal_id", "rule_id", "pipeline")]


class SqlArchive:
    """Implements `ports.Archive`; see there for what each method promises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_told(self, org: str) -> RunRow | None:
        """Return the last run that kept track; None before there is one."""
        return self._nearest(_told(org).order_by(run.c.number.desc()))

    def first_told(self, org: str) -> RunRow | None:
        """Return the first kept run that kept track; None before there is one."""
        return self._nearest(_told(org).order_by(run.c.number))

    def _nearest(self, query: Select[tuple[object, ...]]) -> RunRow | None:
        with self._database.reading() as connection:
            return _first_judged(connection, query)

    def told_runs(self, org: str, since: datetime) -> Sequence[RunRow]:
        """Return the runs that kept track, as of then or later, oldest first."""
        query = _told(org).where(run.c.as_of >= since)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(run.c.as_of, run.c.number))
            return [row for row in map(run_of, rows) if _has_judged(row)]

    def deals(self, org: str, number: int) -> Mapping[tuple[str, str], int] | None:
        """Return (owner id, stage label) to deals of a run; None once forgotten."""
        columns = staged_deal.c
        query = (
            select(columns.owner_id, columns.stage, func.count().label("deals"))
            .where(of_run(staged_deal, org, number))
            .group_by(columns.owner_id, columns.stage)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {(row.owner_id or "", row.stage): row.deals for row in rows} or None

    def verdicts(self, org: str, number: int) -> Mapping[tuple[str, str, str], int]:
        """Return (owner id, rule id, outcome) to results of a run."""
        columns = verdict_count.c
        by = (columns.owner_id, columns.rule_id, columns.outcome)
        query = select(*by, func.sum(columns.count).label("results"))
        query = query.where(of_run(verdict_count, org, number)).group_by(*by)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {
            (row.owner_id, row.rule_id, row.outcome): int(row.results) for row in rows
        }

    def failing(self, org: str, number: int) -> Mapping[tuple[str, str], int]:
        """Return (owner id, stage label) to failing results of a run."""
        columns = verdict_count.c
        by = (columns.owner_id, columns.stage)
        query = (
            select(*by, func.sum(columns.count).label("results"))
            .where(
                of_run(verdict_count, org, number),
                columns.outcome == Outcome.FAIL.value,
            )
            .group_by(*by)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {(row.owner_id, row.stage): int(row.results) for row in rows}

    def audit_head(self, org: str) -> str:
        """Return the hash of the audit chain's last row; "" where there is none."""
        with self._database.reading() as connection:
            return head_of(connection, org)[1]

    def counts(self, org: str) -> Mapping[tuple[str, str], int]:
        """Return (rule id, state) to how many violations stand."""
        of = [violation.c.rule_id, violation.c.state]
        query = (
            select(*of, func.count().label("violations"))
            .where(violation.c.org == org, violation.c.state != State.RESOLVED.value)
            .group_by(*of)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query)
            return {(row.rule_id, row.state): row.violations for row in rows}

    def moving(self, org: str, number: int) -> Iterator[Moving]:
        """Iterate the deals of a run that may close soon."""
        columns = staged_deal.c
        query = select(columns.moving).where(
            of_run(staged_deal, org, number), columns.moving.is_not(None)
        )
        with self._database.reading() as connection:
            texts = connection.execute(query).scalars().all()
        yield from map(moving_from, texts)

    def standing(self, org: str, after_run: int | None) -> Iterator[Violation]:
        """Iterate what stands, and what was resolved in runs after that number.

        All is of one moment, whatever a run commits meanwhile.
        """
        columns = violation.c
        chosen = columns.state != State.RESOLVED.value
        if after_run is not None:
            chosen = or_(chosen, columns.run > after_run)
        query = select(violation).where(columns.org == org, chosen)
        with self._database.snapshot() as connection:
            for row in rows_in_pages(connection, query, _KEY, PAGE):
                yield replace(violation_of(row), findings=())


def read_by_digests(connection: Connection, org: str, zone: ZoneInfo) -> list[int]:
    """Return the run that digests tell of, and the one they compare it with.

    Args:
        connection: Open on the database.
        org: Whose runs.
        zone: The project's, in which the day before ends.

    Returns:
        Their numbers: two, one, or none.
    """
    told = _told(org)
    last = _first_judged(connection, told.order_by(run.c.number.desc()))
    if last is None:
        return []
    dawn = datetime.combine(local_date(last.as_of, zone), time(), zone)
    earlier = told.where(run.c.as_of < dawn, run.c.number < last.number)
    latest = earlier.order_by(run.c.as_of.desc(), run.c.number.desc())
    before = _first_judged(connection, latest)
    return [last.number] if before is None else [last.number, before.number]


def _first_judged(
    connection: Connection, query: Select[tuple[object, ...]]
) -> RunRow | None:
    rows = map(run_of, connection.execute(query.limit(_CUT_SHORT_IN_A_ROW)))
    return next(filter(_has_judged, rows), None)


def _told(org: str) -> Select[tuple[object, ...]]:
    """Select the runs that ended, and those whose commit is all there is of them.

    Lines stand as the last commit left them: told with the numbers of a run before it,
    they would be of two runs.
    """
    has_ended = run.c.status.not_in([each.value for each in WITHOUT_END])
    has_committed = exists().where(
        verdict_count.c.org == run.c.org, verdict_count.c.run == run.c.number
    )
    return select(run).where(
        run.c.org == org,
        run.c.kind == RunKind.RUN.value,
        or_(has_ended, has_committed),
    )


def _has_judged(row: RunRow) -> bool:
    """Whether a run came to its counts; one stopped before reports none."""
    return row.status in WITHOUT_END or bool(row.report.get("counts"))
