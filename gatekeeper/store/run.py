"""One run under its lease, as the port promises it: each method one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from gatekeeper.core.calendar import local_date
from gatekeeper.core.former_ids import present_ids
from gatekeeper.ports import RunKind
from gatekeeper.store import (
    archive,
    audit,
    folding,
    proposals,
    quarantine,
    retention,
    retirement,
    runs,
    sightings,
    staging,
    standing,
    stop,
    totals,
)
from gatekeeper.store.database import database_now
from gatekeeper.store.ledger import Ledger
from gatekeeper.store.rows import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.engine import Connection

    from gatekeeper.core.model import Action, Change, Obligation, Receipt, Violation
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.quarantine import Quarantine
    from gatekeeper.ports import (
        DealFile,
        DealHistory,
        LookAlike,
        NewLine,
        RunRow,
        RunStatus,
        RunTotals,
        StagedChange,
        StagedDeal,
    )
    from gatekeeper.store.database import Database
    from gatekeeper.store.lease import Lease
    from gatekeeper.store.retention import Retention

log = structlog.get_logger(__name__)


class SqlRun:
    """Implements `ports.Run`; see there for what each method promises."""

    def __init__(
        self,
        database: Database,
        lease: Lease,
        row: RunRow,
        pack: RulePack,
        kept: Retention,
    ) -> None:
        self._database = database
        self._lease = lease
        self._retention = kept
        self._row = row
        self._scope = Scope(lease.org, row.number, tuple(row.logics))
        self._renamed = present_ids(pack)
        self._zone = pack.project.zone
        day = local_date(row.as_of, self._zone)
        self._ledger = Ledger(self._scope, lease.fence, row.as_of, day)
        self._kept: frozenset[str] = frozenset()
        self._aside: set[str] = set()
        self.is_finished = False

    @property
    def row(self) -> RunRow:
        """The run: as it was opened, and once it is finished, how it ended."""
        return self._row

    def number_after(self, highest: int) -> None:
        """Go on under a number above `highest`, with all that is staged."""
        if highest < self._row.number:
            return
        with self._writing() as connection:
            row = runs.renumber(connection, self._scope, self._row, highest + 1)
        self._row, self._scope = row, replace(self._scope, run=row.number)
        self._ledger.scope = self._scope

    def open_obligations(self) -> Iterator[Obligation]:
        """Iterate the episodes in state intent, open or resolving."""
        return standing.open_obligations(self._database, self._scope)

    def known_keys(self, keys: Sequence[str]) -> Mapping[str, Obligation]:
        """Return the obligations with these task keys, in any state."""
        with self._database.reading() as connection:
            return standing.known_keys(connection, self._scope, keys)

    def adopt(
        self, obligations: Sequence[Obligation], violations: Sequence[Violation]
    ) -> None:
        """Take over tasks the store did not know; they stand from the commit on."""
        with self._writing() as connection:
            staging.keep_adopted(connection, self._scope, obligations, violations)

    def live_deals(self) -> set[str]:
        """Return ids of deals with a live violation or an unfinished obligation."""
        with self._database.reading() as connection:
            return standing.live_deals(connection, self._scope)

    def history(self, deal_ids: Sequence[str]) -> Mapping[str, DealHistory]:
        """Return what is known of these deals; absent ids have no history."""
        with self._database.reading() as connection:
            return standing.history(connection, self._scope, deal_ids)

    def stage(self, deals: Sequence[StagedDeal]) -> None:
        """Keep one batch's facts; a deal staged again replaces its first facts."""
        with self._writing() as connection:
            staging.keep_deals(connection, self._scope, deals)

    def new_lines(self) -> Iterator[NewLine]:
        """Iterate the staged new lines, worst severity first, then oldest first."""
        return staging.new_lines(self._database, self._scope)

    def released_on(self, day: date) -> int:
        """Return how many standing violations were released on that day."""
        with self._database.reading() as connection:
            return standing.count_released(connection, self._scope.org, day)

    def release(self, lines: Iterable[NewLine], day: date) -> None:
        """Let these lines into their tasks: sets `released_on`, clears `waiting`."""
        self._mark(lines, {"released_on": day, "waiting": ""})

    def hold_back(self, lines: Iterable[NewLine], reason: str) -> None:
        """Keep these lines out of their tasks: sets `waiting`, takes back a release."""
        self._mark(lines, {"waiting": reason, "released_on": None})

    def files(self) -> Iterator[DealFile]:
        """Iterate the staged dossiers in order of deal id."""
        return standing.files(self._database, self._scope)

    def propose(self, changes: Sequence[Change], undecided: Sequence[str]) -> None:
        """Stage proposed writes, and keys of own tasks that stay as they are."""
        with self._writing() as connection:
            proposals.propose(connection, self._scope, changes, undecided)

    def withhold(self, action: Action, reason: str, *, keep: int) -> None:
        """Withhold the staged first-fill flag changes beyond the first `keep`."""
        with self._writing() as connection:
            proposals.withhold(connection, self._scope, action, reason, keep)

    def quarantined(self) -> Sequence[Quarantine]:
        """Return what is left alone under the rules of this run."""
        with self._database.reading() as connection:
            entries = quarantine.listed(connection, self._scope.org)
        return [each for each in entries if not each.is_outdated(self._row.logics)]

    def withhold_keys(self, reasons: Mapping[str, str]) -> None:
        """Withhold the staged changes with these keys, each for its reason."""
        with self._writing() as connection:
            proposals.withhold_keys(connection, self._scope, reasons)

    def totals(self) -> RunTotals:
        """Count what is staged."""
        with self._database.reading() as connection:
            return totals.totals(connection, self._scope)

    def retired(self) -> Mapping[str, int]:
        """Count the staged resolutions per rule that is not in the pack any more."""
        with self._database.reading() as connection:
            return retirement.retired(connection, self._scope)

    def look_alikes(self) -> Sequence[LookAlike]:
        """Pair each rule that left with rules that begin to fail on the same deals."""
        with self._database.reading() as connection:
            return retirement.look_alikes(connection, self._scope, self._row.as_of)

    def keep(self, rule_ids: Iterable[str]) -> None:
        """Let what stands of these rules stand at the commit: resolve none of it."""
        self._kept = frozenset(rule_ids)

    def commit(self, *, is_partial: bool, with_tracking: bool) -> None:
        """Fold staged states into standing ones in one transaction."""
        scope = self._scope
        with self._writing() as connection:
            if with_tracking:
                folding.fold_violations(
                    connection, scope, self._kept, is_partial=is_partial
                )
                folding.drop_former(connection, scope.org, self._renamed)
                folding.fold_obligations(connection, scope, self._lease.fence)
                self._fold_sightings(connection, is_partial=is_partial)
                quarantine.release_outdated(connection, scope.org, self._row.logics)
            totals.write_verdict_counts(connection, scope)
            runs.note_logics(connection, scope, self._row)
            runs.note_deals(connection, scope)
            spared = archive.read_by_digests(connection, scope.org, self._zone)
            folding.forget_old_runs(connection, scope, spared)
            now = database_now(connection)
            retention.forget(connection, scope.org, now, self._retention)

    def _fold_sightings(self, connection: Connection, *, is_partial: bool) -> None:
        """Keep what a run saw; an applied plan saw nothing of its own."""
        if self._row.kind is not RunKind.RUN:
            return
        sightings.fold_sightings(connection, self._scope)
        if not is_partial:
            sightings.end_look(connection, self._scope, self._row.as_of)

    def adopt_plan(self, plan: RunRow, without: set[str]) -> None:
        """Make a stored plan's staged rows this run's, but for some deals' rows."""
        with self._writing() as connection:
            proposals.adopt_plan(connection, self._scope, plan.number, without)

    def planned(self) -> Iterator[StagedChange]:
        """Iterate the changes that may be written: tasks before flags, worst first."""
        return proposals.planned(self._database, self._scope)

    def intend(
        self, changes: Sequence[StagedChange], aside: Sequence[Quarantine] = ()
    ) -> None:
        """Commit the intent of one chunk, and what is left alone from then on."""
        with self._writing() as connection:
            quarantine.set_aside(connection, self._scope.org, aside)
            self._ledger.intend(connection, changes)
            quarantine.begin_flags(connection, self._scope.org, changes)
        self._aside.update(each.subject for each in aside)

    def record(
        self, changes: Sequence[StagedChange], receipts: Sequence[Receipt]
    ) -> None:
        """Commit the receipts of one chunk, by compare-and-swap on row and fence."""
        with self._writing() as connection:
            self._ledger.record(connection, changes, receipts)
            org, aside = self._scope.org, self._aside
            quarantine.count_receipts(connection, org, changes, receipts, aside)

    def tasks_opened_on(self, day: date) -> Mapping[str, int]:
        """Return person id to tasks created for them on that local day."""
        with self._database.reading() as connection:
            return standing.tasks_opened_on(connection, self._scope.org, day)

    def keep_lease(self) -> None:
        """Renew the lease where it is due; raises `StoppedError` when it was lost."""
        with self._writing():
            pass

    def is_stopped(self) -> bool:
        """Whether a person set the stop row (`gatekeeper stop`)."""
        with self._database.reading() as connection:
            return stop.is_set(connection, self._scope.org)

    def finish(self, status: RunStatus, report: Mapping[str, object]) -> RunRow:
        """Store the report and append the audit row; the lease goes with the run."""
        with self._writing() as connection:
            # One that failed tells what it read.
            runs.note_deals(connection, self._scope)
            row = runs.end_row(connection, self._scope, status, report)
            entry: audit.Facts = {
                "event": "run_finished",
                "run": row.number,
                "kind": row.kind.value,
                "status": row.status.value,
                "deals": row.deals,
                "pack": row.pack,
            }
            audit.append(connection, self._scope.org, [entry])
            self._lease.release(connection)
            rows, head = audit.head_of(connection, self._scope.org)
        self._row, self.is_finished = row, True
        log.info("audit_head", org=self._scope.org, rows=rows, head=head)
        return row

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Open a transaction that commits only under the current fence."""
        with self._database.writing() as connection:
            self._lease.check(connection)
            yield connection
            self._lease.renew(connection)  # a commit may outlast its life

    def _mark(
        self, lines: Iterable[NewLine], marks: Mapping[str, str | date | None]
    ) -> None:
        chosen = list(lines)  # they may still be read from this very database
        with self._writing() as connection:
            staging.mark_lines(connection, self._scope, chosen, marks)
