"""The store on SQLite or PostgreSQL: opens runs, and answers what stands."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import select

from gatekeeper.core.notices import Notice, NoticeKind, written
from gatekeeper.errors import (
    DeferredError,
    GatekeeperError,
    StopError,
    StoppedError,
)
from gatekeeper.ports import RunStatus
from gatekeeper.store import (
    audit,
    description,
    pinned,
    proposals,
    quarantine,
    runs,
    sightings,
    standing,
    stop,
    totals,
)
from gatekeeper.store.archive import SqlArchive
from gatekeeper.store.database import Database
from gatekeeper.store.lease import FileLock, grant
from gatekeeper.store.migrate import migrate
from gatekeeper.store.outbox import SqlOutbox
from gatekeeper.store.retention import KEPT, Retention
from gatekeeper.store.rows import Scope, violation_of
from gatekeeper.store.run import SqlRun
from gatekeeper.store.schema import (
    rule_seen,
    staged_violation,
    violation,
)
from gatekeeper.store.slots import SqlSlots
from gatekeeper.store.statements import (
    SORTED_PAGE,
    of_run,
    rows_in_pages,
)
from gatekeeper.store.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.model import Sighted, Violation
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.quarantine import Quarantine
    from gatekeeper.ports import (
        DealHistory,
        Run,
        RunKind,
        RunOutcomes,
        RunRow,
        StagedChange,
    )
    from gatekeeper.store.audit import AuditCheck


class SqlStore:
    """Implements `ports.Store`; see there for what each method promises.

    Attributes:
        slots: Implements `ports.Slots`.
        archive: Implements `ports.Archive`.
        outbox: Implements `ports.Outbox`.

    Raises:
        StoreError: The database cannot be opened, is no database of ours, or is newer.
        SetupError: The address is not one, or its driver is missing.
    """

    def __init__(self, url: str, retention: Retention = KEPT) -> None:
        self._database = Database(url)
        self._retention = retention
        self.slots = SqlSlots(self._database)
        self.archive = SqlArchive(self._database)
        self.outbox = SqlOutbox(self._database)
        try:
            migrate(self._database)
        except StopError:
            self._database.close()
            raise

    @contextmanager
    def open_run(
        self, org: str, kind: RunKind, as_of: datetime, pack: RulePack
    ) -> Iterator[Run]:
        """Look the file through, take the lease, open a run; see `ports.Store`."""
        self._database.check_whole()
        lock = FileLock(self._database.file)
        try:
            with self._database.writing() as connection:
                pinned.pin(connection, org, self._database.name)
                lease = grant(connection, org, lock)
                row = runs.open_row(connection, lease, kind, as_of, pack)
            run = SqlRun(self._database, lease, row, pack, self._retention)
            try:
                yield run
            except StopError as why:
                _leave(run, _LEFT.get(type(why), RunStatus.FAILED), str(why))
                raise
            finally:
                _leave(run, RunStatus.FAILED)
        finally:
            lock.close()

    def pinned_org(self) -> str | None:
        """Return the org this database belongs to; None before its first run."""
        with self._database.reading() as connection:
            return pinned.pinned_org(connection)

    def runs(self, org: str | None = None, limit: int = 20) -> Sequence[RunRow]:
        """Return the latest runs, newest first."""
        with self._database.reading() as connection:
            return runs.latest(connection, org, limit)

    def ended_runs(self, org: str, limit: int) -> Sequence[RunRow]:
        """Return the latest runs that ended with what they read, newest first."""
        with self._database.reading() as connection:
            return runs.latest(connection, org, limit, runs.HAS_ENDED)

    def run(self, run_id: str) -> RunRow | None:
        """Return one run by id, number, the start of one id, or `latest`."""
        found = self._find(run_id)
        return None if found is None else found[1]

    def changes(self, run_id: str) -> Iterator[StagedChange]:
        """Iterate the changes of a stored run or plan, in writing order."""
        found = self._find(run_id)
        if found is None:
            return iter(())
        return proposals.changes_of_run(self._database, found[0], found[1].number)

    def written_before(
        self, org: str, keys: Sequence[str], number: int
    ) -> Mapping[str, Sequence[StagedChange]]:
        """Return what runs before a number wrote, or may have; the latest first."""
        with self._database.reading() as connection:
            return proposals.written_before(connection, org, keys, number)

    def written_since(self, org: str, keys: Sequence[str], number: int) -> set[str]:
        """Return the keys into which runs after a number wrote, or may have."""
        with self._database.reading() as connection:
            return proposals.written_since(connection, org, keys, number)

    def moved_since(self, org: str, plan: int) -> set[str]:
        """Return the deals of which a line stands otherwise than the plan left it."""
        with self._database.reading() as connection:
            return proposals.moved_since(connection, org, plan)

    def quarantined(self, org: str) -> Sequence[Quarantine]:
        """Return what is left alone, the latest last."""
        with self._database.reading() as connection:
            return quarantine.listed(connection, org)

    def release(self, org: str, name: str) -> Sequence[str]:
        """Free a subject, or all of a deal; return what was left alone until now."""
        with self._database.writing() as connection:
            return quarantine.release(connection, org, name)

    def violations(
        self, org: str, states: Sequence[str] = (), run_id: str | None = None
    ) -> Iterator[Violation]:
        """Iterate standing violations, or a stored run's own; worst, oldest first.

        They are those of one moment, whatever a run commits meanwhile.
        """
        table, chosen = violation, violation.c.org == org
        if run_id is not None:
            found = self._find(run_id)
            number = -1 if found is None or found[0] != org else found[1].number
            table, chosen = staged_violation, of_run(staged_violation, org, number)
        order = [
            table.c[name]
            for name in ("urgency", "first_seen", "deal_id", "rule_id", "pipeline")
        ]
        query = select(table).where(chosen)
        if states:
            query = query.where(table.c.state.in_(states))
        with self._database.snapshot() as connection:
            rows = rows_in_pages(connection, query, order, SORTED_PAGE)
            yield from map(violation_of, rows)

    def history(self, org: str, deal_ids: Sequence[str]) -> Mapping[str, DealHistory]:
        """Return what stands and stood on these deals; absent ids have no history."""
        beside_runs = Scope(org, run=0)  # no run has this number, none adopts in it
        with self._database.reading() as connection:
            return standing.history(connection, beside_runs, deal_ids)

    def seen_logics(self, org: str) -> set[tuple[str, str]]:
        """Return (rule id, logic) pairs some stored plan or run has evaluated."""
        query = select(rule_seen.c.rule_id, rule_seen.c.logic)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(rule_seen.c.org == org))
            return {(row.rule_id, row.logic) for row in rows}

    def looked_at(self, org: str) -> datetime | None:
        """Return when a run last looked at every deal."""
        with self._database.reading() as connection:
            return sightings.looked_at(connection, org)

    def judged_since(self, org: str) -> datetime | None:
        """Return as of when the first kept run judged."""
        first = self.archive.first_told(org)
        return first.as_of if first else None

    def sightings(
        self, org: str, deal_ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, Sighted]]:
        """Return per deal and field what runs saw; deals never seen are absent."""
        with self._database.reading() as connection:
            return sightings.sightings(connection, org, deal_ids)

    def outcomes(self, org: str, since: datetime) -> Sequence[RunOutcomes]:
        """Return how the rules went in each run and plan as of then or later."""
        with self._database.reading() as connection:
            return totals.outcomes(connection, org, since)

    def save_schema(self, org: str, schema: CrmSchema) -> CrmSchema:
        """Keep the CRM's description, with what only an older one knows."""
        with self._database.writing() as connection:
            pinned.check_org(connection, org, self._database.name)
            return description.keep(connection, org, schema)

    def saved_schema(self, org: str | None) -> CrmSchema | None:
        """Return the last description kept."""
        with self._database.reading() as connection:
            return description.last(connection, org)

    def set_stop(self, org: str, *, stopped: bool) -> None:
        """Set or clear the stop row, and note it in the audit chain."""
        with self._database.writing() as connection:
            stop.put(connection, org, stopped=stopped)

    def verify_audit(self, org: str, known: str = "") -> AuditCheck:
        """Walk the audit chain of an org; `known` is a head it must hold."""
        return audit.verify(self._database, org, known)

    @property
    def upkeep(self) -> Upkeep:
        """What an admin does with all the rows."""
        return Upkeep(self._database)

    def close(self) -> None:
        """Give back connections."""
        self._database.close()

    def _find(self, run_id: str) -> tuple[str, RunRow] | None:
        with self._database.reading() as connection:
            return runs.find(connection, run_id)


_LEFT: Mapping[type[StopError], RunStatus] = {
    DeferredError: RunStatus.DEFERRED,
    StoppedError: RunStatus.STOPPED,
}
"""How a run ended that something stopped on its way; all else is a failure."""


def _leave(run: SqlRun, status: RunStatus, why: str = "") -> None:
    """End a run that did not come to its end."""
    if run.is_finished:
        return
    # What ended the run is under way already and must not be hidden by this.
    with suppress(GatekeeperError):
        said = written([Notice(NoticeKind.STOPPED, "", why)])
        run.finish(status, said if why else {})
