"""A store in memory, as strict as the real one; passes the store's contract suites.

Each method is one transaction: it checks first and changes afterwards, so that one
that raises has changed nothing.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatekeeper.core.notices import Notice, NoticeKind, written
from gatekeeper.core.renames import remembering
from gatekeeper.errors import (
    DeferredError,
    GatekeeperError,
    LeaseHeldError,
    SetupError,
    StopError,
    StoppedError,
)
from gatekeeper.ports import (
    ENDED,
    MAY_STAND,
    WITHOUT_END,
    RunKind,
    RunOutcomes,
    RunRow,
    RunStatus,
)
from gatekeeper.store.audit import AuditCheck
from gatekeeper.store.lease import LIFE, runs_on
from gatekeeper.store.rows import urgency_of
from tests.simulation.core.run import DictRun, history_of, writing_order
from tests.simulation.core.tables import LeaseRow, Staged, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.model import Sighted, Violation
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.quarantine import Quarantine
    from gatekeeper.ports import DealHistory, StagedChange

_CUT_SHORT = (RunStatus.DEFERRED, RunStatus.STOPPED)
_LEFT: Mapping[type[StopError], RunStatus] = {
    DeferredError: RunStatus.DEFERRED,
    StoppedError: RunStatus.STOPPED,
}


def _by_the_machine() -> datetime:
    return datetime.now(UTC)


@dataclass
class DictStore:
    """Implements `ports.Store` over `Tables`.

    Attributes:
        now: The clock of the database.
        holder: Who opens runs through this store, as the lease names them.
    """

    tables: Tables = field(default_factory=Tables)
    now: Callable[[], datetime] = _by_the_machine
    holder: str = "here (process 1)"

    @contextmanager
    def open_run(
        self, org: str, kind: RunKind, as_of: datetime, pack: RulePack
    ) -> Iterator[DictRun]:
        run = self._opened(org, kind, as_of, pack)
        try:
            yield run
        except StopError as stop:
            _leave(run, _LEFT.get(type(stop), RunStatus.FAILED), str(stop))
            raise
        finally:
            _leave(run, RunStatus.FAILED)

    def _opened(
        self, org: str, kind: RunKind, as_of: datetime, pack: RulePack
    ) -> DictRun:
        tables, now = self.tables, self.now()
        self._check_org(org)
        lease = tables.lease
        if lease is not None and lease.holder and runs_on(lease.expires_at, now):
            raise LeaseHeldError(
                f"Another run of {org} is under way: {lease.holder} has held the lease"
                f" for {(now - lease.granted_at).seconds} s."
            )
        fence = lease.fence + 1 if lease else 1
        tables.org = org
        tables.lease = LeaseRow(fence, self.holder, now, now, now + LIFE)
        for number, row in tables.runs.items():
            if row.status is RunStatus.RUNNING:
                ended = replace(row, status=RunStatus.FAILED, finished_at=now)
                tables.runs[number] = ended
        number = max(tables.runs, default=0) + 1
        tables.runs[number] = RunRow(
            id=f"r-{now:%Y%m%d}-{number:04d}",
            number=number,
            kind=kind,
            status=RunStatus.RUNNING,
            as_of=as_of.astimezone(UTC),
            started_at=now,
            finished_at=None,
            deals=0,
            pack=pack.fingerprint,
            logics={rule.id: rule.logic for rule in pack.rules},
            revision=pack.revision,
        )
        tables.staged[number], tables.changes[number] = Staged(), {}
        return DictRun(tables, self.now, org, fence, number, pack)

    def _check_org(self, org: str) -> None:
        if self.tables.org not in (None, org):
            raise SetupError(
                f"The database belongs to {self.tables.org}, but the CRM is {org}."
            )

    # ---- what stands ----

    def runs(self, org: str | None = None, limit: int = 20) -> Sequence[RunRow]:
        if org not in (None, self.tables.org):
            return []
        rows = self.tables.runs
        return [rows[number] for number in sorted(rows, reverse=True)[:limit]]

    def ended_runs(self, org: str, limit: int) -> Sequence[RunRow]:
        rows = self.runs(org, len(self.tables.runs))
        found = (each for each in rows if each.kind is RunKind.RUN)
        return [each for each in found if each.status in ENDED][:limit]

    def run(self, run_id: str) -> RunRow | None:
        rows = self.runs(limit=len(self.tables.runs))
        if run_id == "latest":
            return rows[0] if rows else None
        named = [
            [row for row in rows if row.id == run_id],
            [row for row in rows if str(row.number) == run_id],
            [row for row in rows if run_id and row.id.startswith(run_id)],
        ]
        return next((found[0] for found in named if len(found) == 1), None)

    def changes(self, run_id: str) -> Iterator[StagedChange]:
        row = self.run(run_id)
        number = row.number if row else -1
        yield from sorted(
            self.tables.changes.get(number, {}).values(),
            key=writing_order(self.tables, number),
        )

    def written_before(
        self, org: str, keys: Sequence[str], number: int
    ) -> Mapping[str, Sequence[StagedChange]]:
        found: dict[str, list[StagedChange]] = {}
        for run in sorted(self.tables.changes, reverse=True):
            for each in self.tables.changes[run].values() if run < number else ():
                if each.change.key in keys and each.status in MAY_STAND:
                    found.setdefault(each.change.key, []).append(each)
        return found

    def written_since(self, org: str, keys: Sequence[str], number: int) -> set[str]:
        return {
            each.change.key
            for run, changes in self.tables.changes.items()
            for each in changes.values()
            if org == self.tables.org
            if run > number and each.change.key in keys and each.status in MAY_STAND
        }

    def moved_since(self, org: str, plan: int) -> set[str]:
        staged = self.tables.staged.get(plan, Staged()).violations
        return {
            place[0]
            for place, standing in self.tables.violations.items()
            if org == self.tables.org and standing.run > plan
            if staged.get(place) != standing.violation
        }

    def quarantined(self, org: str) -> Sequence[Quarantine]:
        return [each for each in self.tables.quarantine.values() if each.is_set]

    def release(self, org: str, name: str) -> Sequence[str]:
        free = [
            each.subject
            for each in self.quarantined(org)
            if name in (each.subject, each.deal_id)
        ]
        self.tables.release(free)
        return free

    def violations(
        self, org: str, states: Sequence[str] = (), run_id: str | None = None
    ) -> Iterator[Violation]:
        if org != self.tables.org:
            return
        if run_id is None:
            found = [each.violation for each in self.tables.violations.values()]
        else:
            row = self.run(run_id)
            staged = self.tables.staged.get(row.number if row else -1, Staged())
            found = list(staged.violations.values())
        found.sort(
            key=lambda each: (
                urgency_of(each.severity),
                each.first_seen,
                each.deal_id,
                each.rule_id,
                each.pipeline,
            )
        )
        yield from (each for each in found if not states or each.state.value in states)

    def history(self, org: str, deal_ids: Sequence[str]) -> Mapping[str, DealHistory]:
        return history_of(self.tables, Staged(), deal_ids)

    def seen_logics(self, org: str) -> set[tuple[str, str]]:
        return set(self.tables.seen) if org == self.tables.org else set()

    def looked_at(self, org: str) -> datetime | None:
        return self.tables.looked_at

    def judged_since(self, org: str) -> datetime | None:
        if org != self.tables.org:
            return None
        told = [
            row.as_of
            for row in self.tables.runs.values()
            if row.kind is RunKind.RUN
            and (
                self.tables.outcomes.get(row.number)
                if row.status in WITHOUT_END
                else row.report.get("counts")
            )
        ]
        return min(told, default=None)

    def sightings(
        self, org: str, deal_ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, Sighted]]:
        known = self.tables.sightings
        return {each: dict(known[each]) for each in deal_ids if each in known}

    def outcomes(self, org: str, since: datetime) -> Sequence[RunOutcomes]:
        tables = self.tables
        found: list[RunOutcomes] = []
        if org != tables.org:
            return ()
        for row in sorted(
            tables.runs.values(), key=lambda row: (row.as_of, row.number)
        ):
            is_told = row.kind in (RunKind.RUN, RunKind.PLAN) and row.as_of >= since
            counts = tables.outcomes.get(row.number, {})
            if not is_told or row.status in WITHOUT_END:
                continue
            if counts or row.status not in _CUT_SHORT:
                found.append(RunOutcomes(row.as_of, row.logics, counts))
        return tuple(found)

    def save_schema(self, org: str, schema: CrmSchema) -> CrmSchema:
        self._check_org(org)
        before = self.tables.schemas.get(org)
        kept = remembering(schema, before) if before else schema
        self.tables.schemas[org] = kept
        return kept

    def saved_schema(self, org: str | None) -> CrmSchema | None:
        kept = self.tables.schemas
        if org is not None:
            return kept.get(org)
        return max(kept.values(), key=lambda each: each.read_at, default=None)

    def set_stop(self, org: str, *, stopped: bool) -> None:
        (self.tables.stops.add if stopped else self.tables.stops.discard)(org)

    def verify_audit(self, org: str) -> AuditCheck:
        rows = len(self.tables.audit) if org == self.tables.org else 0
        return AuditCheck(rows, head="", damaged_at=None)

    def close(self) -> None:
        return


def _leave(run: DictRun, status: RunStatus, why: str = "") -> None:
    if run.is_finished:
        return
    with suppress(GatekeeperError):
        said = written([Notice(NoticeKind.STOPPED, "", why)])
        run.finish(status, said if why else {})
